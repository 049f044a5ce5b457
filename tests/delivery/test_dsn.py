import email
import email.policy
from datetime import UTC, datetime

import pytest

from mailhold.delivery.dsn import MAX_RETURNED_BYTES, FailedRecipient, failure_report, wants_failure_report
from mailhold.delivery.smarthost import refuse_bare_line_ends

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ORIGINAL = b"From: alice@example.test\r\nSubject: estimate\r\n\r\n.body\r\n"
KEN = FailedRecipient(
    address="ken@customer.example",
    reply_code=550,
    enhanced_status="5.1.1",
    reply_text="no such user",
    next_hop="mx.customer.example:25",
    orcpt="rfc822;ken+2Bsales@customer.example",
)


def report(*failures, **fields):
    defaults = {
        "reporting_mta": "mailhold.example.test",
        "reverse_path": "alice@example.test",
        "original": ORIGINAL,
        "now": NOW,
        "message_id": "<dsn@example.test>",
        "language": "en",
    }
    return failure_report(failures=failures or (KEN,), **{**defaults, **fields})


def parts(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    return message, list(message.iter_parts())


def status(content):
    """The groups of fields of the machine's part."""
    return parts(content)[1][1].get_payload()


def test_a_report_has_the_three_parts_of_rfc_3464():
    message, found = parts(report())
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in found] == [
        "text/plain",
        "message/delivery-status",
        "message/rfc822",
    ]
    assert message["To"] == "alice@example.test"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Date"].datetime == NOW
    assert message["From"].addresses[0].addr_spec == "MAILER-DAEMON@mailhold.example.test"


def test_each_recipient_has_its_fields():
    groups = status(report(KEN, FailedRecipient(address="mei@customer.example"), envid="abc+3Dd"))
    assert groups[0]["Reporting-MTA"] == "dns; mailhold.example.test"
    assert groups[0]["Original-Envelope-Id"] == "abc=d"
    assert groups[1]["Final-Recipient"] == "rfc822; ken@customer.example"
    assert groups[1]["Original-Recipient"] == "rfc822; ken+sales@customer.example"
    assert groups[1]["Action"] == "failed"
    assert groups[1]["Status"] == "5.1.1"
    assert groups[1]["Remote-MTA"] == "dns; mx.customer.example"
    assert groups[1]["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert groups[2]["Final-Recipient"] == "rfc822; mei@customer.example"
    assert "Original-Recipient" not in groups[2]


@pytest.mark.parametrize(
    ("code", "enhanced", "expected"),
    [
        (550, "5.1.1", "5.1.1"),
        (550, "", "5.0.0"),
        (451, "", "4.0.0"),
        (0, "", "4.4.7"),
        (0, "5.6.7", "5.6.7"),
    ],
)
def test_the_status_is_that_of_the_reply_or_of_its_class(code, enhanced, expected):
    failure = FailedRecipient(address="ken@customer.example", reply_code=code, enhanced_status=enhanced)
    assert status(report(failure))[1]["Status"] == expected


def test_what_was_no_smtp_reply_is_marked_as_ours():
    failure = FailedRecipient(address="ken@customer.example", reply_text="The next hop cannot be reached.")
    assert status(report(failure))[1]["Diagnostic-Code"] == "x-mailhold; The next hop cannot be reached."


@pytest.mark.parametrize(
    ("language", "first", "second", "subject"),
    [
        ("ja", "届けられませんでした", "could not be delivered", "届きませんでした"),
        ("en", "could not be delivered", "届けられませんでした", "Not delivered"),
    ],
)
def test_people_read_it_in_both_languages_theirs_first(language, first, second, subject):
    message, found = parts(report(language=language))
    text = found[0].get_content()
    assert 0 <= text.index(first) < text.index(second)
    assert subject in message["Subject"]
    assert text.count("<ken@customer.example>") == 2
    assert "550 5.1.1 no such user" in text


def test_the_original_comes_back_byte_for_byte():
    assert b"\r\n\r\n" + ORIGINAL + b"\r\n--" in report()


def test_ret_hdrs_returns_the_headers_only():
    content = report(ret="HDRS")
    last = parts(content)[1][2]
    assert last.get_content_type() == "text/rfc822-headers"
    assert last.get_payload(decode=True) == b"From: alice@example.test\r\nSubject: estimate\r\n"
    assert b".body" not in content


def test_an_original_too_long_comes_back_as_headers():
    content = report(original=ORIGINAL + b"x" * 70 + b"\r\n" + b"y\r\n" * (MAX_RETURNED_BYTES // 3))
    assert parts(content)[1][2].get_content_type() == "text/rfc822-headers"
    assert len(content) < 20_000


def test_an_eight_bit_original_comes_back_as_a_file_so_that_the_report_stays_seven_bit():
    original = "Subject: 見積\r\n\r\n本文\r\n".encode("cp932")
    content = report(original=original)
    assert content.isascii()
    assert parts(content)[1][2].get_payload(decode=True) == original


def test_eight_bit_headers_come_back_encoded():
    original = "Subject: 見積\r\n\r\n本文\r\n".encode("cp932")
    content = report(original=original, ret="HDRS")
    assert content.isascii()
    assert parts(content)[1][2].get_payload(decode=True) == original.partition(b"\r\n\r\n")[0] + b"\r\n"


def test_an_internationalised_address_is_written_in_seven_bits():
    content = report(FailedRecipient(address="健@customer.example", reply_code=550))
    assert status(content)[1]["Final-Recipient"] == r"utf-8; \x{5065}@customer.example"
    assert content.isascii()


def test_a_reply_that_would_add_fields_stays_one_field():
    hostile = FailedRecipient(
        address="ken@customer.example", reply_code=550, reply_text="no\r\nAction: delivered\r\n\r\n日本" * 80
    )
    content = report(hostile)
    assert status(content)[1]["Action"] == "failed"
    assert len(status(content)) == 2
    assert content.isascii()


@pytest.mark.parametrize("ret", ["FULL", "HDRS", ""])
def test_a_report_can_be_sent(ret):
    content = report(ret=ret, original=b"Subject: odd\r\n\r\n" + b"z" * 5000 + b"\r\n")
    refuse_bare_line_ends(content)
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("reverse_path", "notify", "wanted"),
    [
        ("alice@example.test", "", True),
        ("alice@example.test", "FAILURE", True),
        ("alice@example.test", "success,failure", True),
        ("alice@example.test", "NEVER", False),
        ("alice@example.test", "SUCCESS,DELAY", False),
        ("", "", False),
        ("<>", "FAILURE", False),
    ],
)
def test_who_wants_to_be_told(reverse_path, notify, wanted):
    assert wants_failure_report(reverse_path, notify) is wanted
