import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import verify as verification
from audit.chain import EVENT_COLUMNS, block_hash, entries_of
from audit.exceptions import NotAHead
from audit.models import Block, Event
from audit.record import Actor, Entry, record, record_all
from audit.sealer import seal
from audit.tags import Tag
from audit.verify import Head, current_head, verify

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    """Six events with all columns filled, in three blocks of two."""
    for number in range(6):
        record(
            Entry(
                tag=Tag.HOLD_APPROVED,
                at=NOW + timedelta(seconds=number),
                actor=Actor(
                    address=f"bob{number}@example.test", channel="link", ip_address="::1", user_agent="P"
                ),
                message_id=UUID(int=number),
                hold_id=UUID(int=100 + number),
                details={"stage": number},
            )
        )
        if number % 2:
            seal(NOW + timedelta(minutes=number))
    assert verify(NOW).problems == ()
    return list(Event.objects.values_list("pk", flat=True))


@pytest.fixture
def tamper():
    """Run SQL as somebody who owns the database: without triggers and constraints."""

    def run(statement, *parameters):
        with connection.cursor() as cursor:
            for table in ("audit_event", "audit_block"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only{on}")
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute(statement, parameters)
            assert cursor.rowcount > 0
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")

    return run


def problems(published=None):
    return verify(NOW, published).problems


def test_an_untouched_record_has_no_problem(events):
    report = verify(NOW)
    assert (report.blocks, report.events, report.waiting, report.problems) == (3, 6, 0, ())
    assert report.head == current_head() == Head(3, bytes(Block.objects.get(pk=3).hash))


def test_an_empty_record_has_no_problem():
    report = verify(NOW, current_head())
    assert (report.blocks, report.head, report.problems) == (0, Head(0, bytes(32)), ())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tag", Tag.HOLD_REJECTED),
        ("at", NOW + timedelta(seconds=2, microseconds=1)),
        ("message_id", UUID(int=3)),
        ("message_id", None),
        ("hold_id", UUID(int=103)),
        ("actor", "cob2@example.test"),
        ("channel", "lnik"),
        ("ip_address", "::3"),
        ("user_agent", "Q"),
        ("details", {"stage": 3}),
        ("details", {}),
    ],
)
def test_a_changed_column_of_an_event_is_found(events, tamper, column, value):
    field = Event._meta.get_field(column)
    stored = json.dumps(value) if column == "details" else field.get_db_prep_value(value, connection)
    tamper(f"UPDATE audit_event SET {column} = %s WHERE id = %s", stored, events[2])
    assert problems() == (f"Event {events[2]} of block 2 was altered.",)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's columns hold only what they are for")
@pytest.mark.parametrize("column", ["at", "message_id", "hold_id", "details"])
def test_an_event_that_cannot_even_be_read_is_found(events, tamper, column):
    tamper(f"UPDATE audit_event SET {column} = 'gibberish' WHERE id = %s", events[2])
    assert problems() == (f"Event {events[2]} of block 2 was altered.",)


@pytest.mark.parametrize("place", range(6))
def test_a_removed_event_is_found(events, tamper, place):
    tamper("DELETE FROM audit_event WHERE id = %s", events[place])
    assert problems() == (f"Event {events[place]} of block {place // 2 + 1} was removed.",)


def test_an_event_put_into_a_sealed_block_is_found(events, tamper):
    record(Entry(tag=Tag.HOLD_APPROVED, at=NOW))
    pk = Event.objects.get(block__isnull=True).pk
    tamper("UPDATE audit_event SET block_id = 2 WHERE id = %s", pk)
    assert problems() == (f"Event {pk} was put into block 2 after that was sealed.",)


def test_two_swapped_events_are_found(events, tamper):
    one, two = events[1], events[4]
    tamper("UPDATE audit_event SET id = -1 WHERE id = %s", one)
    tamper("UPDATE audit_event SET id = %s, block_id = 1 WHERE id = %s", one, two)
    tamper("UPDATE audit_event SET id = %s, block_id = 3 WHERE id = -1", two)
    assert problems() == (f"Event {one} of block 1 was altered.", f"Event {two} of block 3 was altered.")


def test_an_event_moved_to_another_block_is_found(events, tamper):
    tamper("UPDATE audit_event SET block_id = 3 WHERE id = %s", events[0])
    assert problems() == (
        f"Event {events[0]} of block 1 was removed.",
        f"Event {events[0]} was put into block 3 after that was sealed.",
    )


def test_an_event_taken_out_of_its_block_is_found(events, tamper):
    tamper("UPDATE audit_event SET block_id = NULL WHERE id = %s", events[0])
    seal(NOW)
    assert problems() == (f"Event {events[0]} of block 1 was removed.",)


@pytest.mark.parametrize("column", ["previous_hash", "hash", "entries"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_flipped_bit_in_a_block_is_found(events, tamper, column, place):
    value = bytearray(Block.objects.values_list(column, flat=True).get(pk=2))
    value[place] ^= 1
    tamper(f"UPDATE audit_block SET {column} = %s WHERE number = 2", bytes(value))
    assert "Block 2 was altered: its hash does not match its row." in problems()


def test_a_changed_sealing_time_is_found(events, tamper):
    at = Block._meta.get_field("sealed_at").get_db_prep_value(NOW, connection)
    tamper("UPDATE audit_block SET sealed_at = %s WHERE number = 2", at)
    assert problems() == ("Block 2 was altered: its hash does not match its row.",)


def test_a_changed_count_is_found(events, tamper):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_block DROP CONSTRAINT block_entry_per_event")
    tamper("UPDATE audit_block SET event_count = 3 WHERE number = 2")
    assert problems() == ("Block 2 was altered: it counts 3 events and lists another number.",)


def test_a_block_made_anew_does_not_fit_the_next_one(events, tamper):
    tamper("UPDATE audit_event SET actor = 'x' WHERE id = %s", events[2])
    block = Block.objects.get(pk=2)
    entries = fresh_entries(2)
    fresh = block_hash(
        previous_hash=bytes(block.previous_hash), number=2, sealed_at=block.sealed_at, entries=entries
    )
    tamper("UPDATE audit_block SET entries = %s, hash = %s WHERE number = 2", entries, fresh)
    assert problems() == ("Block 3 does not follow from block 2: one of the two was altered.",)


def fresh_entries(number):
    return entries_of(Event.objects.filter(block_id=number).values(*EVENT_COLUMNS))


def test_a_record_rewritten_to_its_end_does_not_fit_the_published_head(events, tamper):
    published = current_head()
    tamper("UPDATE audit_event SET actor = 'x' WHERE id = %s", events[5])
    block = Block.objects.get(pk=3)
    entries = fresh_entries(3)
    fresh = block_hash(
        previous_hash=bytes(block.previous_hash), number=3, sealed_at=block.sealed_at, entries=entries
    )
    tamper("UPDATE audit_block SET entries = %s, hash = %s WHERE number = 3", entries, fresh)
    assert problems() == ()
    assert problems(published) == ("Block 3 is not the one that was published: the record was rewritten.",)


def test_a_removed_block_is_found(events, tamper):
    tamper("DELETE FROM audit_event WHERE block_id = 2")
    tamper("DELETE FROM audit_block WHERE number = 2")
    assert problems() == ("Block 2 is missing.",)


def test_removed_first_blocks_are_found(events, tamper):
    tamper("DELETE FROM audit_event WHERE block_id < 3")
    tamper("DELETE FROM audit_block WHERE number < 3")
    assert problems() == ("Blocks 1 to 2 are missing.",)


def test_events_whose_block_was_removed_are_named(events, tamper):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'audit_event'::regclass AND contype = 'f'"
            )
            cursor.execute(f'ALTER TABLE audit_event DROP CONSTRAINT "{cursor.fetchone()[0]}"')
    tamper("DELETE FROM audit_block WHERE number = 3")
    assert problems() == tuple(f"Event {pk} belongs to block 3, which is missing." for pk in events[4:])
    # The fixture's transaction is checked at its end.
    tamper("DELETE FROM audit_event WHERE block_id = 3")


def test_a_cut_tail_is_found_by_the_published_head(events, tamper):
    published = current_head()
    tamper("DELETE FROM audit_event WHERE block_id > 1")
    tamper("DELETE FROM audit_block WHERE number > 1")
    assert problems() == ()
    assert problems(published) == ("Blocks 2 to 3 are missing: the end of the record was cut off.",)


def test_an_older_published_head_still_fits(events):
    published = current_head()
    record(Entry(tag=Tag.HOLD_HELD, at=NOW))
    seal(NOW)
    assert problems(published) == ()


def test_events_that_wait_too_long_are_counted_and_no_problem(events):
    record_all([Entry(tag=Tag.HOLD_HELD, at=NOW)] * 2)
    assert verify(NOW + timedelta(minutes=4)).waiting == 0
    report = verify(NOW + timedelta(minutes=6))
    assert (report.waiting, report.problems) == (2, ())


def test_many_blocks_are_walked_in_portions(monkeypatch, events, tamper):
    monkeypatch.setattr(verification, "_BLOCKS_AT_ONCE", 2)
    tamper("UPDATE audit_event SET actor = 'x' WHERE id = %s", events[5])
    report = verify(NOW)
    assert (report.blocks, report.problems) == (3, (f"Event {events[5]} of block 3 was altered.",))


def test_verification_stops_when_everything_is_wrong(monkeypatch, events, tamper):
    monkeypatch.setattr(verification, "MOST_PROBLEMS", 2)
    tamper("UPDATE audit_event SET actor = 'x'")
    assert problems() == (
        f"Event {events[0]} of block 1 was altered.",
        f"Event {events[1]} of block 1 was altered.",
        "Verification stopped after 2 problems.",
    )


@pytest.mark.parametrize(
    "text", ["", "3", "abc:3", "0" * 64, "0" * 63 + ":3", "0" * 64 + ":-3", "0" * 64 + ":x"]
)
def test_what_is_no_head_is_refused(text):
    with pytest.raises(NotAHead):
        Head.parse(text)


def run(*arguments):
    out = StringIO()
    call_command("audit", *arguments, stdout=out, stderr=out)
    return out.getvalue().splitlines()


def test_the_command_prints_a_head_that_it_takes_back(events):
    (head,) = run("head")
    assert run("verify", "--head", head) == ["6 events in 3 blocks are as they were sealed.", f"Head: {head}"]


def test_the_command_fails_and_names_the_event(events, tamper):
    tamper("DELETE FROM audit_event WHERE id = %s", events[3])
    out = StringIO()
    with pytest.raises(CommandError, match="1 problems"):
        call_command("audit", "verify", stdout=out, stderr=out)
    assert f"Event {events[3]} of block 2 was removed." in out.getvalue()


def test_the_command_fails_on_a_wrong_head(events):
    with pytest.raises(CommandError, match="is not a head"):
        run("verify", "--head", "nonsense")


def test_the_command_seals():
    record_all([Entry(tag=Tag.HOLD_HELD, at=NOW)] * 2)
    assert run("seal") == ["2 events sealed."]


def test_the_command_says_that_the_sealer_does_not_run():
    record(Entry(tag=Tag.HOLD_HELD, at=NOW - timedelta(days=1000)))
    assert run("verify")[0] == "1 events wait for the sealer; is the dispatcher running?"
