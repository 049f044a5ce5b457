r"""Asking clamd, the daemon of ClamAV, about the bytes of a message, by its command INSTREAM.

zINSTREAM\0 {length, 4 bytes, big-endian}{bytes} ... {0, 4 bytes}   ->   stream: OK\0  or  stream: NAME FOUND\0
"""

import socket
from collections.abc import Iterator
from time import monotonic

_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096
_PREFIX = "stream: "
_FOUND = " FOUND"
# What it “finds” in a file that is beyond its bounds, where its settings say so (AlertExceedsMax): it has not looked.
_NOT_LOOKED = "Heuristics.Limits.Exceeded"


class NotChecked(Exception):
    """There is no answer about the message: it was not checked, which is not the same as clean."""


def scan(content: bytes, address: str, timeout: float) -> str:
    """Return the name of what clamd finds in `content`, "" where it finds nothing.

    `address` is the path of a Unix socket, or host:port; `timeout` is in seconds, for the whole of it. Raise NotChecked
    where the address is empty, nobody answers in time, or the answer is no verdict (such as: the stream is too long).
    """
    if not address:
        raise NotChecked("No virus scanner is configured.")
    try:
        reply = _ask(content, address, monotonic() + timeout)
    except (OSError, ValueError) as error:
        raise NotChecked(f"The virus scanner at {address} gave no answer: {error}.") from error
    if reply == f"{_PREFIX}OK":
        return ""
    if reply.startswith(_PREFIX) and reply.endswith(_FOUND) and _NOT_LOOKED not in reply:
        return reply.removeprefix(_PREFIX).removesuffix(_FOUND).strip() or "?"
    raise NotChecked(f"The virus scanner at {address} answered {reply!r}.")


def _ask(content: bytes, address: str, deadline: float) -> str:
    with _connect(address, deadline) as connection:
        for part in _stream(content):
            connection.settimeout(_left(deadline))
            try:
                connection.sendall(part)
            except BrokenPipeError:
                # It stops listening where the stream is longer than it takes, and says so.
                break
        return _read(connection, deadline)


def _stream(content: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    for start in range(0, len(content), _CHUNK):
        chunk = content[start : start + _CHUNK]
        yield len(chunk).to_bytes(4, "big") + chunk
    yield bytes(4)


def _connect(address: str, deadline: float) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_left(deadline))
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), _left(deadline))


def _read(connection: socket.socket, deadline: float) -> str:
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _LONGEST_REPLY:
        connection.settimeout(_left(deadline))
        part = connection.recv(_LONGEST_REPLY)
        if not part:
            break
        reply += part
    return reply.rstrip(b"\0\n").decode("utf-8", "replace")


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
