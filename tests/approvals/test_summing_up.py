"""Counts of mail of days that are over are summed up: one row is left of each, and the figures stay the same."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from approvals import counting
from approvals.counting import day_of, sum_up
from approvals.dispatcher import chores, tick
from approvals.models import MailCount
from approvals.policy_detail import Detail
from approvals.policy_figures import counted_from, messages_from, overview, span_of
from policies.loading import active_policies
from policies.reference import Rules


def counts():
    return sorted(MailCount.objects.values_list("day", "messages"))


@pytest.fixture
def add(db, now):
    """Add rows of the day so many days ago."""

    def add(ago, *messages):
        day = day_of(now) - timedelta(days=ago)
        MailCount.objects.bulk_create(MailCount(day=day, messages=number) for number in messages)
        return day

    return add


def test_of_a_day_that_is_over_one_row_is_left(add, now):
    day = add(1, 3, 1, 5)
    assert sum_up(now) == 2
    assert counts() == [(day, 9)]
    assert sum_up(now) == 0


def test_today_is_left_alone_until_it_is_over(add, now):
    day = add(0, 3, 1)
    assert (sum_up(now), len(counts())) == (0, 2)
    assert sum_up(now + timedelta(days=1)) == 1
    assert counts() == [(day, 4)]


@pytest.mark.parametrize(("zone", "fewer"), [("Asia/Tokyo", 1), ("Pacific/Honolulu", 0)])
def test_a_day_is_over_where_the_installation_is(zone, fewer, add, now, settings):
    # It is 2:00 UTC on the 24th, so in Honolulu it still is the 23rd.
    add(1, 3, 1)
    settings.TIME_ZONE = zone
    assert sum_up(now) == fewer


def test_days_come_one_after_the_other_the_first_one_first(add, now):
    later, earlier = add(1, 1, 1), add(5, 2, 2)
    assert (sum_up(now), counts()) == (1, [(earlier, 4), (later, 1), (later, 1)])
    assert (sum_up(now), counts()) == (1, [(earlier, 4), (later, 2)])


def test_mail_that_is_counted_late_is_put_to_the_others(add, now):
    day = add(1, 3, 1)
    sum_up(now)
    add(1, 7)
    sum_up(now)
    assert counts() == [(day, 11)]


def test_no_more_than_so_many_rows_are_summed_up_at_once(add, now, monkeypatch):
    monkeypatch.setattr(counting, "MOST_ROWS", 4)
    day = add(1, *[1] * 11)
    steps = []
    while fewer := sum_up(now):
        steps.append(fewer)
        assert sum(messages for _, messages in counts()) == 11
    assert steps == [3, 3, 3, 1]
    assert counts() == [(day, 11)]


def test_it_is_a_few_statements_however_many_rows_there_are(add, now, django_assert_num_queries):
    add(1, *[1] * 500)
    with django_assert_num_queries(6):  # two of them begin and end the transaction
        assert sum_up(now) == 499
    with django_assert_num_queries(1):
        assert sum_up(now) == 0


def test_the_figures_are_the_same_before_and_after(add, now, policies, one_hold, alice):
    one_hold(person=alice)
    for ago in (0, 1, 2, 29, 40):
        add(ago, 3, 4, 5)

    def figures():
        span, chosen = span_of(30, now), active_policies()
        detail = Detail(chosen[0], span, Rules())
        first = day_of(now) - timedelta(days=2)
        return overview(chosen, span, now), detail.days(), messages_from(first), counted_from()

    before = figures()
    while sum_up(now):
        pass
    assert figures() == before
    assert len(counts()) == 4 + 4  # of each day that is over one, and all of today


def test_the_dispatcher_does_it(add, monkeypatch, now):
    monkeypatch.setattr("approvals.dispatcher.database_now", lambda: now)
    day = add(1, 3, 1)
    tick(chores())
    assert counts() == [(day, 4)]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_lose_nothing_and_count_nothing_twice(add, now, monkeypatch):
    monkeypatch.setattr(counting, "MOST_ROWS", 7)
    day = add(1, *range(1, 101))
    together = Barrier(3)
    failed = []

    def work():
        try:
            together.wait(timeout=30)
            while sum_up(now):
                pass
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def count():
        try:
            together.wait(timeout=30)
            for _ in range(20):
                MailCount.objects.create(day=day, messages=1)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work), Thread(target=work), Thread(target=count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    while sum_up(now):
        pass
    assert counts() == [(day, 5050 + 20)]


@pytest.mark.django_db(transaction=True)
def test_rows_that_somebody_else_is_summing_up_are_left_to_them(add, now):
    if connection.vendor != "postgresql":
        pytest.skip(
            "SQLite lets one transaction write at a time: the second one waits, and finds nothing to do."
        )
    day = add(1, 3, 1, 5)
    found = []

    def second():
        try:
            found.append(sum_up(now))
        finally:
            connection.close()

    with transaction.atomic():
        counting._sum_up(day)
        thread = Thread(target=second)
        thread.start()
        thread.join(timeout=30)
    assert found == [0]
    assert counts() == [(day, 9)]
