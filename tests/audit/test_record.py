from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from statements import counted_statements

from audit.exceptions import RecordIsAppendOnly
from audit.models import Block, Event
from audit.record import SYSTEM, Actor, Entry, record, record_all
from audit.sealer import seal
from audit.tags import Tag

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def sealed_event():
    record(Entry(tag=Tag.HOLD_HELD, at=NOW))
    seal(NOW)
    return Event.objects.get()


def test_an_event_keeps_who_did_what_and_how():
    actor = Actor(address="bob@example.test", channel="link", ip_address="192.0.2.7", user_agent="Phone 1")
    message_id, hold_id = UUID(int=1), UUID(int=2)
    record(
        Entry(
            tag=Tag.HOLD_APPROVED,
            at=NOW,
            actor=actor,
            message_id=message_id,
            hold_id=hold_id,
            details={"stage": 1, "text": "はい"},
        )
    )
    event = Event.objects.get()
    assert (event.tag, event.at, event.message_id, event.hold_id) == (
        Tag.HOLD_APPROVED,
        NOW,
        message_id,
        hold_id,
    )
    assert (event.actor, event.channel, event.ip_address, event.user_agent) == (
        "bob@example.test",
        "link",
        "192.0.2.7",
        "Phone 1",
    )
    assert (event.details, event.block) == ({"stage": 1, "text": "はい"}, None)


def test_many_events_take_one_statement():
    count = 80 if connection.vendor == "sqlite" else 1000
    with counted_statements() as texts:
        record_all(Entry(tag=Tag.HOLD_HELD, at=NOW, actor=SYSTEM) for _ in range(count))
    assert len(texts) == 1


def test_an_event_is_gone_with_its_transaction():
    with transaction.atomic():
        record(Entry(tag=Tag.HOLD_HELD, at=NOW))
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_what_no_database_keeps_is_replaced():
    actor = Actor(user_agent="a\0b" + "x" * 400)
    record(
        Entry(tag=Tag.DELIVERY_ATTEMPTED, at=NOW, actor=actor, details={"replies": ["4\0", ("\udce3", 5)]})
    )
    event = Event.objects.get()
    assert event.user_agent.startswith("a\ufffdbx")
    assert len(event.user_agent) == 300
    assert event.details == {"replies": ["4\ufffd", ["\ufffd", 5]]}


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.save(update_fields=["tag"]),
        lambda event: event.delete(),
        lambda event: event.block.save(),
        lambda event: event.block.delete(),
        lambda event: Event.objects.update(tag="x"),
        lambda event: Event.objects.filter(pk=event.pk).delete(),
        lambda event: Event.objects.bulk_update([event], ["tag"]),
        lambda event: Block.objects.update(event_count=0),
        lambda event: Block.objects.all().delete(),
        lambda event: event.block.events.update(tag="x"),
    ],
)
def test_models_refuse_to_change_what_was_recorded(change):
    with pytest.raises(RecordIsAppendOnly, match="is never changed or deleted"):
        change(sealed_event())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET tag = 'x'",
        "UPDATE audit_event SET at = '2020-01-01 00:00:00'",
        "UPDATE audit_event SET message_id = hold_id, hold_id = NULL, details = '{\"a\": 1}'",
        "UPDATE audit_event SET block_id = NULL",
        "UPDATE audit_event SET block_id = block_id",
        "UPDATE audit_block SET hash = previous_hash",
    ],
)
def test_the_database_refuses_to_change_what_was_sealed(statement):
    sealed_event()
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("column", ["tag", "actor", "channel", "ip_address", "user_agent"])
def test_the_database_refuses_to_change_an_event_along_with_its_sealing(column):
    sealed_event()
    record(Entry(tag=Tag.HOLD_HELD, at=NOW))
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(
            f"UPDATE audit_event SET block_id = 1, {column} = 'x' WHERE block_id IS NULL"
        )


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no trigger on DELETE (migration 0002)"
)
@pytest.mark.parametrize("table", ["audit_event", "audit_block"])
def test_the_database_refuses_to_delete(table):
    sealed_event()
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}")
