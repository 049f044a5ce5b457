"""Sending load with Postfix's smtp-source."""

import os
import subprocess
import time
from dataclasses import dataclass

SMTP_SOURCE = "/usr/sbin/smtp-source"
# Outside of mailhold's own domain: to such senders it sends no notices, which Postfix knows nothing of either.
SENDER = "bench@sender.example.net"
RECIPIENT = "somebody@recipient.example.org"
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Cell:
    """A kind of load: size of a message in bytes, connections at once, and whether each carries one message or many."""

    name: str
    size: int
    connections: int
    many: bool
    messages: int


CELLS = (
    Cell("4 KiB, 10 connections, many messages each", 4096, 10, many=True, messages=3000),
    Cell("4 KiB, 10 connections, one message each", 4096, 10, many=False, messages=2000),
    Cell("100 KiB, 10 connections, many messages each", 102400, 10, many=True, messages=1000),
)


def available() -> bool:
    return os.access(SMTP_SOURCE, os.X_OK)


def send(port: int, cell: Cell, messages: int | None = None) -> float:
    """Send the messages of a cell; return the seconds that it took. Raise where one was refused."""
    count = messages or cell.messages
    command = [SMTP_SOURCE, "-4", "-s", str(cell.connections), "-m", str(count), "-l", str(cell.size)]
    command += [
        "-f",
        SENDER,
        "-t",
        RECIPIENT,
        "-C",
        "5",
        *(["-d"] if cell.many else []),
        f"inet:127.0.0.1:{port}",
    ]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    seconds = time.perf_counter() - begun
    if done.returncode or done.stderr.strip():
        raise RuntimeError(f"smtp-source failed: {done.stderr.strip()[:300]}")
    return seconds
