"""What the clock does to holds that nobody decides: remind at half and nine tenths of the time, then return."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals import notices
from approvals.models import Gate, Hold, Notice
from approvals.people import current_gate
from approvals.states import HoldState
from approvals.transitions import change_held, end
from audit.record import Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person

BATCH = 100


def expire_due(now: datetime) -> int:
    """Return to their senders the holds whose deadline has passed; return how many."""
    due = Hold.objects.filter(state=HoldState.HELD, deadline_at__lte=now).values_list("pk", flat=True)[:BATCH]
    return sum(_expire(hold_id, now) for hold_id in list(due))


def _expire(hold_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        if not end(hold_id, HoldState.RETURNED, now, Q(deadline_at__lte=now), end_reason="expired"):
            return False
        hold = Hold.objects.select_related("message", "sender").get(pk=hold_id)
        record(Entry(tag=Tag.HOLD_EXPIRED, at=now, message_id=hold.message_id, hold_id=hold.pk))
        notices.put_down(notices.to_sender(hold, Notice.Kind.EXPIRED, now))
    return True


def remind_due(now: datetime) -> int:
    """Remind those who are asked about holds whose reminder is due; return how many holds."""
    due = Hold.objects.filter(state=HoldState.HELD, remind_at__lte=now).values_list("pk", flat=True)[:BATCH]
    return sum(_remind(hold_id, now) for hold_id in list(due))


def _remind(hold_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        if not change_held(hold_id, now, Q(remind_at__lte=now)):
            return False
        hold = Hold.objects.select_related("message", "sender").get(pk=hold_id)
        Hold.objects.filter(pk=hold_id).update(remind_at=_next_reminder(hold, now))
        record(Entry(tag=Tag.HOLD_REMINDED, at=now, message_id=hold.message_id, hold_id=hold.pk))
        gate = current_gate(hold)
        if gate is not None and gate.kind == Gate.Kind.APPROVAL:
            asked = undecided(hold, gate)
            notices.put_down(notices.to_people(hold, Notice.Kind.REMINDER, asked, now, ordinal=gate.ordinal))
        else:
            notices.put_down(notices.to_sender(hold, Notice.Kind.REMINDER, now))
    return True


def _next_reminder(hold: Hold, now: datetime) -> datetime | None:
    if hold.deadline_at is None:
        return None
    last = hold.deadline_at - timedelta(seconds=hold.deadline_seconds / 10)
    return last if now < last else None


def undecided(hold: Hold, gate: Gate) -> list[Person]:
    """Return those who may open `gate` and have not decided yet."""
    decided = hold.decisions.filter(
        revision_id=hold.revision_id, ordinal=gate.ordinal, undone_at__isnull=True
    )
    asked = gate.approvers.exclude(person__in=decided.values("person")).select_related("person")
    return [approver.person for approver in asked if approver.person.is_active]
