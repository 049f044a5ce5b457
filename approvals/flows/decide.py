"""Decide: approve, reject, and take an approval back while the mail is still here.

Each is a compare-and-set on the hold's row: the first wins, and the second is told what the hold says by then.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from approvals import notices
from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, OwnMail, TooLate, WrongInput
from approvals.models import Decision, Gate, Hold, Notice
from approvals.opening import first_notices
from approvals.people import current_gate, has_decided, is_sender, refusal_to_decide, require_administrator
from approvals.states import HoldState
from approvals.transitions import change_held, end
from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person
from mailhold.mailstore.text import storable

REASONS = frozenset({"", "wrong_recipient", "wrong_attachment", "content", "other"})


def approve(hold_id: UUID, revision_id: UUID, person: Person, actor: Actor, now: datetime) -> Hold:
    """Approve this revision; when enough have, open the gate, and when none is left, let the clock run.

    Approving twice is one approval. Raises Refused (AlreadyDecided, Edited, OwnMail, NotApprover) with nothing done.
    """
    with transaction.atomic():
        hold, gate = _take(hold_id, revision_id, person, now)
        _decide(hold, gate.ordinal, person, Decision.Verdict.APPROVE, now)
        given = approvals_given(hold, gate)
        if given >= gate.needed:
            _open_gate(hold, gate, now)
        record(
            _entry(hold, Tag.HOLD_APPROVED, actor, now, ordinal=gate.ordinal, given=given, needed=gate.needed)
        )
        notices.put_down(notices.to_people(hold, Notice.Kind.APPROVAL_RECEIPT, [person], now))
    return hold


def reject(
    hold_id: UUID,
    revision_id: UUID,
    person: Person,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
    comment: str,
) -> Hold:
    """Reject this revision: nothing leaves, and the sender gets the mail back with the reason."""
    if reason not in REASONS:
        raise WrongInput(_("%(reason)s is not a reason that can be chosen.") % {"reason": reason})
    with transaction.atomic():
        hold, gate = _take(hold_id, revision_id, person, now)
        comment = storable(comment)
        _decide(hold, gate.ordinal, person, Decision.Verdict.REJECT, now, reason=reason, comment=comment)
        if not end(hold.pk, HoldState.REJECTED, now, ended_by=person, end_reason=reason, end_comment=comment):
            raise AlreadyDecided
        record(_entry(hold, Tag.HOLD_REJECTED, actor, now, ordinal=gate.ordinal, reason=reason))
        hold.refresh_from_db()
        notices.put_down(notices.to_sender(hold, Notice.Kind.REJECTED, now))
    return hold


def undo(hold_id: UUID, person: Person, actor: Actor, now: datetime) -> Hold:
    """Take this person's newest approval back: the gates from its own on are shut again and the clock stops.

    What others approved at later stages is void with it: they are asked again when their stage comes.
    """
    with transaction.atomic():
        if not change_held(hold_id, now):
            raise TooLate
        hold = Hold.objects.select_related("message", "sender").get(pk=hold_id)
        ordinal = _take_back(hold, person, now)
        hold.gates.filter(ordinal__gte=ordinal).update(opened_for=None, opened_at=None)
        _set(hold, now, stage=ordinal, release_at=None, **_fresh_deadline(hold, now))
        record(_entry(hold, Tag.HOLD_APPROVAL_UNDONE, actor, now, ordinal=ordinal))
    return hold


def release(hold_id: UUID, revision_id: UUID, person: Person, actor: Actor, now: datetime) -> Hold:
    """Let an administrator open all gates of somebody else's mail at once; it leaves now, and the record says who did it."""
    require_administrator(person)
    with transaction.atomic():
        hold = _take_held(hold_id, revision_id, now)
        shut = list(hold.gates.filter(opened_at__isnull=True))
        if is_sender(hold, person) and any(g.kind == Gate.Kind.APPROVAL and not g.allow_self for g in shut):
            raise OwnMail
        for gate in shut:
            if not has_decided(hold, gate.ordinal, person):
                _decide(hold, gate.ordinal, person, Decision.Verdict.APPROVE, now)
        hold.gates.filter(opened_at__isnull=True).update(opened_for=hold.revision, opened_at=now)
        _set(
            hold,
            now,
            stage=0,
            not_before=None,
            release_at=now,
            paused_at=None,
            deadline_at=None,
            remind_at=None,
        )
        record(_entry(hold, Tag.HOLD_RELEASED_BY_ADMINISTRATOR, actor, now))
    return hold


def approvals_given(hold: Hold, gate: Gate) -> int:
    """Return how many approvals of the current revision stand for `gate`."""
    return hold.decisions.filter(
        revision_id=hold.revision_id,
        ordinal=gate.ordinal,
        verdict=Decision.Verdict.APPROVE,
        undone_at__isnull=True,
    ).count()


def undo_ends(hold: Hold, now: datetime) -> datetime:
    """Return until when an approval of the current revision can be taken back, `now` where that is over."""
    newest = hold.decisions.filter(
        revision_id=hold.revision_id, verdict=Decision.Verdict.APPROVE, undone_at__isnull=True
    ).aggregate(at=Max("decided_at"))["at"]
    return max(now, newest + timedelta(seconds=settings.UNDO_SECONDS)) if newest else now


def confirm_self_check(hold: Hold, actor: Actor, now: datetime, *, reason: str = "") -> None:
    """Open the self-check gate of a hold that the caller's transaction has locked; its sender has looked.

    `reason` is what the sender says about it, for those who approve next.
    """
    gate = current_gate(hold)
    if gate is None or gate.kind != Gate.Kind.SELF_CHECK:
        raise AlreadyDecided
    if reason:
        Hold.objects.filter(pk=hold.pk).update(sender_reason=reason)
    record(_entry(hold, Tag.HOLD_SELF_CHECKED, actor, now))
    _open_gate(hold, gate, now)


def _take(hold_id: UUID, revision_id: UUID, person: Person, now: datetime) -> tuple[Hold, Gate]:
    hold = _take_held(hold_id, revision_id, now)
    gate = current_gate(hold)
    if gate is None:
        raise AlreadyDecided
    refusal = refusal_to_decide(hold, gate, person)
    if refusal is not None:
        raise refusal
    return hold, gate


def _take_held(hold_id: UUID, revision_id: UUID, now: datetime) -> Hold:
    """Lock the row of a held hold whose revision is still the one that was seen."""
    if not change_held(hold_id, now, Q(revision_id=revision_id)):
        hold = Hold.objects.filter(pk=hold_id).first()
        raise AlreadyDecided if hold is None or hold.revision_id == revision_id else Edited
    return Hold.objects.select_related("message", "sender", "revision").get(pk=hold_id)


def _decide(
    hold: Hold,
    ordinal: int,
    person: Person,
    verdict: str,
    now: datetime,
    *,
    reason: str = "",
    comment: str = "",
) -> None:
    # Asked before it is written: on PostgreSQL a broken constraint would end the whole transaction. The lock on the
    # hold's row keeps others out meanwhile.
    if has_decided(hold, ordinal, person):
        raise AlreadyDecided
    Decision.objects.create(
        hold=hold,
        revision_id=hold.revision_id,
        ordinal=ordinal,
        person=person,
        verdict=verdict,
        reason=reason,
        comment=comment,
        decided_at=now,
    )


def _open_gate(hold: Hold, gate: Gate, now: datetime) -> None:
    opened = Gate.objects.filter(pk=gate.pk, opened_at__isnull=True).update(
        opened_for=hold.revision, opened_at=now
    )
    if not opened:
        raise AlreadyDecided
    following = hold.gates.filter(ordinal__gt=gate.ordinal).first()
    if following is not None:
        _set(hold, now, stage=following.ordinal, **_fresh_deadline(hold, now))
        people = [approver.person for approver in following.approvers.select_related("person")]
        notices.put_down(first_notices(hold, following, people, now))
        return
    if hold.paused_at is not None:
        # An approval was taken back after the sender had paused the mail, and is given again: the pause goes on.
        _set(hold, now, stage=0, **_fresh_deadline(hold, now))
        return
    release_at = max(now + timedelta(seconds=settings.UNDO_SECONDS), hold.not_before or now)
    _set(hold, now, stage=0, release_at=release_at, deadline_at=None, remind_at=None)


def _fresh_deadline(hold: Hold, now: datetime) -> dict[str, datetime]:
    return {
        "deadline_at": now + timedelta(seconds=hold.deadline_seconds),
        "remind_at": now + timedelta(seconds=hold.deadline_seconds / 2),
    }


def _set(hold: Hold, now: datetime, **changes: Any) -> None:
    if not change_held(hold.pk, now, **changes):
        raise AlreadyDecided
    hold.refresh_from_db()


def _take_back(hold: Hold, person: Person, now: datetime) -> int:
    """Mark the newest approval of `person` as undone; return the ordinal of the first gate that it opened."""
    standing = hold.decisions.filter(
        revision=hold.revision_id, verdict=Decision.Verdict.APPROVE, undone_at__isnull=True
    )
    newest = standing.filter(person=person).order_by("-decided_at", "-ordinal").first()
    if newest is None:
        raise NotAllowed
    # An administrator's release is one act, though it opens several gates.
    act = standing.filter(person=person, decided_at=newest.decided_at)
    ordinal: int = act.aggregate(first=Min("ordinal"))["first"]
    act.update(undone_at=now)
    standing.filter(ordinal__gt=ordinal).update(undone_at=now)
    return ordinal


def _entry(hold: Hold, tag: Tag, actor: Actor, now: datetime, **details: object) -> Entry:
    return Entry(tag=tag, at=now, actor=actor, message_id=hold.message_id, hold_id=hold.pk, details=details)
