from datetime import timedelta

import pytest

from approvals import health
from mailhold.heartbeats import beat

KINDS = [(health.dispatcher, "dispatcher"), (health.worker, "worker")]


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.mark.parametrize(("check", "kind"), KINDS)
def test_a_process_that_never_ran_is_said(check, kind, db):
    assert check() == f"The {kind} has never run."


@pytest.mark.parametrize(("check", "kind"), KINDS)
def test_a_process_that_is_silent_is_said(check, kind, db, now):
    beat(kind, now - timedelta(seconds=61))

    assert check() == f"The {kind} has been silent for 61 seconds."


@pytest.mark.parametrize(("check", "kind"), KINDS)
def test_a_process_that_lives_is_well(check, kind, db, now):
    beat(kind, now - timedelta(seconds=60))

    assert check() is None


def test_the_life_of_one_is_not_the_life_of_the_other(db, now):
    beat("dispatcher", now)

    assert health.dispatcher() is None
    assert health.worker() is not None


@pytest.mark.parametrize(
    ("late", "sentence"), [(-1, None), (59, None), (61, "The oldest due hold has waited for 61 seconds.")]
)
def test_a_hold_that_is_due_and_still_here_is_said(late, sentence, one_hold, alice, later, monkeypatch):
    one_hold(person=alice)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later(300 + late))

    assert health.oldest_due_hold() == sentence


def test_mail_that_waits_for_somebody_is_not_late(needs_manager, later, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: later(10 * 3600))

    assert health.oldest_due_hold() is None


@pytest.mark.parametrize(("alive", "status"), [(True, 200), (False, 503)])
def test_readiness_asks_for_all_of_it(alive, status, client, db, now):
    if alive:
        beat("dispatcher", now)
        beat("worker", now)

    assert client.get("/readyz").status_code == status
