from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.ids import uuid7
from mailhold.mailstore.content import NewMessage, NewRecipient, read_content, store
from mailhold.mailstore.models import Message, Revision
from mailhold.mailstore.rotation import count_by_key, rotate
from mailhold.mailstore.sealing import KeyRing, key_id_of, new_key

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OLD, NEW = new_key(), new_key()
OLD_ID, NEW_ID = (KeyRing.parse([key]).newest.key_id for key in (OLD, NEW))
ACTOR = Actor(channel="command")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.SEALING_KEYS = [OLD]


def store_messages(count):
    return store(
        [
            NewMessage(
                id=uuid7(),
                received_at=NOW,
                reverse_path="alice@example.test",
                forward_paths=(NewRecipient(address="carol@example.com"),),
                content=f"message {number}".encode(),
                trace_header="",
            )
            for number in range(count)
        ]
    )


def run(*arguments):
    out = StringIO()
    call_command("keys", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_after_a_rotation_the_old_key_is_not_needed(settings):
    store_messages(7)
    settings.SEALING_KEYS = [NEW, OLD]
    done = rotate(now=lambda: NOW, actor=ACTOR, batch=3)
    settings.SEALING_KEYS = [NEW]
    assert (done.seen, done.rewrapped, done.unreadable) == (7, 7, ())
    assert {read_content(revision) for revision in Revision.objects.all()} == {
        f"message {number}".encode() for number in range(7)
    }


def test_a_second_rotation_changes_nothing(settings):
    store_messages(3)
    settings.SEALING_KEYS = [NEW, OLD]
    rotate(now=lambda: NOW, actor=ACTOR)
    before = list(Message.objects.values_list("pk", "wrapped_key"))
    assert rotate(now=lambda: NOW, actor=ACTOR).rewrapped == 0
    assert list(Message.objects.values_list("pk", "wrapped_key")) == before


def test_a_rotation_that_was_stopped_goes_on_where_it_was(settings):
    store_messages(5)
    settings.SEALING_KEYS = [NEW, OLD]

    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(now=lambda: NOW, actor=ACTOR, batch=2, report=stop)
    assert count_by_key() == {NEW_ID.hex(): 2, OLD_ID.hex(): 3}
    assert rotate(now=lambda: NOW, actor=ACTOR, batch=2).rewrapped == 3


def test_a_message_that_arrives_during_a_rotation_stays_readable(settings):
    store_messages(2)
    settings.SEALING_KEYS = [NEW, OLD]
    arrived = []

    def arrive(progress):
        arrived.extend(store_messages(1) if not arrived else ())

    rotate(now=lambda: NOW, actor=ACTOR, batch=1, report=arrive)
    settings.SEALING_KEYS = [NEW]
    assert read_content(arrived[0].revisions.get()) == b"message 0"


def test_each_batch_is_recorded(settings):
    store_messages(3)
    settings.SEALING_KEYS = [NEW, OLD]
    rotate(now=lambda: NOW, actor=ACTOR, batch=2)
    assert list(Event.objects.values_list("tag", "at", "channel", "details")) == [
        (Tag.KEYS_ROTATED, NOW, "command", {"messages": 2, "key_id": NEW_ID.hex()}),
        (Tag.KEYS_ROTATED, NOW, "command", {"messages": 1, "key_id": NEW_ID.hex()}),
    ]


def test_a_key_that_does_not_open_is_left_and_named(settings):
    lost, fine = store_messages(2)
    broken = bytearray(lost.wrapped_key)
    broken[-1] ^= 1
    Message.objects.filter(pk=lost.pk).update(wrapped_key=bytes(broken))
    settings.SEALING_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="1 messages could not be opened"):
        run("rotate")
    lost.refresh_from_db()
    fine.refresh_from_db()
    assert bytes(lost.wrapped_key) == bytes(broken)
    assert key_id_of(bytes(fine.wrapped_key)) == NEW_ID


def test_the_command_says_how_far_it_is(settings):
    store_messages(2)
    settings.SEALING_KEYS = [NEW, OLD]
    assert run("rotate").splitlines() == [
        "2 messages seen, 2 wrapped anew",
        "Done: 2 of 2 messages were wrapped anew.",
    ]


def test_the_status_counts_messages_by_key(settings):
    store_messages(2)
    settings.SEALING_KEYS = [NEW, OLD]
    assert run("status").splitlines() == [
        f"{NEW_ID.hex()} (newest): 0 messages",
        f"{OLD_ID.hex()}: 2 messages",
    ]


def test_the_status_fails_where_a_key_is_missing(settings):
    store_messages(2)
    settings.SEALING_KEYS = [NEW]
    with pytest.raises(CommandError, match="Put the missing keys back"):
        run("status")


def test_a_new_key_fits_the_ring():
    KeyRing.parse([run("new").strip()])


def test_a_wrong_ring_stops_the_start(settings):
    settings.SEALING_KEYS = ["nonsense"]
    assert [error.id for error in run_checks()] == ["mailstore.E001"]
