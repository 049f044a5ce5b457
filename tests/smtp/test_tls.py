import pytest


@pytest.fixture
def secure(start, server_context):
    return start(tls=server_context, trusted_networks=(), binds=("127.0.0.1:0", "127.0.0.1:0+tls"))


def test_starttls_is_offered_before_and_auth_after(secure, client_context):
    client = secure.connect()
    before = client.say("EHLO client.test")
    client.start_tls(client_context)
    after = client.say("EHLO client.test")

    assert "STARTTLS" in before
    assert "AUTH" not in before
    assert "STARTTLS" not in after
    assert "AUTH PLAIN LOGIN" in after


def test_message_over_starttls(secure, client_context):
    client = secure.session().start_tls(client_context).hello()
    assert client.plain("alice@example.test", "alice-password").startswith("235")
    assert client.begin().data(b"\r\n" + b"x" * 600_000 + b"\r\n.\r\n").startswith("250")
    client.expect("221", "QUIT")

    assert secure.message.protocol == "ESMTPSA"
    assert len(secure.message.content) == 600_004


def test_login_in_the_clear_is_refused(secure):
    assert secure.session().plain("alice@example.test", "alice-password").startswith("538 5.7.11")


def test_starttls_forgets_what_was_said(secure, client_context):
    client = secure.session().start_tls(client_context)
    assert client.say("MAIL FROM:<alice@example.test>").startswith("503 5.5.1")


def test_starttls_forgets_the_transaction(start, server_context, client_context):
    client = start(tls=server_context).session().begin().start_tls(client_context).hello()
    assert client.say("DATA").startswith("503 5.5.1")


def test_second_starttls_is_refused(secure, client_context):
    client = secure.session().start_tls(client_context).hello()
    assert client.say("STARTTLS").startswith("503 5.5.1")


def test_starttls_with_an_argument_is_refused(secure):
    assert secure.session().say("STARTTLS now").startswith("501 5.5.4")


def test_commands_sent_ahead_of_tls_are_dropped(secure, client_context):
    client = secure.session()
    client.send("STARTTLS\r\nNOOP injected\r\nNOOP injected\r\n")
    assert client.reply().startswith("220 2.0.0")
    client.wrap(client_context)

    # Only the reply to this command comes, and nothing of what was said in the clear.
    assert client.say("FROB").startswith("500")
    assert client.is_silent()


def test_implicit_tls(secure, client_context):
    client = secure.connect_silently(port=1)
    client.wrap(client_context)
    assert client.reply().startswith("220")
    assert "STARTTLS" not in client.say("EHLO client.test")
    assert client.plain("alice@example.test", "alice-password").startswith("235")
    assert client.begin().data(b"\r\nx\r\n.\r\n").startswith("250")
    assert client.say("STARTTLS").startswith("503")


def test_client_that_talks_on_without_tls_is_dropped(secure):
    client = secure.session()
    client.expect("220", "STARTTLS")
    client.send("EHLO still.in.the.clear\r\n")
    client.socket.settimeout(5)
    while client.socket.recv(100):
        pass
    assert secure.has_no_session()
