import hashlib
import secrets
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from statements import counted_statements

from mailhold.gateway.submission import ForwardPath, Submission
from mailhold.ids import uuid7
from mailhold.mailstore.content import (
    NewMessage,
    NewRecipient,
    add_revision,
    latest_revision,
    open_key,
    read_content,
    store,
)
from mailhold.mailstore.exceptions import ContentUnreadable, EnvelopeNotStorable
from mailhold.mailstore.models import Message, Recipient, Revision, SealedContent

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CONTENT = b"Subject: Quote\r\n\r\nDear Carol\r\n"

pytestmark = pytest.mark.django_db


def new_message(**changes):
    values = {
        "id": uuid7(),
        "received_at": NOW,
        "reverse_path": "alice@example.test",
        "forward_paths": (NewRecipient(address="carol@Example.COM"),),
        "content": CONTENT,
        "trace_header": "Received: from client\r\n",
    }
    return NewMessage(**values | changes)


def stored(**changes):
    (message,) = store([new_message(**changes)])
    return message


def test_the_fields_are_those_of_a_submission():
    def shape(kind):
        return {(field.name, field.default) for field in fields(kind)}

    assert shape(NewMessage) == shape(Submission)
    assert shape(NewRecipient) == shape(ForwardPath)


def test_a_stored_message_keeps_its_envelope(alice):
    sent = new_message(
        smtputf8=True,
        eightbit=True,
        dsn_ret="HDRS",
        dsn_envid="QQ314159",
        submitter_id=alice.pk,
        peer_address="192.0.2.7",
        helo_name="desk.example.test",
        protocol="ESMTPSA",
    )
    store([sent])
    message = Message.objects.get(pk=sent.id)
    for name in (
        "received_at",
        "reverse_path",
        "trace_header",
        "smtputf8",
        "eightbit",
        "dsn_ret",
        "dsn_envid",
    ):
        assert getattr(message, name) == getattr(sent, name)
    assert (message.submitter, message.status) == (alice, Message.Status.RECEIVED)
    assert (message.peer_address, message.helo_name, message.protocol) == (
        "192.0.2.7",
        "desk.example.test",
        "ESMTPSA",
    )


def test_a_recipient_keeps_its_address_as_written_and_its_domain_folded():
    paths = (NewRecipient(address="Carol@Example.COM", dsn_notify="NEVER", dsn_orcpt="rfc822;c@example.com"),)
    recipient = stored(forward_paths=paths).recipients.get()
    assert (recipient.address, recipient.domain) == ("Carol@Example.COM", "example.com")
    assert (recipient.dsn_notify, recipient.dsn_orcpt) == ("NEVER", "rfc822;c@example.com")
    assert recipient.status == Recipient.Status.RECEIVED


def test_content_comes_back_byte_for_byte():
    content = secrets.token_bytes(300_000)
    assert read_content(stored(content=content).revisions.get()) == content


def test_the_database_holds_no_readable_content():
    message = stored(content=b"Subject: merger\r\n\r\nNobody knows yet.\r\n")
    sealed = bytes(SealedContent.objects.get(revision__message=message).sealed)
    assert b"merger" not in sealed
    assert b"Nobody" not in sealed


def test_a_revision_knows_digest_and_size(alice):
    revision = stored(submitter_id=alice.pk).revisions.get()
    assert (revision.number, bytes(revision.digest)) == (0, hashlib.sha256(CONTENT).digest())
    assert (revision.size, revision.made_at, revision.made_by) == (len(CONTENT), NOW, alice)


def test_a_hundred_messages_take_one_statement_a_table():
    messages = [new_message() for _ in range(100)]
    if connection.vendor == "sqlite":
        messages = messages[:50]  # SQLite's limit of variables makes batches smaller
    with counted_statements() as texts:
        assert [message.id for message in store(messages)] == [message.id for message in messages]
    assert len(texts) == 4


def test_many_recipients_of_many_messages_fit_the_limits_of_a_statement():
    paths = tuple(NewRecipient(address=f"r{number}@example.com") for number in range(1000))
    store([new_message(forward_paths=paths) for _ in range(20)])
    assert Recipient.objects.count() == 20_000


def test_text_that_a_database_refuses_is_cleaned():
    message = stored(helo_name="a\0b" * 200, trace_header="Received: from \udce3\r\n")
    message.refresh_from_db()
    assert message.helo_name == ("ab" * 200)[:255]
    assert message.trace_header == "Received: from \ufffd\r\n"


@pytest.mark.parametrize("address", ["a\0b@example.com", "\udce3@example.com", "a" * 321])
def test_an_address_that_would_have_to_be_changed_is_refused_and_not_shown(address):
    for changes in ({"reverse_path": address}, {"forward_paths": (NewRecipient(address=address),)}):
        with pytest.raises(EnvelopeNotStorable) as caught:
            stored(**changes)
        assert address not in str(caught.value)
    assert not Message.objects.exists()


def test_a_further_revision_opens_beside_the_first(alice):
    message = Message.objects.get(pk=stored().pk)
    made = add_revision(message, b"changed\r\n", made_at=NOW, made_by=alice, number=1)
    assert (made.message, made.made_by_id) == (message, alice.pk)
    assert read_content(Revision.objects.get(pk=made.pk)) == b"changed\r\n"
    assert read_content(message.revisions.get(number=0)) == CONTENT


def test_a_revision_made_by_a_policy_has_no_person():
    made = add_revision(stored(), b"x", made_at=NOW, made_by=None, number=1)
    assert Revision.objects.get(pk=made.pk).made_by is None


def test_the_latest_revision_has_the_highest_number():
    message = stored()
    second = add_revision(message, b"2", made_at=NOW, made_by=None, number=2)
    add_revision(message, b"1", made_at=NOW, made_by=None, number=1)
    assert latest_revision(message) == second


def test_a_revision_number_is_taken_once():
    message = stored()
    with pytest.raises(IntegrityError), transaction.atomic():
        add_revision(message, b"x", made_at=NOW, made_by=None, number=0)


def test_content_swapped_between_revisions_is_unreadable():
    one, two = stored().revisions.get(), stored(content=b"other").revisions.get()
    SealedContent.objects.filter(pk=one.pk).update(sealed=SealedContent.objects.get(pk=two.pk).sealed)
    with pytest.raises(ContentUnreadable, match=str(one.pk)):
        read_content(one)


def test_a_changed_digest_makes_content_unreadable():
    revision = stored().revisions.get()
    Revision.objects.filter(pk=revision.pk).update(digest=bytes(32))
    with pytest.raises(ContentUnreadable, match="does not match its digest"):
        read_content(revision)


def test_missing_content_is_named():
    revision = stored().revisions.get()
    SealedContent.objects.filter(pk=revision.pk).delete()
    with pytest.raises(ContentUnreadable, match=f"{revision.pk} has no sealed content"):
        read_content(revision)


def test_the_key_of_a_message_seals_more():
    message = stored()
    revision_id = uuid7()
    sealed = open_key(message).seal(revision_id, b"more")
    assert open_key(Message.objects.get(pk=message.pk)).open(revision_id, sealed) == b"more"


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Message, {"status": "lost"}),
        (Message, {"wrapped_key": b"bare key"}),
        (Recipient, {"status": "lost"}),
        (Recipient, {"address": ""}),
        (Revision, {"number": -1}),
        (Revision, {"digest": b"short"}),
        (SealedContent, {"sealed": b"in the clear"}),
    ],
)
def test_the_database_refuses_the_impossible(model, changes):
    stored()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**changes)


@pytest.mark.parametrize("status", Recipient.Status.values)
def test_every_status_of_a_recipient_can_be_stored(status):
    stored()
    assert Recipient.objects.update(status=status) == 1


@pytest.mark.parametrize("status", Message.Status.values)
def test_every_status_of_a_message_can_be_stored(status):
    stored()
    assert Message.objects.update(status=status) == 1


def test_a_batch_with_a_message_that_does_not_fit_keeps_nothing():
    good = new_message()
    with pytest.raises(EnvelopeNotStorable):
        store([good, replace(new_message(), dsn_envid="e" * 101)])
    assert not Message.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a matter of PostgreSQL's storage")
def test_sealed_content_is_kept_out_of_line_and_not_compressed():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'mailstore_sealedcontent'::regclass AND attname = 'sealed'"
        )
        assert cursor.fetchone() == ("e",)
