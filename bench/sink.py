"""A next hop that takes everything at once, and notes what came when."""

import asyncio
import re
import threading
import time
from dataclasses import dataclass
from typing import Self

_EHLO = b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 104857600\r\n"
_END = b"\r\n.\r\n"
_HOLD_ID = re.compile(rb"(?im)^X-Mailhold-Id: (\S+)")
_MESSAGE_ID = re.compile(rb"(?im)^Message-ID: <([^>\r\n]*)>")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message: what it calls itself, which hold it left, and when its final dot came (Unix seconds)."""

    message_id: str
    hold_id: str
    at: float


class Sink:
    """`with Sink() as sink` listens on a port of its own, in a thread of its own."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Session(self), "127.0.0.1", 0, backlog=512)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()

    def wait_for(self, count: int, seconds: float) -> bool:
        """Return as soon as `count` messages came, or after `seconds`; say which."""
        deadline = time.monotonic() + seconds
        while len(self.arrivals) < count:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def take(self, content: bytes) -> None:
        """Note one message."""
        at = time.time()
        head = content[: content.find(b"\r\n\r\n") + 2]
        hold, message = _HOLD_ID.search(head), _MESSAGE_ID.search(head)
        self.arrivals.append(
            Arrival(message[1].decode() if message else "", hold[1].decode() if hold else "", at)
        )


class _Session(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        transport.write(b"220 sink.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        replies = b""
        while (reply := self._next()) is not None:
            replies += reply
        if replies:
            self._transport.write(replies)

    def _next(self) -> bytes | None:
        """Return the reply to what comes next in the buffer, None where it is not complete."""
        if self._in_data:
            return self._data()
        line, newline, rest = self._buffer.partition(b"\n")
        if not newline:
            return None
        self._buffer = rest
        return self._command(bytes(line[:4]).upper().rstrip())

    def _data(self) -> bytes | None:
        end = self._buffer.find(_END)
        if end < 0:
            return None
        self._sink.take(bytes(self._buffer[:end]))
        del self._buffer[: end + len(_END)]
        self._in_data = False
        return b"250 2.0.0 taken\r\n"

    def _command(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return _EHLO
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self._transport.write(b"221 2.0.0 bye\r\n")
            self._transport.close()
            return b""
        return b"250 2.0.0 ok\r\n"
