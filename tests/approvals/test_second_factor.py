"""Mail whose policy wants a second factor (L2) is shown to nobody but its sender without one."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from approvals.flows import decide
from approvals.models import Decision
from approvals.states import HoldState

STRICT = """
format: 1
policies:
  - key: strict
    name: {ja: 厳格, en: Strict}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 2h, link: L2}]
"""
SECRET = "The vault is under the stairs."
NAME = "plan-of-the-vault.pdf"
READING = (
    "",
    "?tab=body",
    "?tab=headers",
    "?tab=history",
    "?tab=changes",
    "?tab=attachments",
    "attachments/0",
    "eml",
    "decide",
    "edit",
)


@pytest.fixture
def strict(policies, one_hold, alice):
    policies(STRICT)
    return one_hold(person=alice, subject="Takeover", body=f"{SECRET}\n", attach=NAME)


@pytest.fixture
def browser():
    def browser(person, *, factor=False):
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        if factor:
            session = client.session
            session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 1}]
            session["account_authentication_methods_user"] = str(person.pk)
            session.save()
        return client

    return browser


@pytest.fixture
def authenticator():
    """Give somebody an authenticator app; returns what it shows now."""

    def authenticator(person):
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        return lambda: format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    return authenticator


def url(hold, rest=""):
    return f"/m/{hold.pk}/{rest}"


def text(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("rest", READING)
@pytest.mark.parametrize("who", ["bob", "admin"])
def test_neither_approvers_nor_administrators_are_shown_it_with_a_password_alone(
    who, rest, strict, browser, request
):
    response = browser(request.getfixturevalue(who)).get(url(strict, rest))
    page = text(response)
    # An administrator who is not asked changes nothing, and is told of no such page.
    assert response.status_code == (404 if (who, rest) == ("admin", "edit") else 403)
    assert [word in page for word in (SECRET, "secret figures", NAME, "Takeover", "client.example")] == [
        False
    ] * 5


@pytest.mark.parametrize("rest", [rest for rest in READING if rest not in {"decide", "edit"}])
@pytest.mark.parametrize("who", ["bob", "admin"])
def test_with_a_second_factor_they_read_it(who, rest, strict, browser, request):
    assert browser(request.getfixturevalue(who), factor=True).get(url(strict, rest)).status_code == 200


def test_the_page_asks_for_the_factor_and_is_kept_nowhere(strict, browser, bob):
    response = browser(bob).get(url(strict))
    assert "A second factor is needed" in text(response)
    assert "no-store" in response["Cache-Control"]
    assert f"/accounts/2fa/?next=%2Fm%2F{strict.pk}%2F" in text(response)
    assert "Set up a second factor" in text(response)


def test_the_page_speaks_japanese(strict, browser, bob):
    type(bob).objects.filter(pk=bob.pk).update(language="ja")
    assert "二要素認証が必要です" in text(browser(bob).get(url(strict)))


def test_whoever_has_a_factor_proves_it_and_comes_back_to_where_he_was(strict, browser, bob, authenticator):
    code = authenticator(bob)
    client = browser(bob)
    page = text(client.get(url(strict, "?tab=body")))
    assert "Use your second factor" in page
    way = page.partition('<a class="button main" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert urlsplit(way).path == "/accounts/2fa/reauthenticate/"
    back = parse_qs(urlsplit(way).query)["next"][0]
    assert back == url(strict, "?tab=body")

    response = client.post(way, {"code": code(), "next": back})

    assert (response.status_code, response["Location"]) == (302, back)
    assert SECRET in text(client.get(back))


def test_a_wrong_code_opens_nothing(strict, browser, bob, authenticator):
    authenticator(bob)
    client = browser(bob)
    client.post(f"/accounts/2fa/reauthenticate/?next={url(strict)}", {"code": "000000"})
    assert client.get(url(strict)).status_code == 403


def test_whoever_has_a_passkey_only_is_asked_for_that(strict, browser, bob):
    Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={})
    assert f"/accounts/2fa/webauthn/reauthenticate/?next=%2Fm%2F{strict.pk}%2F" in text(
        browser(bob).get(url(strict))
    )


def test_the_sender_reads_and_stops_his_own_without_one(strict, browser, alice):
    client = browser(alice)
    assert SECRET in text(client.get(url(strict)))
    assert client.get(url(strict, "attachments/0")).status_code == 200
    assert client.get(url(strict, "edit")).status_code == 200
    assert client.post(url(strict, "act"), {"action": "cancel"}).status_code == 200
    strict.refresh_from_db()
    assert strict.state == HoldState.CANCELED


def test_whoever_has_no_right_to_it_is_not_told_that_it_is_there(strict, browser, mallory):
    for rest in READING:
        assert browser(mallory).get(url(strict, rest)).status_code == 404


def test_an_edit_that_is_sent_without_one_changes_nothing(strict, browser, bob):
    response = browser(bob).post(url(strict, "edit"), {"subject": "x", "revision": str(strict.revision_id)})
    assert response.status_code == 403
    assert f'?next=%2Fm%2F{strict.pk}%2F"' in text(response)
    strict.refresh_from_db()
    assert strict.subject == "Takeover"


def test_what_is_safe_needs_none(strict, browser, bob, admin, actor, now, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    decide.approve(strict.pk, strict.revision_id, bob, actor(bob), now)
    browser(bob).post(url(strict, "undo"))
    assert not Decision.objects.filter(undone_at__isnull=True).exists()
    browser(admin).post(url(strict, "administer"), {"action": "discard"})
    strict.refresh_from_db()
    assert strict.state == HoldState.DISCARDED


def test_other_mail_is_read_with_a_password_as_before(policies, one_hold, alice, bob, browser):
    hold = one_hold(person=alice, body=f"{SECRET}\n", attach=NAME)
    assert SECRET in text(browser(bob).get(url(hold)))


def test_a_strict_message_of_the_record_is_not_tried_without_one(strict, browser, admin):
    form = {"number": str(strict.pk)}
    refused = browser(admin).post("/policies/try/", form)
    assert refused.status_code == 422
    assert "second factor" in text(refused)
    assert browser(admin, factor=True).post("/policies/try/", form).status_code == 200
