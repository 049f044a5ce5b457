"""Against an SMTP sink that others wrote, which keeps the exact octets of the wire."""

import json
import math
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest
from shared_files import shared

from mailhold.delivery import smarthost
from mailhold.delivery.outcome import Result
from mailhold.delivery.smarthost import deliver

KEN = "ken@customer.example"


@pytest.fixture
def sink(settings, tmp_path):
    """Starts the sink with options and faults, makes it the smarthost, and gives the folder of what arrived."""
    program = shared("tools/sink.py")
    running = []

    def start(*options, faults=(), query="tls=off", login=""):
        (tmp_path / "faults.json").write_text(json.dumps(list(faults)))
        with closing(socket.create_server(("127.0.0.1", 0))) as probe:
            port = probe.getsockname()[1]
        folder = tmp_path / "sink"
        command = [sys.executable, str(program), "--port", str(port), "--dir", str(folder)]
        command += ["--faults", str(tmp_path / "faults.json"), "--max-seconds", "120", *options]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert "sink on" in running[0].stdout.readline()
        settings.SMARTHOST = f"smtp://{login}127.0.0.1:{port}?{query}"
        return folder

    yield start
    smarthost.close_kept()
    for process in running:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def arrived(folder):
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_every_sample_mail_arrives_byte_for_byte(sink, outgoing):
    folder = sink()
    samples = [
        path for path in sorted(shared("samples/mime").rglob("*.eml")) if path.stat().st_size < 5_000_000
    ]
    sent = []
    for sample in samples:
        content = sample.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        content = content if content.endswith(b"\r\n") else content + b"\r\n"
        outcome = deliver(outgoing(KEN, content=content, eightbit=not content.isascii()))[KEN]
        assert outcome.result is Result.DELIVERED
        sent.append(content)
    assert [path.read_bytes() for path in sorted(folder.glob("*.eml"))] == sent
    assert all(record["bare_lf"] == record["bare_cr"] == 0 for record in arrived(folder))
    assert len({record["peer"] for record in arrived(folder)}) == math.ceil(
        len(sent) / smarthost.KEEP_MESSAGES
    )


def test_a_drop_after_the_dot_is_in_doubt_and_not_sent_again(sink, outgoing):
    folder = sink(faults=[{"stage": "eod_drop", "count": 1}])
    assert deliver(outgoing(KEN))[KEN].result is Result.UNKNOWN
    assert len(arrived(folder)) == 1


def test_a_drop_within_the_content_is_deferred(sink, outgoing):
    folder = sink(faults=[{"stage": "data_drop", "count": 1}])
    content = b"Subject: x\r\n\r\n" + b"y" * 70 + b"\r\n"
    assert deliver(outgoing(KEN, content=content), lambda: time.sleep(0.3))[KEN].result is Result.DEFERRED
    assert arrived(folder) == []


def test_user_and_tls(sink, outgoing):
    folder = sink("--tls", "--auth", query="tls=opportunistic", login="mailhold:secret@")
    assert deliver(outgoing(KEN))[KEN].result is Result.DELIVERED
    assert (arrived(folder)[0]["tls"], arrived(folder)[0]["auth"]) == (True, "mailhold")
