from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from audit.chain import ENTRY_BYTES, EVENT_COLUMNS, block_hash, entries_of, event_hash, read_entries
from audit.models import Event

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
EVENT = {
    "id": 7,
    "tag": "hold:policy:held",
    "at": NOW,
    "message_id": UUID(int=1),
    "hold_id": None,
    "actor": "alice@example.test",
    "channel": "page",
    "ip_address": "192.0.2.7",
    "user_agent": "Phone",
    "details": {"b": [1, "二"], "a": None},
}


def test_every_column_but_the_block_is_hashed():
    assert {field.name for field in Event._meta.concrete_fields} == {*EVENT_COLUMNS, "block"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 8),
        ("tag", "hold:policy:helf"),
        ("at", NOW + timedelta(microseconds=1)),
        ("message_id", UUID(int=2)),
        ("hold_id", UUID(int=1)),
        ("actor", ""),
        ("channel", "link"),
        ("ip_address", "192.0.2.8"),
        ("user_agent", "phone"),
        ("details", {"b": ["二", 1], "a": None}),
    ],
)
def test_another_value_in_any_column_gives_another_hash(column, value):
    assert event_hash(EVENT | {column: value}) != event_hash(EVENT)


def test_values_do_not_run_into_each_other():
    assert event_hash(EVENT | {"actor": "ab", "channel": "c"}) != event_hash(
        EVENT | {"actor": "a", "channel": "bc"}
    )


def test_the_hash_does_not_depend_on_the_order_of_keys_or_the_time_zone():
    same = dict(reversed(EVENT.items()))
    same["details"] = dict(reversed(EVENT["details"].items()))
    same["at"] = NOW.astimezone(timezone(timedelta(hours=9)))
    assert event_hash(same) == event_hash(EVENT)


def test_the_hash_of_an_event_is_the_one_that_was_written_down():
    # A change of this value means that no older record verifies any more.
    assert event_hash(EVENT).hex() == "83b2227deb5f7775cfe310d66a649d7a0c0d24117dfac3b5e58d427eb8fe2522"


def test_the_hash_of_a_block_is_the_one_that_was_written_down():
    found = block_hash(previous_hash=bytes(32), number=1, sealed_at=NOW, entries=entries_of([EVENT]))
    assert found.hex() == "bcfd36d173522aba9c2a399bb8d7fd202b989462bed17e62eeb55db9f01a4e20"


@pytest.mark.parametrize(
    "change",
    [
        {"previous_hash": bytes(31) + b"\1"},
        {"number": 2},
        {"sealed_at": NOW + timedelta(microseconds=1)},
        {"entries": b""},
    ],
)
def test_any_part_of_a_block_gives_another_hash(change):
    block = {"previous_hash": bytes(32), "number": 1, "sealed_at": NOW, "entries": entries_of([EVENT])}
    assert block_hash(**block | change) != block_hash(**block)


@given(st.lists(st.integers(0, 2**63 - 1), max_size=20))
def test_entries_are_read_as_they_were_written(ids):
    events = [EVENT | {"id": pk} for pk in ids]
    entries = entries_of(events)
    assert len(entries) == len(ids) * ENTRY_BYTES
    assert list(read_entries(entries)) == [(event["id"], event_hash(event)) for event in events]
