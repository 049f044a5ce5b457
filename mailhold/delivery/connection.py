"""One connection to the next hop, from the greeting to QUIT.

A small client of our own and not smtplib: pipelining needs several replies outstanding, the final dot must go out
apart from the content, a reply needs one deadline however slowly its octets drip, and each of these would have to
reach around smtplib's methods into its internals.
"""

import os
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from mailhold.delivery.exceptions import SessionEnded
from mailhold.delivery.reply import Reply, make_reply, split_line
from mailhold.delivery.route import Route, Tls, tls_context

CONNECT_SECONDS = 30
# For each chunk of content (RFC 5321 4.5.3.2.5).
CHUNK_SECONDS = 180
CHUNK_BYTES = 256 * 1024
QUIT_SECONDS = 2
# Longer lines and replies come from something that is no mail server (RFC 5321 4.5.3.1.5 allows 512 octets).
MAX_LINE_BYTES = 4096
MAX_REPLY_LINES = 200
# So many commands at most are under way at once, so that neither side's buffers can fill (RFC 2920 3.1).
PIPELINE_COMMANDS = 100


class Connection:
    """A connection that has said EHLO, and STARTTLS and AUTH where the route asks for them.

    Every method raises SessionEnded when the conversation is over; the connection is closed then.
    """

    def __init__(self, route: Route, *, helo: str, timeout: float, dot_timeout: float) -> None:
        """Connect to `route`. `helo` is our own name; the others are seconds to wait for a reply, and after the dot."""
        self.route = route
        self.dot_timeout = dot_timeout
        self.pid = os.getpid()
        self.extensions: Mapping[str, str] = {}
        self.transactions = 0
        self.idle_since = 0.0
        self.outstanding = 0
        self._helo, self._timeout = helo, timeout
        self._buffer = bytearray()
        self._sock = _connect(route)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def __del__(self) -> None:
        """Close with the thread that kept the connection."""
        if hasattr(self, "_sock"):
            self.close()

    @property
    def reusable(self) -> bool:
        """Whether it is open and in step: an unread octet would be taken for the answer to the next command."""
        return self._sock.fileno() >= 0 and not self._buffer

    def offers(self, extension: str) -> bool:
        """Whether the next hop named `extension` in its answer to EHLO."""
        return extension in self.extensions

    # --- commands and replies ---------------------------------------------------------------------------------

    def command(self, line: bytes) -> Reply:
        """Send one command without its line end and return the reply."""
        self.write(line + b"\r\n")
        self.outstanding += 1
        return self.read_reply()

    def replies(self, commands: Sequence[bytes]) -> Iterator[Reply]:
        """Yield the reply to each command, sending as many at once as the next hop allows.

        Without pipelining a command is sent only when its reply is asked for, so stopping early sends no more.
        With it, `outstanding` says how many replies are still to be read after stopping early.
        """
        step = PIPELINE_COMMANDS if self.offers("PIPELINING") else 1
        for start in range(0, len(commands), step):
            group = commands[start : start + step]
            self.write(b"\r\n".join(group) + b"\r\n")
            self.outstanding += len(group)
            for _ in group:
                yield self.read_reply()

    def read_reply(self, timeout: float | None = None) -> Reply:
        """Return the next reply. A 421 ends the session (RFC 5321 3.8), as does what is no SMTP reply."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        lines: list[str] = []
        codes: set[int] = set()
        more = True
        while more:
            parsed = split_line(self._read_line(deadline))
            if parsed is None or len(lines) >= MAX_REPLY_LINES:
                raise self.ended("sent something that is no SMTP reply")
            code, more, text = parsed
            lines.append(text)
            codes.add(code)
        if len(codes) > 1:
            raise self.ended("sent a reply with several codes")
        self.outstanding -= 1
        reply = make_reply(code, lines)
        if code == 421:
            raise self.ended(f"closes the session ({reply})", reply)
        return reply

    def write(self, octets: bytes) -> None:
        """Send `octets`, which may be large."""
        view = memoryview(octets)
        try:
            self._sock.settimeout(CHUNK_SECONDS)
            for start in range(0, len(view), CHUNK_BYTES):
                self._sock.sendall(view[start : start + CHUNK_BYTES])
        except OSError as error:
            raise self._write_failed(error) from error

    def raise_if_ended(self) -> None:
        """Raise SessionEnded when the next hop has already closed or spoken although it was not asked.

        Called just before the dot, it keeps a connection that died during the content from ending in doubt.
        """
        if self._buffer:
            raise self._spoke_early(self.read_reply())
        try:
            self._sock.settimeout(0)
            octets = self._sock.recv(MAX_LINE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            raise self.ended(f"lost the connection ({_reason(error)})") from error
        if not octets:
            raise self.ended("closed the connection")
        self._buffer += octets
        raise self._spoke_early(self.read_reply())

    # --- the end ----------------------------------------------------------------------------------------------

    def ended(self, what: str, reply: Reply | None = None, *, permanent: bool = False) -> SessionEnded:
        """Close and return the exception that says so."""
        self.close()
        return SessionEnded(f"The next hop {self.route} {what}.", reply, permanent=permanent)

    def quit(self) -> None:
        """Take leave. Nothing depends on the answer, so it is not waited for long."""
        with suppress(SessionEnded):
            self.write(b"QUIT\r\n")
            self.read_reply(QUIT_SECONDS)
        self.close()

    def close(self) -> None:
        """Close without a word: in the middle of content, or in a process that only inherited the connection."""
        self._sock.close()

    # --- the beginning ----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self.route.tls is Tls.IMPLICIT:
            self._secure()
        self.outstanding += 1
        self._must(self.read_reply(), "does not greet us")
        self._hello()
        if self.route.tls in {Tls.REQUIRED, Tls.OPPORTUNISTIC}:
            self._starttls()
        if self.route.user:
            self._authenticate()

    def _must(self, reply: Reply, what: str) -> Reply:
        # Before MAIL a refusal says nothing about the message: it is our connection that is not wanted, so even
        # a 5xx is a reason to try later.
        if not reply.positive:
            raise self.ended(f"{what} ({reply})", reply)
        return reply

    def _hello(self) -> None:
        reply = self.command(b"EHLO " + self._helo.encode("ascii", "replace"))
        if reply.permanent:
            self._must(self.command(b"HELO " + self._helo.encode("ascii", "replace")), "refuses HELO")
            self.extensions = {}
            return
        self._must(reply, "refuses EHLO")
        pairs = (line.partition(" ") for line in reply.lines[1:])
        self.extensions = {word.upper(): parameters.strip() for word, _, parameters in pairs}

    def _starttls(self) -> None:
        if not self.offers("STARTTLS"):
            if self.route.tls is Tls.REQUIRED:
                raise self.ended("offers no STARTTLS, which the settings require")
            return
        reply = self.command(b"STARTTLS")
        if not reply.positive:
            if self.route.tls is Tls.REQUIRED:
                raise self.ended(f"refuses STARTTLS ({reply})", reply)
            return
        if self._buffer:
            # Clear text put in before the handshake would be taken for answers under TLS (CVE-2011-0411).
            raise self.ended("sent clear text after it agreed to STARTTLS")
        self._secure()
        self._hello()

    def _secure(self) -> None:
        context = tls_context(verified=self.route.verified, ca_file=self.route.ca_file)
        try:
            self._sock.settimeout(self._timeout)
            self._sock = context.wrap_socket(self._sock, server_hostname=self.route.host)
        except OSError as error:
            raise self.ended(f"made no TLS connection ({_reason(error)})") from error
        except ValueError as error:
            raise self.ended("has a name that TLS cannot verify") from error

    def _authenticate(self) -> None:
        protected = isinstance(self._sock, ssl.SSLSocket)
        if not protected and self.route.tls is not Tls.OFF:
            raise self.ended("offers no TLS, and the password is not sent in the clear unless tls=off is set")
        mechanisms = self.extensions.get("AUTH", "").upper().split()
        user, password = self.route.user.encode(), self.route.password.encode()
        if "PLAIN" in mechanisms:
            reply = self.command(b"AUTH PLAIN " + b64encode(b"\0" + user + b"\0" + password))
        elif "LOGIN" in mechanisms:
            reply = self._auth_login(user, password)
        else:
            raise self.ended("offers neither AUTH PLAIN nor AUTH LOGIN")
        if not reply.positive:
            raise self.ended(f"refuses our user and password ({reply})")

    def _auth_login(self, user: bytes, password: bytes) -> Reply:
        reply = self.command(b"AUTH LOGIN")
        for answer in (user, password):
            if reply.code != 334:
                return reply
            reply = self.command(b64encode(answer))
        return reply

    # --- octets -----------------------------------------------------------------------------------------------

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE_BYTES:
                raise self.ended("sent a line without end")
            self._receive(deadline)
        if end > MAX_LINE_BYTES:
            raise self.ended("sent a line without end")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _receive(self, deadline: float) -> None:
        try:
            self._sock.settimeout(max(deadline - time.monotonic(), 0.001))
            octets = self._sock.recv(65536)
        except TimeoutError as error:
            raise self.ended("gave no reply in time") from error
        except OSError as error:
            raise self.ended(f"lost the connection ({_reason(error)})") from error
        if not octets:
            raise self.ended("closed the connection")
        self._buffer += octets

    def _write_failed(self, error: OSError) -> SessionEnded:
        # A next hop that refuses in the middle of the content, because it is too large, say, has told us why.
        with suppress(OSError):
            self._sock.settimeout(0)
            self._buffer += self._sock.recv(MAX_LINE_BYTES)
        if b"\n" not in self._buffer:
            return self.ended(f"lost the connection ({_reason(error)})")
        try:
            return self._spoke_early(self.read_reply(0))
        except SessionEnded as ended:
            return ended

    def _spoke_early(self, reply: Reply) -> SessionEnded:
        return self.ended(f"refuses before the end ({reply})", reply, permanent=reply.permanent)


def _connect(route: Route) -> socket.socket:
    try:
        sock = socket.create_connection((route.host, route.port), CONNECT_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, UnicodeError) as error:
        raise SessionEnded(f"The next hop {route} cannot be reached ({_reason(error)}).") from error
    return sock


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or getattr(error, "verify_message", None) or error)
