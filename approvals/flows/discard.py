"""What administrators do with a hold outside its policy: discard it, or send again what may not have arrived."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from approvals import bell
from approvals.exceptions import AlreadyDecided, NotAllowed
from approvals.models import Hold
from approvals.people import is_administrator, is_sender, require_administrator
from approvals.states import HoldState
from approvals.transitions import end, move, recipients_of
from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person
from mailhold.mailstore.models import Recipient
from mailhold.mailstore.text import storable


def discard(hold_id: UUID, person: Person, actor: Actor, now: datetime, *, comment: str = "") -> Hold:
    """End a held mail without a word to anybody; the record keeps who did it."""
    require_administrator(person)
    with transaction.atomic():
        if not end(hold_id, HoldState.DISCARDED, now, ended_by=person, end_comment=storable(comment)):
            raise AlreadyDecided
        hold = Hold.objects.get(pk=hold_id)
        record(
            Entry(tag=Tag.HOLD_DISCARDED, at=now, actor=actor, message_id=hold.message_id, hold_id=hold.pk)
        )
    return hold


def send_again(hold_id: UUID, person: Person, actor: Actor, now: datetime) -> Hold:
    """Queue anew the recipients whose outcome is unknown: they may get the mail twice, and the caller was told so."""
    with transaction.atomic():
        hold = Hold.objects.select_related("message").get(pk=hold_id)
        if not (is_administrator(person) or is_sender(hold, person)):
            raise NotAllowed
        unknown = recipients_of([hold_id]).filter(status=Recipient.Status.OUTCOME_UNKNOWN)
        bell_at = now + timedelta(seconds=settings.LEASE_SECONDS)
        # Only what is done: while others of its recipients are still tried, a worker may be at the final dot.
        done = Q(state=HoldState.DONE)
        if not unknown.exists() or not move(
            hold_id, HoldState.QUEUED, now, done, attempts=0, next_attempt_at=bell_at, ended_at=None
        ):
            raise AlreadyDecided
        count = unknown.update(status=Recipient.Status.QUEUED, changed_at=now)
        record(
            Entry(
                tag=Tag.HOLD_RESENT,
                at=now,
                actor=actor,
                message_id=hold.message_id,
                hold_id=hold.pk,
                details={"recipients": count},
            )
        )
        bell.ring_delivery([hold_id])
        hold.refresh_from_db()
    return hold
