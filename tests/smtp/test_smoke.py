import json
import re
import subprocess
import sys

import pytest
from shared_files import shared

# One account, as the tool knows it.
ADDRESS, PASSWORD = "alice@example.test", "alice-password"


@pytest.fixture
def sink(tmp_path):
    """Write what is accepted as a next hop would, had it been delivered at once."""

    def accept(batch):
        for message in batch:
            content = message.trace_header.encode() + message.content
            facts = {
                "rcpts": [path.address for path in message.forward_paths],
                "bare_lf": len(re.findall(rb"(?<!\r)\n", content)),
                "bare_cr": len(re.findall(rb"\r(?!\n)", content)),
            }
            (folder / f"{message.id}.wire").write_bytes(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
            (folder / f"{message.id}.eml").write_bytes(content)
            (folder / f"{message.id}.json").write_text(json.dumps(facts))

    folder = tmp_path / "sink"
    folder.mkdir()
    accept.folder = folder
    return accept


@pytest.mark.parametrize(
    ("tls", "skipped"), [("starttls", set()), ("implicit", {"T01", "T05", "T06", "T09"})]
)
def test_smoke_cases_pass(start, server_context, sink, tmp_path, tls, skipped):
    tool = shared("tools/smtp_smoke.py")
    binds = ("127.0.0.1:0", "127.0.0.1:0+tls")
    gateway = start(accept=sink, tls=server_context, trusted_networks=(), binds=binds)
    report = tmp_path / "report.json"

    command = [
        sys.executable,
        tool,
        "--port",
        gateway.ports[tls == "implicit"],
        "--tls",
        tls,
        "--json",
        report,
    ]
    command += ["--user", ADDRESS, "--password", PASSWORD, "--sender", ADDRESS, "--other", "bob@example.test"]
    command += ["--rcpt", "bob@example.com", "--sink-dir", sink.folder, "--wait", "2"]
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)

    results = json.loads(report.read_text())
    failed = [(case["id"], case["note"]) for case in results if case["status"] not in {"PASS", "SKIP"}]
    assert (finished.returncode, failed) == (0, [])
    assert {case["id"] for case in results if case["status"] == "SKIP"} == skipped
