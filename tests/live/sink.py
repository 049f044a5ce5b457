"""A next hop for tests: takes mail by SMTP, keeps envelope and bytes as they came, and misbehaves when it is told to."""

import socketserver
import threading
import time
from dataclasses import dataclass, field

_EHLO = (
    b"250-sink.test",
    b"250-PIPELINING",
    b"250-8BITMIME",
    b"250-SMTPUTF8",
    b"250-DSN",
    b"250 SIZE 104857600",
)


@dataclass(frozen=True)
class Received:
    """One mail: the arguments of MAIL and RCPT between the angle brackets, and the bytes without dot stuffing."""

    reverse_path: str
    forward_paths: tuple[str, ...]
    content: bytes
    at: float


@dataclass
class Behaviour:
    """What the sink does with the next mails; may be changed at any time."""

    delay_seconds: float = 0.0
    # Replies to RCPT by address, such as {"gone@example.net": b"550 5.1.1 no such user"}.
    recipient_replies: dict[str, bytes] = field(default_factory=dict)
    # So many of the next mails get this reply after the final dot, and are not kept.
    refuse: int = 0
    refusal: bytes = b"451 4.3.0 try again"
    # So many of the next mails are kept, and then the connection ends without a reply.
    drop: int = 0


class Sink:
    """The running server; `with Sink() as sink` stops it at the end."""

    def __init__(self):
        self.received: list[Received] = []
        self.behaviour = Behaviour()
        self.connections = 0
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.sink = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for(self, count, seconds=30.0):
        """Return what came, as soon as that is `count` mails, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.received) >= count, seconds)
            return list(self.received)

    def take(self, mail):
        """Decide on a mail: return the reply, or None to end the connection without one."""
        time.sleep(self.behaviour.delay_seconds)
        with self._changed:
            if self.behaviour.refuse:
                self.behaviour.refuse -= 1
                return self.behaviour.refusal
            self.received.append(mail)
            self._changed.notify_all()
            if self.behaviour.drop:
                self.behaviour.drop -= 1
                return None
            return b"250 2.0.0 taken"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sink: Sink

    def handle_error(self, request, client_address):
        """Say nothing when a client went away: tests kill clients."""


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.sink = self.server.sink
        self.sink.connections += 1
        self.reverse_path, self.forward_paths = "", []
        self.reply(b"220 sink.test ESMTP")
        while line := self.rfile.readline(4096):
            verb = line.strip().split(b" ")[0].split(b":")[0].upper()
            if self.command(verb, line.strip()) == "end":
                return

    def reply(self, *lines):
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))

    def command(self, verb, line):
        match verb:
            case b"EHLO":
                self.reply(*_EHLO)
            case b"HELO" | b"NOOP":
                self.reply(b"250 ok")
            case b"RSET":
                self.forward_paths = []
                self.reply(b"250 ok")
            case b"MAIL":
                self.reverse_path, self.forward_paths = _path(line), []
                self.reply(b"250 2.1.0 ok")
            case b"RCPT":
                self.recipient(_path(line))
            case b"DATA":
                return self.data()
            case b"QUIT":
                self.reply(b"221 2.0.0 bye")
                return "end"
            case _:
                self.reply(b"502 5.5.2 not known")
        return None

    def recipient(self, address):
        answer = self.sink.behaviour.recipient_replies.get(address, b"250 2.1.5 ok")
        if answer.startswith(b"2"):
            self.forward_paths.append(address)
        self.reply(answer)

    def data(self):
        if not self.forward_paths:
            self.reply(b"554 5.5.1 no valid recipients")
            return None
        self.reply(b"354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return "end"
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = Received(self.reverse_path, tuple(self.forward_paths), b"".join(lines), time.time())
        self.forward_paths = []
        answer = self.sink.take(mail)
        if answer is None:
            return "end"
        self.reply(answer)
        return None


def _path(line):
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "surrogateescape")
