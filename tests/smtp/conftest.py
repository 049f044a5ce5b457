"""A gateway on a real port, with an `accept` that keeps everything in memory, and a client that sends raw bytes."""

import asyncio
import base64
import ipaddress
import socket
import ssl
import threading
import time

import pytest
import trustme
import uvloop

from mailhold.gateway.exceptions import LoginRefusedError
from mailhold.gateway.listener import Listener, serve
from mailhold.gateway.options import Options
from mailhold.gateway.sign_in import SignedIn

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PASSWORDS = {"alice@example.test": "alice-password", "bob@example.test": "bob-password"}
ALICE = SignedIn(1, frozenset({"alice@example.test", "sales@example.test"}))
PEOPLE = {"alice@example.test": ALICE, "bob@example.test": SignedIn(2, frozenset({"bob@example.test"}))}


def sign_in(credentials, peer_address):
    if PASSWORDS.get(credentials.address) != credentials.password:
        raise LoginRefusedError("wrong")
    return PEOPLE[credentials.address]


class Client:
    """Speaks SMTP in raw bytes."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def line(self):
        while b"\n" not in self.buffer:
            received = self.socket.recv(65536)
            if not received:
                raise EOFError
            self.buffer += received
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode().rstrip("\r")

    def reply(self):
        """Return all lines of one reply, joined by newlines."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def say(self, text):
        self.send((text if isinstance(text, bytes) else text.encode()) + b"\r\n")
        return self.reply()

    def expect(self, code, text):
        reply = self.say(text)
        assert reply.startswith(code), reply
        return reply

    def hello(self):
        self.expect("250", "EHLO client.test")
        return self

    def start_tls(self, context):
        self.expect("220", "STARTTLS")
        self.wrap(context)
        return self

    def wrap(self, context):
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")

    def plain(self, address, password, acts_for=""):
        return self.say(b"AUTH PLAIN " + base64.b64encode(f"{acts_for}\0{address}\0{password}".encode()))

    def begin(self, *recipients, sender="alice@example.test", parameters=""):
        self.expect("250", f"MAIL FROM:<{sender}>{parameters}")
        for recipient in recipients or ("bob@example.com",):
            self.expect("250", f"RCPT TO:<{recipient}>")
        return self

    def data(self, content):
        """Send what stands between DATA and its reply, as it is."""
        self.expect("354", "DATA")
        self.send(content)
        return self.reply()

    def is_closed(self):
        """Say whether the other side closes, and says nothing more."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_silent(self, seconds=0.2):
        self.socket.settimeout(seconds)
        try:
            return not self.buffer and not self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(10)

    def close(self):
        self.socket.close()


class Running:
    """A gateway in a thread."""

    def __init__(self, options, accept, new_event_loop, sending_addresses):
        self.accepted = []
        self.clients = []
        self.addresses_asked = 0
        self.options = options
        self._accept = accept or self.accepted.extend
        self._sending_addresses = sending_addresses
        self._new_event_loop = new_event_loop
        self._started = threading.Event()
        self._stop = None
        self.thread = threading.Thread(target=self._run)

    def start(self, binds):
        self._binds = binds
        self.thread.start()
        assert self._started.wait(10)
        return self

    def _run(self):
        with asyncio.Runner(loop_factory=self._new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self):
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.listener = Listener(
            self.options, self._accept, sign_in=sign_in, sending_addresses=self._sending_addresses
        )
        await serve(self.listener, self._binds, self._stop, started=self._set_ports)

    def _set_ports(self, ports):
        self.ports = ports
        self._started.set()

    def ask_to_stop(self):
        self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self):
        for client in self.clients:
            client.close()
        if self.thread.is_alive():
            self.ask_to_stop()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def connect(self, greeting="220", port=0):
        client = self.connect_silently(port)
        reply = client.reply()
        assert reply.startswith(greeting), reply
        return client

    def connect_silently(self, port=0):
        client = Client(self.ports[port])
        self.clients.append(client)
        return client

    def session(self):
        return self.connect().hello()

    @property
    def message(self):
        assert len(self.accepted) == 1
        return self.accepted[0]

    def has_no_session(self, seconds=5):
        end = time.monotonic() + seconds
        while self.listener._gateway.sessions and time.monotonic() < end:
            time.sleep(0.01)
        return not self.listener._gateway.sessions


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def server_context(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_context(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def start():
    """Start gateways; trusted loopback unless told otherwise."""
    running = []

    def run(
        *,
        accept=None,
        new_event_loop=uvloop.new_event_loop,
        binds=("127.0.0.1:0",),
        sending_addresses=lambda person_id: frozenset(),
        **options,
    ):
        options = {"trusted_networks": LOOPBACK, "timeout_seconds": 20, "grace_seconds": 10} | options
        made = Options(hostname="mx.test", postmaster_domain="example.test", instance="i1", **options)
        running.append(Running(made, accept, new_event_loop, sending_addresses))
        return running[-1].start(binds)

    yield run
    for gateway in running:
        gateway.stop()


@pytest.fixture
def gateway(start):
    """A gateway that trusts this machine and has no TLS."""
    return start()


@pytest.fixture
def strict(start):
    """A gateway that trusts nobody and lets people sign in without TLS."""
    return start(trusted_networks=(), auth_without_tls=True)


@pytest.fixture
def connect_to():
    """Connect to a port of a process that may still be starting."""
    clients = []

    def connect(port):
        end = time.monotonic() + 20
        while True:
            try:
                clients.append(Client(port))
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                assert clients[-1].reply().startswith("220")
                return clients[-1]

    yield connect
    for client in clients:
        client.close()
