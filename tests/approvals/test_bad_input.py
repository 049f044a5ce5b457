"""Broken, hostile and huge mail on its whole way: accepted, screened, held, shown, told of, released, delivered."""

import pytest

from approvals import reading
from approvals.flows.deliver import deliver
from approvals.flows.notify import notify
from approvals.flows.release import claim_due
from approvals.flows.screen import screen
from approvals.models import Hold, Notice
from approvals.states import HoldState
from mailhold.mailstore.models import Recipient

HEAD = b"From: alice@example.test\r\nTo: customer@client.example\r\n"

CONTENTS = {
    "empty": b"",
    "a line end": b"\r\n",
    "no header": b"\r\nHello\r\n",
    "no line end": b"Hello",
    "no body": HEAD,
    "NUL": HEAD + b"Subject: a\0b\r\n\r\nc\0d\r\n",
    "NUL in an encoded word": HEAD + b"Subject: =?utf-8?q?a=00b?=\r\n\r\nx\r\n",
    "raw octets": HEAD + b"Subject: \xff\xfe\xed\xa0\x80\r\n\r\n\xed\xa0\x80\r\n",
    "lone surrogates": HEAD + b"Subject: =?utf-16-be?b?2AA=?= =?utf-7?q?+2AA-?=\r\n\r\nx\r\n",
    "long subject": HEAD + b"Subject: " + b"\xe3\x81\x82" * 10_000 + b"\r\n\r\nx\r\n",
    "long author": b"From: " + b"a" * 400 + b"@" + b"b" * 400 + b".example\r\nSubject: x\r\n\r\nx\r\n",
    "many authors": b"From: " + b", ".join(b"a%d@example.test" % n for n in range(2000)) + b"\r\n\r\nx\r\n",
    "NUL in author": b"From: a\0b <alice\0@example.test>\r\n\r\nx\r\n",
    "NUL in a file name": HEAD
    + b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name*=utf-8''a%00b.pdf\r\n"
    + b"Content-Disposition: attachment; filename*=utf-8''a%00%ED%A0%80b.pdf\r\n\r\nx\r\n",
    "unended multipart": HEAD
    + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    "deep": HEAD
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    "Bcc": HEAD + b"Bcc: hidden@client.example\r\nSubject: x\r\n\r\nx\r\n",
}

POLICIES = """
format: 1
policies:
  - key: files
    name: {ja: 添付, en: Files}
    priority: 1
    conditions: [{kind: attachment_name, values: ["*.pdf"]}]
    actions: [{kind: hold, for: 5m}]
  - key: words
    name: {ja: 語, en: Words}
    priority: 2
    conditions: [{kind: words, choice: both, values: [x, Hello]}]
    actions: [{kind: hold, for: 5m}]
  - key: outside
    name: {ja: 社外, en: Outside}
    priority: 3
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: hold, for: 5m}]
"""


def open_all(hold):
    """Open every gate, as an administrator would who looked at what could not be inspected."""
    from django.utils import timezone

    hold.gates.update(opened_for=hold.revision_id, opened_at=timezone.now())
    Hold.objects.filter(pk=hold.pk, stage__gt=0).update(stage=0, release_at=hold.created_at, not_before=None)


@pytest.mark.parametrize("name", list(CONTENTS))
def test_whatever_comes_goes_its_way_unchanged(
    name, accept, policies, alice, admin, now, later, mailbox, statuses
):
    policies(POLICIES)
    content = CONTENTS[name]
    assert screen([accept(person=alice, content=content)], now) == 1
    hold = Hold.objects.get()
    assert hold.state == HoldState.HELD
    assert reading.shown_mail(hold).recipients
    notify(list(Notice.objects.values_list("pk", flat=True)), now)
    assert not Notice.objects.filter(state__in=["waiting", "failed"]).exists()
    open_all(hold)
    assert claim_due(later(300)) == 1

    assert deliver([hold.pk]) == 1

    if content.endswith(b"\r\n") or not content:
        assert statuses(hold) == {"customer@client.example": "delivered"}
        (arrived,) = [mail for mail in mailbox() if mail.envelope.recipients == ("customer@client.example",)]
        assert arrived.content.endswith(content)
        assert f"X-Mailhold-Id: {hold.pk}\r\n".encode() in arrived.content


def test_a_thousand_recipients_are_one_mail_with_a_thousand_outcomes(
    one_hold, alice, later, mailbox, statuses
):
    everyone = tuple(f"customer{number}@client.example" for number in range(1000))
    hold = one_hold(person=alice, to=everyone)
    assert claim_due(later(300)) == 1

    assert deliver([hold.pk]) == 1

    assert set(statuses(hold).values()) == {"delivered"}
    assert mailbox()[-1].envelope.recipients == everyone


@pytest.mark.parametrize(
    "address",
    [
        "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".example",
        '"a b\\"c"@client.example',
        "利用者@例え.example",
        "a+tag@client.example",
        "A@CLIENT.EXAMPLE",
        "postmaster@[192.0.2.1]",
    ],
)
def test_unusual_addresses_are_kept_and_shown_as_they_came(address, one_hold, alice, later):
    hold = one_hold(
        person=alice, to=(address,), content=b"From: alice@example.test\r\nSubject: x\r\n\r\nx\r\n"
    )

    assert [row.address for row in reading.shown_mail(hold).recipients] == [address]
    assert claim_due(later(300)) == 1
    assert deliver([hold.pk]) == 1
    assert Recipient.objects.get().status in {"delivered", "failed"}


def test_a_mail_of_fifty_mebibytes_comes_through(one_hold, alice, admin, later, mailbox):
    line = b"x" * 998 + b"\r\n"
    content = HEAD + b"Subject: large\r\n\r\n" + line * (50 * 1024 * 1024 // len(line))
    hold = one_hold(person=alice, content=content)
    assert hold.revision.size == len(content)
    open_all(hold)
    assert claim_due(later(300)) == 1

    assert deliver([hold.pk]) == 1

    assert mailbox()[-1].content.endswith(content)
