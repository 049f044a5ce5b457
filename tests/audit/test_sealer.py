import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from audit import sealer
from audit.models import Block, Event
from audit.record import Entry, record, record_all
from audit.sealer import seal
from audit.tags import Tag
from audit.verify import verify

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ENTRY = Entry(tag=Tag.HOLD_HELD, at=NOW)

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time, and its tests one connection"
)


@pytest.mark.django_db
def test_events_go_into_blocks_of_limited_size():
    record_all([ENTRY] * 2500)
    assert seal(NOW) == 2500
    assert list(Block.objects.values_list("number", "event_count")) == [(1, 1000), (2, 1000), (3, 500)]
    assert not Event.objects.filter(block__isnull=True).exists()


@pytest.mark.django_db
def test_nothing_to_seal_makes_no_block():
    assert seal(NOW) == 0
    assert not Block.objects.exists()


@pytest.mark.django_db
def test_a_backlog_is_worked_off_over_several_calls(monkeypatch):
    monkeypatch.setattr(sealer, "BLOCKS_PER_CALL", 2)
    monkeypatch.setattr(sealer, "EVENTS_PER_BLOCK", 3)
    record_all([ENTRY] * 10)
    assert [seal(NOW) for _ in range(3)] == [6, 4, 0]


@pytest.mark.django_db
def test_a_block_continues_the_one_before():
    for _ in range(2):
        record(ENTRY)
        seal(NOW)
    first, second = Block.objects.all()
    assert bytes(first.previous_hash) == bytes(32)
    assert bytes(second.previous_hash) == bytes(first.hash)


@pytest.mark.django_db
def test_an_event_with_a_lower_id_that_commits_late_goes_into_the_next_block():
    record_all([ENTRY] * 3)
    seal(NOW)
    Event.objects.bulk_create([Event(id=0, tag=Tag.HOLD_HELD, at=NOW)])
    seal(NOW)
    assert Event.objects.get(pk=0).block_id == 2
    assert verify(NOW).problems == ()


@pytest.mark.django_db
def test_a_sealer_that_finds_its_block_made_leaves_the_rest_to_the_other(monkeypatch):
    record_all([ENTRY] * 2)
    insert = sealer._insert

    def second(block):
        # The other sealer commits between this one's reading and its block.
        monkeypatch.setattr(sealer, "_insert", insert)
        assert sealer._seal_block(NOW) == 2
        insert(block)

    monkeypatch.setattr(sealer, "_insert", second)
    assert seal(NOW) == 0
    monkeypatch.setattr(sealer, "_insert", insert)
    seal(NOW)
    assert verify(NOW).problems == ()


def in_thread(work, *, wait=20):
    """Run `work` on a connection of its own; return what it returned."""
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(wait)
    assert not thread.is_alive(), "the other connection was blocked"
    assert results, "the other thread failed"
    return results[0]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_writer_does_not_wait_for_a_sealer_that_has_not_committed():
    record_all([ENTRY] * 3)
    with transaction.atomic():
        assert sealer._seal_block(NOW) == 3

        def write():
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            record_all([ENTRY] * 2)
            return Event.objects.count()

        assert in_thread(write) == 5
    assert seal(NOW) == 2
    assert verify(NOW).problems == ()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_sealer_does_not_wait_for_a_writer_that_has_not_committed():
    record(ENTRY)
    with transaction.atomic():
        record(ENTRY)
        assert in_thread(lambda: seal(NOW)) == 1
    assert seal(NOW) == 1
    assert verify(NOW).problems == ()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_sealers_and_writers_leave_one_whole_chain(monkeypatch):
    monkeypatch.setattr(sealer, "EVENTS_PER_BLOCK", 7)
    failures = []

    def run(work):
        try:
            for _ in range(15):
                work()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    def write():
        with transaction.atomic():
            record_all([ENTRY] * 3)

    threads = [
        threading.Thread(target=run, args=(work,)) for work in (write, write, write, lambda: seal(NOW)) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    while seal(NOW):
        pass
    report = verify(NOW + timedelta(days=1))
    assert (report.problems, report.events, report.waiting) == ((), 6 * 15 * 3, 0)
