import pytest

from mailhold.delivery import smarthost
from mailhold.delivery.outcome import Outgoing, OutgoingRecipient
from tests.delivery.fake_server import FakeServer

CONTENT = b"Subject: hello\r\n\r\nfirst line\r\n"


@pytest.fixture(autouse=True)
def _no_kept_connection():
    smarthost.close_kept()
    yield
    smarthost.close_kept()


@pytest.fixture
def outgoing():
    """Makes an envelope from Alice to outside people."""

    def make(*addresses, content=CONTENT, **fields):
        recipients = tuple(
            one if isinstance(one, OutgoingRecipient) else OutgoingRecipient(address=one)
            for one in addresses or ("ken@customer.example",)
        )
        fields.setdefault("reverse_path", "alice@example.test")
        return Outgoing(recipients=recipients, content=content, **fields)

    return make


@pytest.fixture
def server(settings):
    """Starts a fake next hop as scripted and makes it the smarthost."""
    started = []
    settings.SMARTHOST_TIMEOUT = 5
    settings.DOT_TIMEOUT = 5

    def start(*, query="tls=off", login="", **fields):
        fake = FakeServer(**fields).__enter__()
        started.append(fake)
        settings.SMARTHOST = fake.url("" if fake.implicit_tls else query, login)
        return fake

    yield start
    # First take leave, so that no server thread waits for a client that says nothing more.
    smarthost.close_kept()
    for fake in started:
        fake.__exit__()
