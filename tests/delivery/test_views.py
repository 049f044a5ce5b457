import pytest
from django.test import Client
from django.urls import reverse

from mailhold.delivery import demo
from mailhold.delivery.smarthost import deliver
from mailhold.delivery.views import Piece, pieces
from mailhold.ids import uuid7

BASE = "http://127.0.0.1:8000"
CONTENT = (
    "From: Alice Archer <alice@example.test>\r\nTo: ken@customer.example\r\nSubject: estimate <b>\r\n\r\n"
    f"Decide: {BASE}/links/abc?x=1.\r\nElsewhere: https://evil.example/ <script>alert(1)</script>\r\n"
).encode()


@pytest.fixture(autouse=True)
def _demo(settings, tmp_path):
    settings.SMARTHOST = ""
    settings.DATA_DIR = tmp_path
    settings.DEMO = True
    settings.TRUSTED_PROXIES = 0
    settings.BASE_URL = BASE
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def mail_id(outgoing):
    deliver(outgoing("ken@customer.example", "bcc@customer.example", content=CONTENT))
    return demo.list_mail()[0].id


@pytest.fixture
def visitor(db):
    return Client(headers={"accept-language": "en"})


def addresses(mail_id):
    return [
        reverse("mailbox:list"),
        reverse("mailbox:mail", args=[mail_id]),
        reverse("mailbox:raw", args=[mail_id]),
    ]


def statuses(client, mail_id, **extra):
    return [client.get(address, **extra).status_code for address in addresses(mail_id)]


def test_the_list_shows_subject_sender_and_recipients(visitor, mail_id):
    page = visitor.get(reverse("mailbox:list")).content.decode()
    assert "estimate &lt;b&gt;" in page
    assert "alice@example.test" in page
    assert "bcc@customer.example" in page
    assert reverse("mailbox:mail", args=[mail_id]) in page


def test_an_empty_mailbox_says_so(visitor):
    assert "No mail has arrived yet." in visitor.get(reverse("mailbox:list")).content.decode()


def test_a_mail_shows_author_envelope_and_text_with_our_links_only(visitor, mail_id):
    page = visitor.get(reverse("mailbox:mail", args=[mail_id])).content.decode()
    assert "Alice Archer &lt;alice@example.test&gt;" in page
    assert "bcc@customer.example" in page
    assert f'<a href="{BASE}/links/abc?x=1">{BASE}/links/abc?x=1</a>.' in page
    assert 'href="https://evil.example' not in page
    assert "<script>alert" not in page


def test_the_raw_mail_is_what_was_delivered(visitor, mail_id):
    response = visitor.get(reverse("mailbox:raw", args=[mail_id]))
    assert response.content == CONTENT
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_a_mail_that_is_not_there_is_not_found(visitor, db):
    assert visitor.get(reverse("mailbox:mail", args=[uuid7()])).status_code == 404
    assert visitor.get(reverse("mailbox:raw", args=[uuid7()])).status_code == 404


def test_with_a_smarthost_there_is_no_mailbox_even_for_administrators(client, mail_id, settings, admin):
    settings.SMARTHOST = "smtp://127.0.0.1:25"
    client.force_login(admin)
    assert statuses(client, mail_id) == [404, 404, 404]


def test_outside_demo_mode_only_administrators_see_it(client, mail_id, settings, admin, mallory):
    settings.DEMO = False
    assert statuses(client, mail_id) == [404, 404, 404]
    client.force_login(mallory)
    assert statuses(client, mail_id) == [404, 404, 404]
    client.force_login(admin)
    assert statuses(client, mail_id) == [200, 200, 200]


@pytest.mark.parametrize("address", ["192.0.2.7", "", "2001:db8::1"])
def test_demo_mode_shows_it_to_this_machine_only(visitor, mail_id, address):
    assert statuses(visitor, mail_id, REMOTE_ADDR=address) == [404, 404, 404]
    assert statuses(visitor, mail_id, REMOTE_ADDR="::1") == [200, 200, 200]


def test_behind_a_proxy_the_peer_proves_nothing(visitor, mail_id, settings):
    settings.TRUSTED_PROXIES = 1
    assert statuses(visitor, mail_id) == [404, 404, 404]


def test_only_reading_is_allowed(visitor, mail_id):
    assert [visitor.post(address).status_code for address in addresses(mail_id)] == [405, 405, 405]


def test_the_pages_speak_japanese(mail_id, db):
    page = Client(headers={"accept-language": "ja"}).get(reverse("mailbox:list")).content.decode()
    assert "デモ用メールボックス" in page


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"see {BASE}/a, {BASE}/b.", [f"{BASE}/a", f"{BASE}/b"]),
        (f"<{BASE}/a>", [f"{BASE}/a"]),
        (f"こちら{BASE}/aです", [f"{BASE}/a"]),
        (f"{BASE}", []),
        (f"{BASE}.evil.example/a", []),
        ("javascript:alert(1)", []),
        ("", []),
    ],
)
def test_only_addresses_of_our_own_become_links(text, links):
    found = list(pieces(text, BASE))
    assert [piece.href for piece in found if piece.href] == links
    assert "".join(piece.text for piece in found) == text
    assert all(isinstance(piece, Piece) for piece in found)
