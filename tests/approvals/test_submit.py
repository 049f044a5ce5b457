import pytest
from django.db import IntegrityError

from audit.models import Event
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Message, Recipient


def test_an_accepted_message_is_stored_recorded_and_rung_for(accept):
    from django_q.models import OrmQ

    message_id = accept(to=("a@client.example", "b@example.test"))

    message = Message.objects.get(pk=message_id)
    assert message.status == Message.Status.RECEIVED
    assert [r.status for r in message.recipients.all()] == [Recipient.Status.RECEIVED] * 2
    assert Event.objects.get(message_id=message_id).tag == "message:gateway:accepted"
    assert OrmQ.objects.count() == 1
    assert b"Subject: Offer" in read_content(message.revisions.get())


def test_nothing_is_kept_when_one_step_fails(accept, monkeypatch):
    def broken(_entries):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("approvals.flows.submit.record_all", broken)

    with pytest.raises(IntegrityError):
        accept()

    assert not Message.objects.exists()
    assert not Recipient.objects.exists()


def test_two_messages_with_the_same_message_id_are_two_messages(accept):
    content = b"Message-ID: <same@x>\r\nFrom: a@example.test\r\n\r\nHello\r\n"
    accept(content=content)
    accept(content=content)

    assert Message.objects.count() == 2


def test_content_is_not_readable_in_the_database(accept):
    from mailhold.mailstore.models import SealedContent

    accept(body="the very secret word\n")

    assert b"very secret word" not in bytes(SealedContent.objects.get().sealed)
