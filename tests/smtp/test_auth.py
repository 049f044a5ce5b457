import base64

import pytest

from mailhold.gateway import protocol
from mailhold.gateway.exceptions import LoginThrottledError
from mailhold.gateway.listener import Listener


def encoded(text):
    return base64.b64encode(text.encode())


def signed_in(strict):
    client = strict.session()
    assert client.plain("alice@example.test", "alice-password").startswith("235 2.7.0")
    return client


def test_mail_needs_a_login(strict):
    assert strict.session().say("MAIL FROM:<alice@example.test>").startswith("530 5.7.0")


def test_vrfy_before_the_login_tells_nothing(strict):
    assert strict.session().say("VRFY alice@example.test").startswith("252")


def test_plain_with_initial_response(strict):
    client = signed_in(strict)
    client.begin().data(b"\r\nx\r\n.\r\n")
    assert (strict.message.submitter_id, strict.message.protocol) == (1, "ESMTPA")


def test_plain_by_challenge(strict):
    client = strict.session()
    assert client.say("AUTH PLAIN") == "334 "
    assert client.say(encoded("\0alice@example.test\0alice-password")).startswith("235 2.7.0")


def test_login_by_challenges(strict):
    client = strict.session()
    assert client.say("auth login") == "334 VXNlcm5hbWU6"
    assert client.say(encoded("alice@example.test")) == "334 UGFzc3dvcmQ6"
    assert client.say(encoded("alice-password")).startswith("235 2.7.0")


def test_login_with_initial_response(strict):
    client = strict.session()
    assert client.say(b"AUTH LOGIN " + encoded("Alice@Example.Test")) == "334 UGFzc3dvcmQ6"
    assert client.say(encoded("alice-password")).startswith("235 2.7.0")


def test_wrong_password_and_unknown_account_hear_the_same(strict):
    client = strict.session()
    wrong = client.plain("alice@example.test", "wrong")
    assert (
        wrong
        == client.plain("nobody@example.test", "wrong")
        == "535 5.7.8 Authentication credentials invalid"
    )
    client.expect("250", "NOOP")


def test_acting_for_somebody_else_is_refused(strict):
    reply = strict.session().plain("alice@example.test", "alice-password", acts_for="bob@example.test")
    assert reply.startswith("535 5.7.8")


def test_acting_for_oneself_is_no_difference(strict):
    client = strict.session()
    reply = client.plain("alice@example.test", "alice-password", acts_for="Alice@example.test")
    assert reply.startswith("235")


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("AUTH PLAIN !!!notb64", "501 5.5.2"),
        ("AUTH PLAIN あ", "501 5.5.2"),
        ("AUTH PLAIN =", "501 5.5.2"),
        (b"AUTH PLAIN " + base64.b64encode(b"no nul at all"), "501 5.5.2"),
        (b"AUTH PLAIN " + base64.b64encode(b"\0\xff\xfe\0x"), "501 5.5.2"),
        ("AUTH CRAM-MD5", "504 5.5.4"),
        ("AUTH", "501 5.5.4"),
        ("AUTH PLAIN a b", "501 5.5.4"),
    ],
)
def test_malformed_auth_is_refused_and_the_session_lives(strict, command, reply):
    client = strict.session()
    assert client.say(command).startswith(reply)
    client.expect("250", "NOOP")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_star_cancels(strict, mechanism):
    client = strict.session()
    client.expect("334", f"AUTH {mechanism}")
    assert client.say("*").startswith("501 5.7.0")
    client.expect("250", "NOOP")


def test_response_that_is_too_long_is_refused(strict):
    client = strict.session()
    client.expect("334", "AUTH PLAIN")
    assert client.say("A" * 20_000).startswith("500 5.5.2")


def test_second_login_is_refused(strict):
    assert signed_in(strict).plain("bob@example.test", "bob-password").startswith("503 5.5.1")


def test_login_needs_ehlo(strict):
    client = strict.connect()
    client.expect("250", "HELO client.test")
    assert client.plain("alice@example.test", "alice-password").startswith("503 5.5.1")


def test_login_in_mid_transaction_is_refused(start):
    client = start(auth_without_tls=True).session().begin()
    assert client.plain("alice@example.test", "alice-password").startswith("503 5.5.1")


def test_ehlo_keeps_the_login(strict):
    client = signed_in(strict).hello()
    client.expect("250", "MAIL FROM:<alice@example.test>")


@pytest.mark.parametrize("sender", ["alice@example.test", "ALICE@Example.TEST", "sales@example.test", ""])
def test_own_address_may_send(strict, sender):
    signed_in(strict).expect("250 2.1.0", f"MAIL FROM:<{sender}>")


def test_address_of_somebody_else_may_not_send(strict):
    client = signed_in(strict)
    assert client.say("MAIL FROM:<bob@example.test>").startswith("553 5.7.1")


def test_login_binds_on_a_trusted_network_too(start):
    gateway = start(auth_without_tls=True)
    assert signed_in(gateway).say("MAIL FROM:<bob@example.test>").startswith("553 5.7.1")


def test_trusted_network_may_send_as_anybody(gateway):
    gateway.session().expect("250", "MAIL FROM:<bob@example.test>")


def test_somebody_who_left_cannot_go_on_for_long(strict, monkeypatch):
    client = signed_in(strict)
    client.expect("250", "MAIL FROM:<alice@example.test>")
    client.expect("250", "RSET")
    monkeypatch.setattr(protocol, "ADDRESSES_FRESH_SECONDS", -1)
    assert client.say("MAIL FROM:<alice@example.test>").startswith("553 5.7.1")


def test_addresses_are_read_anew_on_a_connection_that_is_kept(start, monkeypatch):
    now = frozenset({"new@example.test"})
    gateway = start(trusted_networks=(), auth_without_tls=True, sending_addresses=lambda person_id: now)
    client = signed_in(gateway)
    monkeypatch.setattr(protocol, "ADDRESSES_FRESH_SECONDS", -1)
    assert client.say("MAIL FROM:<alice@example.test>").startswith("553")
    client.expect("250", "MAIL FROM:<new@example.test>")


def test_directory_that_fails_is_a_temporary_error_without_text(start, monkeypatch):
    def broken(person_id):
        raise RuntimeError("secret text")

    gateway = start(trusted_networks=(), auth_without_tls=True, sending_addresses=broken)
    client = signed_in(gateway)
    monkeypatch.setattr(protocol, "ADDRESSES_FRESH_SECONDS", -1)
    assert client.say("MAIL FROM:<alice@example.test>") == "451 4.3.0 Error on this side, try again later"
    client.expect("250", "NOOP")


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (LoginThrottledError("slow down"), "454 4.7.0 Too many failed logins, try again later"),
        (RuntimeError("secret text"), "454 4.7.0 Authentication is not possible now, try again later"),
    ],
)
def test_login_that_cannot_be_judged_is_a_temporary_error(start, monkeypatch, error, reply):
    def fail(credentials, peer_address):
        raise error

    made = Listener.__init__
    monkeypatch.setattr(
        Listener, "__init__", lambda self, *args, **kwargs: made(self, *args, **(kwargs | {"sign_in": fail}))
    )
    gateway = start(trusted_networks=(), auth_without_tls=True)
    client = gateway.session()
    assert client.plain("alice@example.test", "alice-password") == reply
    client.expect("250", "NOOP")


def test_guessing_ends_the_session(start):
    client = start(trusted_networks=(), auth_without_tls=True, max_errors=3).session()
    for _ in range(3):
        assert client.plain("alice@example.test", "wrong").startswith("535")
    assert client.reply().startswith("421 4.7.0")
    assert client.is_closed()
