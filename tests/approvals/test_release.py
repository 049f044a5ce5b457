import pytest
from django.db import connection, transaction

from approvals.flows.release import claim_due, oldest_due, ring_due_attempts
from approvals.models import Gate, Hold
from approvals.states import HoldState
from mailhold.ids import uuid7


def test_the_claim_takes_what_is_due_and_rings_in_the_same_transaction(
    one_hold, alice, later, statuses, tags
):
    from django_q.models import OrmQ

    hold = one_hold(person=alice)
    rings = OrmQ.objects.count()

    assert claim_due(later(300)) == 1

    hold.refresh_from_db()
    assert hold.state == HoldState.QUEUED
    assert statuses(hold) == {"customer@client.example": "queued"}
    assert OrmQ.objects.count() == rings + 1
    assert tags(hold)[-1] == "hold:clock:queued"


def test_a_gate_that_is_shut_keeps_the_mail_whatever_else_the_row_says(needs_manager, now, later):
    """The last check is in the claim: a defect elsewhere that sets the time does not let mail out."""
    Hold.objects.filter(pk=needs_manager.pk).update(stage=0, not_before=None, release_at=now)

    assert claim_due(later(10_000)) == 0
    assert oldest_due(later(10_000)) is None


def test_a_gate_that_was_opened_for_another_revision_is_shut(needs_manager, now, later, alice):
    from mailhold.mailstore.content import add_revision

    other = add_revision(needs_manager.message, b"x\r\n\r\n", made_at=now, made_by=alice, number=1)
    Gate.objects.filter(hold=needs_manager).update(opened_for=other, opened_at=now)
    Hold.objects.filter(pk=needs_manager.pk).update(stage=0, not_before=None, release_at=now)

    assert claim_due(later(10_000)) == 0


def test_a_lost_bell_is_rung_again_a_lease_later(one_hold, alice, later):
    from django_q.models import OrmQ

    one_hold(person=alice)
    claim_due(later(300))
    OrmQ.objects.all().delete()

    assert ring_due_attempts(later(330)) == 0
    assert ring_due_attempts(later(361)) == 1
    assert ring_due_attempts(later(362)) == 0
    assert OrmQ.objects.count() == 1


def test_a_hold_in_a_workers_hands_is_not_rung_for(one_hold, alice, later):
    hold = one_hold(person=alice)
    claim_due(later(300))
    Hold.objects.filter(pk=hold.pk).update(lease_token=uuid7(), leased_until=later(500))

    assert ring_due_attempts(later(400)) == 0
    assert ring_due_attempts(later(501)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_claimers_never_take_the_same_hold_and_do_not_wait(policies, one_hold, alice, later):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: there are no two claimers")
    from threading import Thread

    one_hold(person=alice)
    taken = []

    def claim():
        try:
            taken.append(claim_due(later(300)))
        finally:
            connection.close()

    with transaction.atomic():
        assert claim_due(later(300)) == 1
        other = Thread(target=claim)
        other.start()
        other.join(timeout=5)
        assert not other.is_alive()
    assert taken == [0]


@pytest.mark.parametrize(
    "impossible",
    [
        {"state": "queued", "stage": 1},
        {"state": "sending", "lease_token": None},
        {"state": "queued", "next_attempt_at": None, "stage": 0},
        {"state": "unknown"},
    ],
)
def test_the_database_forbids_the_impossible(impossible, needs_manager):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.filter(pk=needs_manager.pk).update(**impossible)


def test_a_ring_in_dead_hands_does_not_keep_lost_bells_from_being_looked_for(accept, now):
    from datetime import timedelta

    from django.utils import timezone
    from django_q.models import OrmQ

    from approvals.bell import waiting_rings

    accept()
    assert waiting_rings() == 1
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    assert waiting_rings() == 0
