import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from mailhold.delivery.compose import AttachedMessage, compose
from mailhold.delivery.exceptions import UnfitAddress
from mailhold.delivery.smarthost import refuse_bare_line_ends

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ORIGINAL = b"From: a@example.test\r\nSubject: hi\r\n\r\n.dot\r\nFrom here\r\n"


def notice(**fields):
    defaults = {
        "sender": "mailhold@example.test",
        "sender_name": "mailhold",
        "to": "bob@example.test",
        "to_name": "佐藤 花子",
        "subject": "【承認依頼】山田 太郎 → customer.example:見積書",
        "text": "佐藤 花子 さん\n見て決めてください。\n",
        "html": None,
        "language": "ja",
        "message_id": "<one@example.test>",
        "now": NOW,
        "trace": "01-02",
    }
    return compose(**{**defaults, **fields})


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_notice_reads_as_it_was_written():
    message = read(notice())
    assert message["Subject"] == "【承認依頼】山田 太郎 → customer.example:見積書"
    assert message["From"].addresses[0].display_name == "mailhold"
    assert message["To"].addresses[0].display_name == "佐藤 花子"
    assert message["To"].addresses[0].addr_spec == "bob@example.test"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<one@example.test>"
    assert message.get_content() == "佐藤 花子 さん\r\n見て決めてください。\r\n"


def test_a_notice_says_that_no_person_wrote_it():
    message = read(notice())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "ja"
    assert message["X-Mailhold-Trace"] == "01-02"


def test_text_and_html_are_alternatives():
    message = read(notice(text="Hello\n", html="<p>Hello</p>"))
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content() == "Hello\r\n"
    assert message.get_body(("html",)).get_content() == "<p>Hello</p>\r\n"


def test_english_text_stays_readable_on_the_wire():
    assert b"\r\nPlease decide.\r\n" in notice(text="Please decide.\n")


@pytest.mark.parametrize(
    "original",
    [ORIGINAL, "Subject: 生\r\n\r\n本文\r\n".encode("shift_jis"), b"Subject: no last line end\r\n\r\nx", b""],
)
def test_an_attached_message_keeps_its_very_bytes(original):
    content = notice(attachments=[AttachedMessage("original.eml", original)])
    assert b"Content-Type: message/rfc822\r\n" in content
    assert b"\r\n\r\n" + original + b"\r\n--" in content


def test_eight_bit_original_makes_the_message_say_so():
    content = notice(attachments=[AttachedMessage("a.eml", b"Subject: \xff\r\n\r\nx\r\n")])
    assert content.count(b"Content-Transfer-Encoding: 8bit") == 2
    assert b"Content-Transfer-Encoding: 8bit" not in notice(attachments=[AttachedMessage("a.eml", ORIGINAL)])


@pytest.mark.parametrize(
    "original", [b"a\0b\r\n", b"x" * 999 + b"\r\n", b"a\nb\r\n"], ids=["NUL", "long line", "bare LF"]
)
def test_a_message_that_cannot_stand_in_another_is_attached_as_a_file(original):
    message = read(notice(attachments=[AttachedMessage("original.eml", original)]))
    attachment = next(iter(message.iter_attachments()))
    assert attachment.get_content_type() == "application/octet-stream"
    assert attachment.get_filename() == "original.eml"
    assert attachment.get_content() == original


def test_a_file_name_in_japanese_arrives():
    name = "十月分のお見積書についてのご連絡(改訂版)その二.eml"
    message = read(notice(attachments=[AttachedMessage(name, b"a\0b\r\n")]))
    assert next(message.iter_attachments()).get_filename() == name


def test_the_boundary_stands_in_no_part():
    first = notice(attachments=[AttachedMessage("a.eml", ORIGINAL)])
    boundary = read(first).get_boundary().encode()
    hostile = b"Subject: x\r\n\r\n--" + boundary + b"--\r\nmore\r\n"
    message = read(notice(attachments=[AttachedMessage("a.eml", hostile)]))
    assert message.get_boundary().encode() != boundary
    assert len(list(message.iter_attachments())) == 1


@pytest.mark.parametrize("field", ["subject", "to_name", "sender_name", "message_id", "trace", "language"])
def test_no_value_can_begin_another_header(field):
    message = read(notice(**{field: "x\r\nBcc: eve@evil.example\r\n\r\nbody"}))
    assert "Bcc" not in message
    assert message["MIME-Version"] == "1.0"


@pytest.mark.parametrize(
    "address", ["bob@example.test\r\nBcc: x@y.example", "a b@c.example", "bob", "", "<>"]
)
def test_an_unfit_address_is_refused(address):
    with pytest.raises(UnfitAddress):
        notice(to=address)


@given(st.text(), st.text(), st.text())
def test_any_subject_name_and_text_give_a_sendable_message(subject, name, text):
    content = notice(subject=subject, to_name=name, text=text)
    refuse_bare_line_ends(content)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = read(content)
    assert message["To"].addresses[0].addr_spec == "bob@example.test"
    assert message["X-Mailhold-Trace"] == "01-02"
