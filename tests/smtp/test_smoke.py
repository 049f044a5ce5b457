import json
import subprocess
import sys

import pytest
from shared_files import shared

# One account, as the tool knows it.
ADDRESS, PASSWORD = "alice@example.test", "alice-password"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_smoke_cases_of_the_way_in_pass(start, server_context, tmp_path, tls):
    tool = shared("tools/smtp_smoke.py")
    gateway = start(
        tls=server_context, trusted_networks=(), binds=("127.0.0.1:0", "127.0.0.1:0+tls"), max_connections=50
    )
    port = gateway.ports[tls == "implicit"]
    report = tmp_path / "report.json"

    command = [sys.executable, tool, "--port", port, "--tls", tls, "--user", ADDRESS, "--password", PASSWORD]
    command += [
        "--sender",
        ADDRESS,
        "--other",
        "bob@example.test",
        "--rcpt",
        "bob@example.com",
        "--json",
        report,
    ]
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)

    results = json.loads(report.read_text())
    failed = [(case["id"], case["note"]) for case in results if case["status"] not in {"PASS", "SKIP"}]
    assert (finished.returncode, failed) == (0, [])
    assert sum(case["status"] == "PASS" for case in results) >= (26 if tls == "starttls" else 22)
