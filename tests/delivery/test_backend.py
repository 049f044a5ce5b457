import email
import email.policy
from smtplib import SMTPException

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from mailhold.delivery.backend import SmarthostBackend
from mailhold.delivery.exceptions import NotSent


@pytest.fixture
def connection(settings):
    settings.NOTICE_ADDRESS = "mailhold@example.test"
    return get_connection("mailhold.delivery.backend.SmarthostBackend")


def reset(**fields):
    return EmailMessage("パスワードの再設定", "リンク\n.\nend", "mailhold@example.test", **fields)


def test_djangos_mail_goes_through_the_smarthost(server, connection):
    fake = server()
    assert isinstance(connection, SmarthostBackend)
    assert connection.send_messages([reset(to=["alice@example.test"], bcc=["bob@example.test"])]) == 1
    received = fake.received[0]
    assert received.mail.startswith("MAIL FROM:<mailhold@example.test>")
    assert received.rcpts == ["RCPT TO:<alice@example.test>", "RCPT TO:<bob@example.test>"]
    message = email.message_from_bytes(received.content, policy=email.policy.default)
    assert message["Subject"] == "パスワードの再設定"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Bcc" not in message
    assert message.get_content().splitlines() == ["リンク", ".", "end"]


def test_a_header_that_is_already_there_stays_alone(server, connection):
    fake = server()
    connection.send_messages([reset(to=["a@example.test"], headers={"Auto-Submitted": "auto-replied"})])
    message = email.message_from_bytes(fake.received[0].content)
    assert message.get_all("Auto-Submitted") == ["auto-replied"]


def test_html_goes_too(server, connection):
    fake = server()
    mail = EmailMultiAlternatives("Reset", "text", "mailhold@example.test", ["a@example.test"])
    mail.attach_alternative("<p>text</p>", "text/html")
    assert connection.send_messages([mail]) == 1
    assert b"<p>text</p>" in fake.received[0].content


def test_a_mail_without_recipients_is_not_sent(server, connection):
    fake = server()
    assert connection.send_messages([reset()]) == 0
    assert fake.sessions == 0


def test_a_refused_mail_raises_after_the_others_were_sent(server, connection):
    fake = server(replies={"rcpt": ["550 5.1.1 nobody"]})
    with pytest.raises(NotSent, match="550 nobody") as caught:
        connection.send_messages([reset(to=["eve@example.test"]), reset(to=["alice@example.test"])])
    assert isinstance(caught.value, SMTPException)
    assert len(fake.received) == 1


def test_failing_silently_counts_what_was_sent(server, settings):
    server(replies={"rcpt": ["550 5.1.1 nobody"]})
    silent = get_connection("mailhold.delivery.backend.SmarthostBackend", fail_silently=True)
    assert silent.send_messages([reset(to=["eve@example.test"]), reset(to=["alice@example.test"])]) == 1
