import threading
from datetime import timedelta

import pytest
from django.db.utils import DatabaseError, OperationalError

from approvals import dispatcher
from approvals.dispatcher import _Chore, chores, run, tick
from approvals.flows.release import claim_due
from approvals.models import Hold
from approvals.states import HoldState
from mailhold.heartbeats import newest


@pytest.fixture
def clock(monkeypatch, now):
    current = [now]
    monkeypatch.setattr(dispatcher, "database_now", lambda: current[0])

    def forward(seconds):
        current[0] += timedelta(seconds=seconds)

    return forward


def test_each_chore_is_done_when_it_is_due(clock):
    done = []
    todo = [
        _Chore(lambda now: done.append("often"), timedelta(0)),
        _Chore(lambda now: done.append("seldom"), timedelta(seconds=5)),
    ]

    for seconds in (0, 1, 4, 4):
        clock(seconds)
        tick(todo)

    assert done == ["often", "seldom", "often", "often", "seldom", "often"]


def test_a_clock_that_is_put_back_stops_nothing(clock):
    done = []
    todo = [_Chore(done.append, timedelta(0)), _Chore(done.append, timedelta(seconds=5))]
    tick(todo)
    clock(-3600)

    tick(todo)

    assert len(done) == 4


def test_a_chore_is_told_the_time_of_the_database(clock, now):
    times = []

    tick([_Chore(times.append, timedelta(0))])

    assert times == [now]


def test_what_is_due_is_released_and_the_dispatcher_is_seen_to_live(one_hold, alice, clock, now):
    hold = one_hold(person=alice)
    todo = chores()

    tick(todo)
    hold.refresh_from_db()
    assert hold.state == HoldState.HELD
    assert newest("dispatcher") == now
    clock(301)
    tick(todo)

    hold.refresh_from_db()
    assert hold.state == HoldState.QUEUED
    assert newest("dispatcher") == now + timedelta(seconds=301)


def test_what_nobody_decided_is_returned(needs_manager, clock):
    clock(25 * 3600)

    tick(chores())

    needs_manager.refresh_from_db()
    assert needs_manager.state == HoldState.RETURNED


def test_lost_bells_are_rung_again(accept, alice, clock):
    from django_q.models import OrmQ

    accept(person=alice)
    OrmQ.objects.all().delete()
    clock(61)

    tick(chores())

    assert [bell.func() for bell in OrmQ.objects.all()] == ["approvals.tasks.screen"]


def test_events_are_sealed(one_hold, alice, clock):
    from audit.models import Block

    one_hold(person=alice)

    tick(chores())

    assert Block.objects.exists()


@pytest.mark.parametrize("failure", [OperationalError, DatabaseError])
def test_a_database_that_fails_does_not_end_the_loop(failure, monkeypatch, db):
    stop, calls = threading.Event(), []

    def step(now):
        calls.append(now)
        if len(calls) == 1:
            raise failure("away")
        stop.set()

    waits = []
    monkeypatch.setattr(stop, "wait", waits.append)
    monkeypatch.setattr(dispatcher, "connection", _Connection())
    monkeypatch.setattr(dispatcher, "close_old_connections", lambda: None)
    monkeypatch.setattr(dispatcher, "chores", lambda: [_Chore(step, timedelta(0))])

    run(stop)

    assert len(calls) == 2
    assert waits[0] >= 1
    assert dispatcher.connection.closed == 1


class _Connection:
    closed = 0
    vendor = "none"

    def close(self):
        self.closed += 1


def test_a_mistake_in_the_code_ends_the_loop_for_the_supervisor_to_see(monkeypatch, db):
    def step(now):
        raise TypeError("wrong")

    monkeypatch.setattr(dispatcher, "chores", lambda: [_Chore(step, timedelta(0))])

    with pytest.raises(TypeError):
        run(threading.Event())


def test_a_loop_that_was_told_to_stop_does_nothing(monkeypatch):
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr(dispatcher, "chores", lambda: [_Chore(lambda now: pytest.fail("ran"), timedelta(0))])

    run(stop)


def test_two_dispatchers_release_once(one_hold, alice, clock, later):
    one_hold(person=alice)

    assert claim_due(later(301)) == 1
    assert claim_due(later(301)) == 0
    assert Hold.objects.get().state == HoldState.QUEUED
