"""Rescreen: judge the new revision of an edited hold, which may part its recipients anew."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from approvals.counting import matches_of, not_yet_counted
from approvals.flows.screen import is_poison, open_content, set_statuses
from approvals.judging import Judgement, Lot, judge, judge_unreadable, load_surroundings, read_gist
from approvals.models import Hold, HoldRecipient
from approvals.opening import Opening, fill, with_copies, write_rows
from approvals.states import HoldState
from approvals.transitions import recipients_of
from audit.record import Entry, record_all
from audit.tags import Tag
from mailhold.mailstore.models import Recipient, Revision
from policies.loading import PolicySet, policies_in_force
from policies.verdict import Disposition, Reason, Text, Treatment

logger = logging.getLogger(__name__)


def rescreen(hold_id: UUID, now: datetime) -> bool:
    """Screen the revision that an edit made; return False where that is done already."""
    begun = Hold.objects.filter(pk=hold_id, state=HoldState.RECEIVED).update(
        screen_attempts=F("screen_attempts") + 1
    )
    if not begun:
        return False
    hold = Hold.objects.select_related(
        "message", "message__submitter", "revision__made_by", "revision__sealed_content"
    ).get(pk=hold_id)
    recipients = list(recipients_of([hold_id]).filter(status=Recipient.Status.WAITING).order_by("pk"))
    in_force = policies_in_force()
    judgement = confirmed_by_sender(_judge(hold, recipients, in_force), hold.revision)
    with transaction.atomic():
        return _write(hold, judgement, in_force.version, now)


def _judge(hold: Hold, recipients: Sequence[Recipient], in_force: PolicySet) -> Judgement:
    content = open_content(hold.message, hold.revision)
    poison = is_poison(hold.screen_attempts)
    gist = read_gist(b"" if poison or content is None else content)
    around = load_surroundings([hold.message], [gist], in_force.policies)
    if content is None or poison:
        problem = "unreadable" if content is None else "crashed"
        return judge_unreadable(hold.message, gist, recipients, around, problem)
    try:
        return judge(hold.message, content, gist, recipients, around, mark=True)
    except Exception:
        # The edge of inspection, as in `screen`.
        logger.exception("inspection failed", extra={"hold_id": str(hold.pk)})
        return judge_unreadable(hold.message, gist, recipients, around, "error")


def confirmed_by_sender(judgement: Judgement, revision: Revision) -> Judgement:
    """Return `judgement` with a self-check by the sender first, where somebody else made `revision`.

    What an approver changed and then approves would be seen by nobody else: two pairs of eyes were meant, and it
    leaves under the sender's name. Where a program or a stranger sent it, nobody is there to ask.
    """
    editor = revision.made_by
    if editor is None or judgement.sender in {None, editor} or judgement.gist.automatic:
        return judgement
    return replace(
        judgement, lots=tuple(_confirmed(lot, changed_reason(str(editor))) for lot in judgement.lots)
    )


def _confirmed(lot: Lot, reason: Reason) -> Lot:
    if lot.treatment.disposition in {Disposition.RETURN, Disposition.DISCARD}:
        return lot
    matches = tuple(
        replace(match, otherwise=match.otherwise and _looked_at(match.otherwise)) for match in lot.matches
    )
    return replace(lot, treatment=_looked_at(lot.treatment), reasons=(reason, *lot.reasons), matches=matches)


def _looked_at(treatment: Treatment) -> Treatment:
    return replace(treatment, disposition=Disposition.HOLD, self_check=True)


def changed_reason(editor: str) -> Reason:
    """Return the reason for asking the sender about what somebody else changed."""
    return Reason(
        code="changed_by_other",
        policy_id=0,
        policy=Text(
            ja="ほかの人が変更したメールは送信者が確認します",
            en="What somebody else changed is confirmed by its sender",
        ),
        text=Text(ja=f"{editor} さんがメールを変更しました", en=f"{editor} has changed the mail"),
    )


def _write(hold: Hold, judgement: Judgement, version: int, now: datetime) -> bool:
    if not _take(hold):
        return False
    opening = Opening()
    judged = with_copies(hold.message, judgement, Recipient.Status.WAITING)
    first, *others = judged.lots
    fill(opening, hold, hold.revision, judgement, first, version, now)
    hold.changed_at = now
    hold.save(update_fields=_FILLED)
    for lot in others:
        other = Hold(message=hold.message, created_at=now, changed_at=now)
        fill(opening, other, hold.revision, judgement, lot, version, now)
        opening.holds.append(other)
    Hold.objects.bulk_create(opening.holds)
    _part(others, opening.holds)
    known = {recipient.pk for lot in judgement.lots for recipient in lot.recipients}
    opening.links += [
        HoldRecipient(hold=each, recipient=recipient)
        for lot, each in zip(judged.lots, [hold, *opening.holds], strict=True)
        for recipient in lot.recipients
        if recipient.pk not in known
    ]
    hold_ids = {
        recipient.pk: each.pk
        for lot, each in zip(judged.lots, [hold, *opening.holds], strict=True)
        for recipient in lot.recipients
    }
    opening.matches += not_yet_counted(hold.message, matches_of(hold.message, judgement, hold_ids))
    set_statuses(opening, now, Recipient.Status.WAITING)
    write_rows(opening)
    record_all([_entry(hold, judgement, version, now), *opening.entries])
    return True


def _take(hold: Hold) -> bool:
    """Lock the hold's row if it still waits for this very screening."""
    return (
        Hold.objects.filter(pk=hold.pk, state=HoldState.RECEIVED, revision_id=hold.revision_id).update(
            changed_at=F("changed_at")
        )
        == 1
    )


def _part(lots: Sequence[Lot], holds: Sequence[Hold]) -> None:
    for lot, hold in zip(lots, holds, strict=True):
        HoldRecipient.objects.filter(recipient__in=[r.pk for r in lot.recipients]).update(hold=hold)


def _entry(hold: Hold, judgement: Judgement, version: int, now: datetime) -> Entry:
    return Entry(
        tag=Tag.MESSAGE_NOT_INSPECTED if judgement.problem else Tag.MESSAGE_SCREENED,
        at=now,
        message_id=hold.message_id,
        hold_id=hold.pk,
        details={
            "policy_version": version,
            "lots": len(judgement.lots),
            "problem": judgement.problem,
            "watched": [reason.policy_id for reason in judgement.watched],
        },
    )


_FILLED = [
    "state",
    "changed_at",
    "ended_at",
    "subject",
    "author",
    "author_address",
    "attachment_count",
    "sender",
    "sender_address",
    "automatic",
    "policy_version",
    "reasons",
    "marks",
    "return_text",
    "sender_may_cancel",
    "sender_may_send_now",
    "link_level",
    "urgent",
    "reason_required",
    "sender_reason",
    "added_headers",
    "subject_tags",
    "added_cc",
    "added_bcc",
    "not_before",
    "stage",
    "release_at",
    "deadline_at",
    "remind_at",
    "deadline_seconds",
    "next_attempt_at",
]
