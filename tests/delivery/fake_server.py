"""A small SMTP server in a thread whose every reply can be scripted.

`replies` maps a step to what is answered there, one entry a use, the default afterwards. Steps: "connect", "ehlo",
"helo", "starttls", "auth", "mail", "rcpt", "data", "dot", "rset", "quit". An entry is a reply line without its line
end, bytes sent as they are, DROP (close at once), or STALL (say nothing until the client leaves).
"""

import base64
import contextlib
import re
import socket
import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass, field

DROP = object()
STALL = object()
EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "SIZE 104857600")


class _Gone(Exception):
    pass


@dataclass
class Received:
    mail: str
    rcpts: list
    wire: bytes
    tls: bool
    auth: str | None
    session: int

    @property
    def content(self):
        """The content without its dots, taken apart line by line as RFC 5321 4.5.2 says."""
        lines = self.wire.removesuffix(b".\r\n").split(b"\r\n")
        return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@dataclass
class FakeServer:
    extensions: tuple = EXTENSIONS
    replies: dict = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    implicit_tls: bool = False
    auth: str = ""
    password: str = "s3cret"
    rcpt_limit: int = 10_000
    lenient_data: bool = False  # answers DATA with 354 even when no recipient was accepted
    reads_content: bool = True
    host: str = "127.0.0.1"

    def __post_init__(self):
        self.sessions = 0
        self.log = []  # (session, command line)
        self.writes = []  # how many commands came in one piece
        self.received = []
        self.unfinished = []  # content that never got its dot
        self.script = defaultdict(list, {step: list(entries) for step, entries in self.replies.items()})
        self.stopped = threading.Event()
        self.open = set()
        self.threads = []
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server((self.host, 0))
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        # Waking the thread in accept() takes a shutdown: closing alone leaves it there.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(5)
        for sock in list(self.open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()

    def url(self, query="tls=off", login=""):
        scheme = "smtps" if self.implicit_tls else "smtp"
        return f"{scheme}://{login}localhost:{self.port}" + (f"?{query}" if query else "")

    def drop_all(self):
        """Close every connection, as a server does that restarts."""
        for sock in list(self.open):
            sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(5)

    def commands(self, verb):
        return [line for _, line in self.log if line.upper().startswith(verb)]

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.sessions += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.sessions), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, sock, number):
        self.open.add(sock)
        session = _Session(self, sock, number)
        try:
            session.run()
        except (_Gone, OSError):
            pass
        finally:
            self.open.discard(session.sock)
            session.sock.close()

    def _secure(self, sock):
        self.open.discard(sock)
        sock = self.context.wrap_socket(sock, server_side=True)
        self.open.add(sock)
        return sock


class _Session:
    def __init__(self, server, sock, number):
        self.server, self.sock, self.number = server, sock, number
        self.buffer = b""
        self.tls = False
        self.user = None
        self._reset()

    def _reset(self):
        self.mail, self.rcpts = None, []

    def secure(self):
        self.sock = self.server._secure(self.sock)
        self.tls = True

    def run(self):
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.implicit_tls:
            self.secure()
        self.answer("connect", "220 fake ESMTP")
        while True:
            line = self.line()
            self.server.log.append((self.number, line))
            verb = re.split(r"[ :]", line.upper())[0]
            getattr(self, f"do_{verb.lower()}", self.unknown)(line)

    def do_ehlo(self, line):
        words = list(self.server.extensions)
        if self.server.context and not self.tls:
            words.append("STARTTLS")
        if self.server.auth:
            words.append(f"AUTH {self.server.auth}")
        lines = ["fake", *words]
        self.answer(
            "ehlo",
            "\r\n".join(f"250{'-' if at < len(lines) - 1 else ' '}{word}" for at, word in enumerate(lines)),
        )

    def do_helo(self, line):
        self.answer("helo", "250 fake")

    def do_starttls(self, line):
        if self.answer("starttls", "220 2.0.0 go").startswith("220"):
            self.secure()

    def do_auth(self, line):
        words = line.split()
        if words[1].upper() == "PLAIN":
            _, user, password = base64.b64decode(words[2]).decode().split("\0")
        else:
            self.send("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.send("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        right = password == self.server.password
        self.user = user if right else None
        self.answer("auth", "235 2.7.0 ok" if right else "535 5.7.8 wrong user or password")

    def do_mail(self, line):
        if self.mail is not None:
            self.send("503 5.5.1 nested MAIL")
        elif self.answer("mail", "250 2.1.0 ok").startswith("2"):
            self.mail, self.rcpts = line, []

    def do_rcpt(self, line):
        if self.mail is None:
            self.send("503 5.5.1 MAIL first")
        elif len(self.rcpts) >= self.server.rcpt_limit:
            self.send("452 4.5.3 too many recipients")
        elif self.answer("rcpt", "250 2.1.5 ok").startswith("2"):
            self.rcpts.append(line)

    def do_data(self, line):
        if not self.rcpts and not self.server.lenient_data:
            self.send("503 5.5.1 no valid recipients")
            return
        if not self.answer("data", "354 go").startswith("354"):
            return
        wire = self.content()
        if not self.rcpts:
            self._reset()
            self.send("554 5.5.1 no valid recipients")
            return
        self.server.received.append(Received(self.mail, self.rcpts, wire, self.tls, self.user, self.number))
        self._reset()
        self.answer("dot", "250 2.0.0 stored")

    def do_rset(self, line):
        self._reset()
        self.answer("rset", "250 2.0.0 ok")

    def do_quit(self, line):
        self.answer("quit", "221 2.0.0 bye")
        raise _Gone

    def unknown(self, line):
        self.send("500 5.5.2 unknown")

    def answer(self, step, default):
        entries = self.server.script[step]
        entry = entries.pop(0) if entries else default
        if entry is DROP:
            raise _Gone
        if entry is STALL:
            while self.sock.recv(65536):
                pass
            raise _Gone
        self.send(entry)
        return entry if isinstance(entry, str) else entry.decode("latin-1")

    def send(self, entry):
        self.sock.sendall(entry if isinstance(entry, bytes) else entry.encode() + b"\r\n")

    def line(self):
        while b"\r\n" not in self.buffer:
            self.receive()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode()

    def content(self):
        """Read to the dot; the very start counts as the start of a line."""
        if not self.server.reads_content:
            self.server.stopped.wait(30)
        while True:
            if self.buffer.startswith(b".\r\n"):
                end = 3
            else:
                at = self.buffer.find(b"\r\n.\r\n")
                end = at + 5 if at >= 0 else 0
            if end:
                wire, self.buffer = self.buffer[:end], self.buffer[end:]
                return wire
            try:
                self.receive()
            except (_Gone, OSError):
                self.server.unfinished.append(self.buffer)
                raise

    def receive(self):
        octets = self.sock.recv(1 << 20)
        if not octets:
            raise _Gone
        self.server.writes.append(octets.count(b"\r\n"))
        self.buffer += octets
