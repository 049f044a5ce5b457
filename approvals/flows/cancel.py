"""What senders do with their own mail while it is here: cancel, pause, send now, confirm the self-check."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, Refused, TooLate, WrongInput
from approvals.flows.decide import confirm_self_check, undo_ends
from approvals.models import Hold
from approvals.states import CANCELABLE_STATES, HoldState
from approvals.transitions import change_held, end
from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person
from mailhold.mailstore.text import storable

PAUSE_SECONDS = 24 * 3600
MOST_REASON = 1_000

# Whoever calls these has made sure that the caller is the sender: by a link of the sender's, or by signing in.


def cancel(hold_id: UUID, person: Person | None, actor: Actor, now: datetime, *, reason: str = "") -> Hold:
    """Stop the mail for good, also while a change of it is being checked.

    Canceling what is canceled says so; what has left raises TooLate.
    """
    with transaction.atomic():
        allowed = Q(sender_may_cancel=True)
        if not end(hold_id, HoldState.CANCELED, now, allowed, ended_by=person, end_reason=reason):
            raise NotAllowed if _state(hold_id) in CANCELABLE_STATES else _too_late(hold_id)
        hold = Hold.objects.select_related("message", "sender", "revision").get(pk=hold_id)
        record(_entry(hold, Tag.HOLD_CANCELED, actor, now, reason=reason))
    return hold


def pause(hold_id: UUID, actor: Actor, now: datetime) -> Hold:
    """Stop the clock of a mail that only waits for it, for a day at most; then the mail goes back to its sender.

    Only what the sender may cancel: a pause that nobody ends comes to the same.
    """
    with transaction.atomic():
        hold = _lock(hold_id, now)
        if hold.stage or hold.release_at is None or not hold.sender_may_cancel:
            raise NotAllowed
        change_held(
            hold_id,
            now,
            paused_at=now,
            release_at=None,
            deadline_at=now + timedelta(seconds=PAUSE_SECONDS),
            remind_at=now + timedelta(seconds=PAUSE_SECONDS / 2),
            deadline_seconds=PAUSE_SECONDS,
        )
        hold.refresh_from_db()
        record(_entry(hold, Tag.HOLD_PAUSED, actor, now))
    return hold


def send_now(hold_id: UUID, revision_id: UUID, actor: Actor, now: datetime) -> Hold:
    """Let this revision of a mail that only waits for the clock leave at once, where its policy allows that.

    Where it does not, a paused mail goes on to wait for its time. Approvers keep the time in which they can take an
    approval back.
    """
    with transaction.atomic():
        hold = _lock(hold_id, now, revision_id)
        if hold.stage or not may_go_on(hold):
            raise NotAllowed
        not_before = None if hold.sender_may_send_now else hold.not_before
        change_held(
            hold_id,
            now,
            paused_at=None,
            not_before=not_before,
            release_at=max(undo_ends(hold, now), not_before or now),
            deadline_at=None,
            remind_at=None,
        )
        hold.refresh_from_db()
        record(_entry(hold, Tag.HOLD_SENT_NOW, actor, now))
    return hold


def may_go_on(hold: Hold) -> bool:
    """Say whether the sender may end the waiting of a mail that only waits for the clock."""
    return hold.sender_may_send_now or hold.paused_at is not None


def self_check(hold_id: UUID, revision_id: UUID, actor: Actor, now: datetime, reason: str = "") -> Hold:
    """Confirm that the sender has looked at this revision of the mail, for `reason` where a policy wants one."""
    with transaction.atomic():
        hold = _lock(hold_id, now, revision_id)
        if hold.reason_required and not reason.strip():
            raise WrongInput(_("Please write why the mail must be sent."))
        confirm_self_check(hold, actor, now, reason=storable(reason.strip()[:MOST_REASON]))
    return hold


def _lock(hold_id: UUID, now: datetime, revision_id: UUID | None = None) -> Hold:
    if not change_held(hold_id, now, Q(revision_id=revision_id) if revision_id else Q()):
        changed = revision_id and Hold.objects.filter(pk=hold_id).exclude(revision_id=revision_id).exists()
        raise Edited if changed else _too_late(hold_id)
    return Hold.objects.select_related("message", "sender", "revision").get(pk=hold_id)


def _too_late(hold_id: UUID) -> Refused:
    gone = _state(hold_id) in {HoldState.QUEUED, HoldState.SENDING, HoldState.DONE}
    return TooLate() if gone else AlreadyDecided()


def _state(hold_id: UUID) -> str | None:
    return Hold.objects.filter(pk=hold_id).values_list("state", flat=True).first()


def _entry(hold: Hold, tag: Tag, actor: Actor, now: datetime, **details: object) -> Entry:
    return Entry(tag=tag, at=now, actor=actor, message_id=hold.message_id, hold_id=hold.pk, details=details)
