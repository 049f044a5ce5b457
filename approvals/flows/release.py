"""Release: claim what is due, and ring again for what no bell rang for.

The claim is the last check (invariant 3): it takes a hold only if its time has come and no gate is shut for the very
revision that would leave.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals import bell
from approvals.models import Gate, Hold
from approvals.states import HoldState
from approvals.transitions import recipients_of
from audit.record import Entry, record_all
from audit.tags import Tag
from mailhold.mailstore.models import Message, Recipient

CLAIM = 200
# A bell is taken for lost after this time; with more rings waiting than this, workers are merely busy.
BUSY_RINGS = 50


def shut_gates() -> QuerySet[Gate]:
    """Return, for use in a query on holds, the gates that are not open for the hold's own revision."""
    return Gate.objects.filter(
        Q(opened_for__isnull=True) | ~Q(opened_for=OuterRef("revision_id")), hold=OuterRef("pk")
    )


def claim_due(now: datetime) -> int:
    """Queue up to CLAIM held holds whose time has come; return how many. Claimers never wait for each other."""
    due = Hold.objects.filter(~Exists(shut_gates()), state=HoldState.HELD, stage=0, release_at__lte=now)
    with transaction.atomic():
        claimed = list(
            due.select_for_update(skip_locked=True)
            .order_by("release_at")
            .values_list("pk", "message_id")[:CLAIM]
        )
        if not claimed:
            return 0
        ids = [hold_id for hold_id, _ in claimed]
        moved = due.filter(pk__in=ids).update(
            state=HoldState.QUEUED,
            changed_at=now,
            release_at=None,
            next_attempt_at=now + timedelta(seconds=settings.LEASE_SECONDS),
        )
        if moved != len(ids):
            raise RuntimeError(f"{len(ids)} holds were locked, but {moved} could be queued.")
        recipients_of(ids).filter(status=Recipient.Status.WAITING).update(
            status=Recipient.Status.QUEUED, changed_at=now
        )
        record_all(
            Entry(tag=Tag.HOLD_QUEUED, at=now, message_id=message_id, hold_id=hold_id)
            for hold_id, message_id in claimed
        )
        bell.ring_delivery(ids)
    return len(ids)


def ring_due_attempts(now: datetime) -> int:
    """Ring for queued holds whose next attempt has come and that no worker has in hand; return how many."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    due = Hold.objects.filter(free, state=HoldState.QUEUED, next_attempt_at__lte=now)
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:CLAIM])
        if ids:
            # The next ring is a lease away, so that each is rung for once in that time.
            Hold.objects.filter(pk__in=ids, state=HoldState.QUEUED).update(
                next_attempt_at=now + timedelta(seconds=settings.LEASE_SECONDS)
            )
            bell.ring_delivery(ids)
    return len(ids)


def ring_unscreened(now: datetime) -> int:
    """Ring for received messages whose bell was lost or whose screening broke; return how many.

    Those that were begun before are rung for alone: whichever breaks its process takes no other with it.
    """
    late = Q(
        screen_leased_until__isnull=True, received_at__lte=now - timedelta(seconds=settings.LEASE_SECONDS)
    )
    broken = Q(screen_leased_until__lte=now)
    waiting = Message.objects.filter(late | broken, status=Message.Status.RECEIVED).order_by("received_at")
    found = list(waiting.values_list("pk", "screen_attempts")[:CLAIM])
    fresh = [pk for pk, attempts in found if not attempts]
    for start in range(0, len(fresh), bell.BATCH):
        bell.ring_screening(fresh[start : start + bell.BATCH])
    for pk, attempts in found:
        if attempts:
            bell.ring_screening([pk])
    return len(found)


def ring_unscreened_revisions(now: datetime) -> int:
    """Ring for edited holds whose new revision was not screened in time; return how many."""
    late = now - timedelta(seconds=settings.LEASE_SECONDS)
    ids: list[UUID] = []
    for hold_id in Hold.objects.filter(state=HoldState.RECEIVED, changed_at__lte=late).values_list(
        "pk", flat=True
    )[:CLAIM]:
        # The time moves on, so that each is rung for once in a lease.
        if Hold.objects.filter(pk=hold_id, state=HoldState.RECEIVED, changed_at__lte=late).update(
            changed_at=now
        ):
            bell.ring_rescreening(hold_id)
            ids.append(hold_id)
    return len(ids)


def rings_are_welcome() -> bool:
    """Say whether lost bells should be looked for: while many rings wait, workers are busy, and nothing is lost."""
    return bell.waiting_rings() < BUSY_RINGS


def oldest_due(now: datetime) -> datetime | None:
    """Return the time at which the longest waiting due hold should have been claimed, None where none waits."""
    return (
        Hold.objects.filter(~Exists(shut_gates()), state=HoldState.HELD, stage=0, release_at__lte=now)
        .order_by("release_at")
        .values_list("release_at", flat=True)
        .first()
    )
