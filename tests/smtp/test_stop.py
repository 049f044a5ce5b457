import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

MESSAGE = b"\r\nx\r\n.\r\n"
ROOT = Path(__file__).resolve().parents[2]

# The real entry point, with an `accept` that is slow and notes what it has committed.
PROCESS = """
import sys, time
from pathlib import Path
import django
django.setup()
from mailhold.gateway.server import run_gateway

folder = Path(sys.argv[1])

def accept(batch):
    time.sleep(0.5)
    with (folder / "committed").open("a") as file:
        file.writelines(f"{message.id}\\n" for message in batch)

def heartbeat():
    (folder / "heartbeat").touch()

run_gateway(accept, binds=[f"127.0.0.1:{sys.argv[2]}"], heartbeat=heartbeat)
(folder / "returned").touch()
"""


def test_idle_client_is_told_when_the_gateway_stops(gateway):
    client = gateway.session()
    gateway.ask_to_stop()
    assert client.reply().startswith("421 4.3.2")
    assert client.is_closed()


def test_no_new_connection_is_taken_while_stopping(start):
    may_return = threading.Event()
    gateway = start(accept=lambda batch: may_return.wait(10))
    client = gateway.session().begin()
    client.expect("354", "DATA")
    client.send(MESSAGE)
    time.sleep(0.1)
    gateway.ask_to_stop()
    time.sleep(0.2)

    with pytest.raises(ConnectionError):
        gateway.connect()
    may_return.set()
    assert client.reply().startswith("250")


def test_message_under_way_is_finished_before_the_goodbye(gateway):
    client = gateway.session().begin()
    client.expect("354", "DATA")
    gateway.ask_to_stop()
    time.sleep(0.1)
    client.send(MESSAGE)

    assert client.reply().startswith("250")
    assert client.reply().startswith("421 4.3.2")
    assert client.is_closed()
    assert len(gateway.accepted) == 1


def test_stopping_does_not_wait_for_ever(start):
    gateway = start(grace_seconds=0.3)
    client = gateway.session().begin()
    client.expect("354", "DATA")
    gateway.ask_to_stop()

    gateway.thread.join(5)
    assert not gateway.thread.is_alive()
    assert gateway.accepted == []


@pytest.fixture
def process(tmp_path):
    """Start gateways in processes of their own, which share one port."""
    processes = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "mailhold.settings",
        "MAILHOLD_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(ROOT),
    }

    def start():
        processes.append(
            subprocess.Popen([sys.executable, "-c", PROCESS, str(tmp_path), str(port)], env=environment)
        )
        return processes[-1]

    start.port = port
    yield start
    for running in processes:
        running.kill()
        running.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_messages_are_committed_loses_none(process, connect_to, tmp_path, number):
    running = process()
    clients = [connect_to(process.port).hello().begin() for _ in range(5)]
    for client in clients:
        client.expect("354", "DATA")
    for client in clients:
        client.send(MESSAGE)
    time.sleep(0.2)
    running.send_signal(number)
    replies = [client.reply() for client in clients]

    assert all(reply.startswith("250 2.0.0 accepted as ") for reply in replies), replies
    assert all(client.reply().startswith("421 4.3.2") for client in clients)
    assert running.wait(10) == 0
    committed = (tmp_path / "committed").read_text().split()
    assert sorted(committed) == sorted(reply.split()[-1] for reply in replies)
    assert (tmp_path / "returned").exists()
    assert (tmp_path / "heartbeat").exists()


def test_processes_share_a_port(process, connect_to):
    first, second = process(), process()
    _both_listen(process.port)
    for _ in range(10):
        connect_to(process.port).expect("221", "QUIT")
    # One goes, and the other serves on.
    first.terminate()
    assert first.wait(20) == 0
    assert connect_to(process.port).hello().begin().data(MESSAGE).startswith("250")
    second.terminate()
    assert second.wait(20) == 0


def _both_listen(port):
    end = time.monotonic() + 20
    while _listening_sockets(port) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)


def _listening_sockets(port):
    # The fourth word is the state; 0A is LISTEN.
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1].endswith(f":{port:04X}") and line[3] == "0A" for line in lines)
