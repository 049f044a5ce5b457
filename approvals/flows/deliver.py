"""Deliver: hand released copies to the next hop, and write down what came of it for every recipient.

A worker leases a few holds by one UPDATE and sends them one after the other. Just before a message's final dot the
hold becomes `sending`, if the lease still stands: that is the fence that keeps two workers from sending one message.
A worker that dies before the dot has sent nothing, and its holds are taken over when the lease ends. One that dies
after it leaves a hold `sending` whose outcome nobody knows: it is marked so, never sent again by itself, and never
reported as failed.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from approvals import leases, notices
from approvals.clock import database_now
from approvals.exceptions import LeaseLost
from approvals.leaving import leaving
from approvals.models import Decision, Hold, Notice
from approvals.states import HoldState
from approvals.transitions import recipients_of
from audit.record import Entry, record
from audit.tags import Tag
from mailhold.delivery.dsn import wants_failure_report
from mailhold.delivery.exceptions import BareLineEnd, DeliveryError
from mailhold.delivery.outcome import Outcome, Outgoing, OutgoingRecipient, Result
from mailhold.delivery.retry import RetrySchedule
from mailhold.delivery.smarthost import deliver as hand_over
from mailhold.mailstore.content import open_key
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Recipient, Revision, SealedContent
from mailhold.mailstore.text import storable

logger = logging.getLogger(__name__)

R = Recipient.Status
TO_SEND = (R.QUEUED, R.DEFERRED)
# Of the contents of one batch that are read from the database at once.
MOST_BYTES_TOGETHER = 16_000_000


@dataclass(frozen=True, slots=True)
class _Job:
    hold: Hold
    recipients: Sequence[Recipient]
    token: UUID
    was_approved: bool
    sealed: bytes | None  # None: read when its turn comes


def deliver(hold_ids: Sequence[UUID]) -> int:
    """Attempt those of `hold_ids` that are due and in nobody's hands; return how many were attempted."""
    now = database_now()
    token = uuid4()
    jobs = _load(_lease(hold_ids, token, now), token)
    with leases.kept(token):
        for job in jobs:
            _attempt(job)
    return len(jobs)


def _lease(hold_ids: Sequence[UUID], token: UUID, now: datetime) -> list[UUID]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    Hold.objects.filter(free, pk__in=hold_ids, state=HoldState.QUEUED).update(
        lease_token=token, leased_until=until, next_attempt_at=until
    )
    return list(Hold.objects.filter(pk__in=hold_ids, lease_token=token).values_list("pk", flat=True))


def _load(hold_ids: Sequence[UUID], token: UUID) -> list[_Job]:
    holds = (
        Hold.objects.filter(pk__in=hold_ids).select_related("message", "sender", "revision").order_by("pk")
    )
    recipients: dict[UUID, list[Recipient]] = defaultdict(list)
    for recipient in (
        recipients_of(hold_ids).filter(status__in=TO_SEND).select_related("hold_link").order_by("pk")
    ):
        recipients[recipient.hold_link.hold_id].append(recipient)
    approved = _approved(hold_ids)
    sealed = _sealed_together([hold.revision for hold in holds])
    return [
        _Job(hold, recipients[hold.pk], token, hold.pk in approved, sealed.get(hold.revision_id))
        for hold in holds
    ]


def _sealed_together(revisions: Sequence[Revision]) -> dict[UUID, bytes]:
    """Return the sealed contents where they are small together; large ones are not all kept in memory at once."""
    if sum(revision.size for revision in revisions) > MOST_BYTES_TOGETHER:
        return {}
    return _sealed([revision.pk for revision in revisions])


def _sealed(revision_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    rows = SealedContent.objects.filter(pk__in=revision_ids).values_list("pk", "sealed")
    return {revision_id: bytes(sealed) for revision_id, sealed in rows}


def _approved(hold_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `hold_ids` whose very revision somebody approved. Nothing can be undone once they are queued."""
    return frozenset(
        Decision.objects.filter(
            hold__in=hold_ids,
            revision_id=F("hold__revision_id"),
            verdict=Decision.Verdict.APPROVE,
            undone_at__isnull=True,
        ).values_list("hold_id", flat=True)
    )


def _attempt(job: _Job) -> None:
    log = {"hold_id": str(job.hold.pk), "message_id": str(job.hold.message_id)}
    at_the_dot = False

    def before_dot() -> None:
        nonlocal at_the_dot
        _mark_sending(job)
        at_the_dot = True

    try:
        outgoing = _outgoing(job)
        outcomes = hand_over(outgoing, before_dot) if outgoing.recipients else {}
    except LeaseLost:
        logger.warning("another worker has taken this hold over", extra=log)
        return
    except BareLineEnd as error:
        # The gateway lets no such content in and a rewrite makes none: it can never leave.
        logger.exception("cannot be sent", extra=log)
        outcomes = _all(job, Outcome(result=Result.FAILED, reply_text=str(error)))
    except (DeliveryError, ContentUnreadable) as error:
        # Nothing was sent; it waits until somebody has repaired the keys or the setting.
        logger.exception("cannot be sent", extra=log)
        outcomes = _all(job, Outcome(result=Result.DEFERRED, reply_text=str(error)))
    except Exception as error:
        # The edge of a delivery: a defect in one message must not stop the others of the batch. After the dot the
        # next hop may have it, and by itself nothing is sent twice.
        logger.exception("delivery broke", extra=log)
        result = Result.UNKNOWN if at_the_dot else Result.DEFERRED
        outcomes = _all(job, Outcome(result=result, reply_text=type(error).__name__))
    finish(job.hold, job.recipients, outcomes, job.token, database_now(), was_approved=job.was_approved)


def _all(job: _Job, outcome: Outcome) -> dict[str, Outcome]:
    return {recipient.address: outcome for recipient in job.recipients}


def _outgoing(job: _Job) -> Outgoing:
    message, revision = job.hold.message, job.hold.revision
    sealed = _sealed([revision.pk])[revision.pk] if job.sealed is None else job.sealed
    content = open_key(message).open(revision.pk, sealed)
    return Outgoing(
        reverse_path=message.reverse_path,
        recipients=tuple(
            OutgoingRecipient(address=r.address, dsn_notify=r.dsn_notify, dsn_orcpt=r.dsn_orcpt)
            for r in job.recipients
        ),
        content=leaving(job.hold, content),
        smtputf8=message.smtputf8,
        eightbit=message.eightbit,
        dsn_ret=message.dsn_ret,
        dsn_envid=message.dsn_envid,
    )


def _mark_sending(job: _Job) -> None:
    """Say, on stable storage, that the final dot comes next; raise LeaseLost if it must not."""
    now = database_now()
    # Waiting for the reply may take as long as RFC 5321 4.5.3.2.6 grants it, and nobody may take the hold over.
    until = now + timedelta(seconds=settings.DOT_TIMEOUT + settings.LEASE_SECONDS)
    with transaction.atomic():
        moved = Hold.objects.filter(
            pk=job.hold.pk, state=HoldState.QUEUED, lease_token=job.token, revision_id=job.hold.revision_id
        ).update(state=HoldState.SENDING, leased_until=until, changed_at=now)
        if not moved:
            raise LeaseLost
        Recipient.objects.filter(pk__in=[r.pk for r in job.recipients], status__in=TO_SEND).update(
            status=R.SENDING, changed_at=now
        )


def finish(
    hold: Hold,
    recipients: Sequence[Recipient],
    outcomes: Mapping[str, Outcome],
    token: UUID,
    now: datetime,
    *,
    was_approved: bool,
) -> None:
    """Write down the outcomes of one attempt, plan the next one or end the hold, and tell the sender what failed.

    `recipients` are all of the hold that had no final status.
    """
    attempts = hold.attempts + 1
    next_delay = RetrySchedule(tuple(settings.RETRY_SECONDS)).next_attempt(attempts)
    with transaction.atomic():
        mine = Hold.objects.filter(
            pk=hold.pk, lease_token=token, state__in=(HoldState.QUEUED, HoldState.SENDING)
        )
        by_status = _write_outcomes(recipients, outcomes, now, last=next_delay is None)
        left = bool(by_status[R.DEFERRED])
        changes: dict[str, object] = {
            "attempts": attempts,
            "lease_token": None,
            "leased_until": None,
            "changed_at": now,
        }
        if left:
            changes |= {
                "state": HoldState.QUEUED,
                "next_attempt_at": now + timedelta(seconds=next_delay or 0),
            }
        else:
            changes |= {"state": HoldState.DONE, "next_attempt_at": None, "ended_at": now}
        if not mine.update(**changes):
            # Somebody else holds the lease: what we know is older than what they will find out.
            transaction.set_rollback(True)
            logger.warning("lease was lost before the outcome was written", extra={"hold_id": str(hold.pk)})
            return
        _tell(hold, recipients, outcomes, by_status, now, done=not left, was_approved=was_approved)


def _write_outcomes(
    recipients: Sequence[Recipient], outcomes: Mapping[str, Outcome], now: datetime, *, last: bool
) -> dict[R, list[Recipient]]:
    """Set each recipient's status from its outcome; return the recipients by their new statuses."""
    same: dict[tuple[R, Outcome], list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        outcome = outcomes[recipient.address]
        status = R(outcome.result)
        if status == R.DEFERRED and last:
            status = R.FAILED
        same[status, outcome].append(recipient)
    for (status, outcome), members in same.items():
        Recipient.objects.filter(
            pk__in=[member.pk for member in members], status__in=(R.QUEUED, R.DEFERRED, R.SENDING)
        ).update(
            status=status,
            reply_code=outcome.reply_code or None,
            enhanced_status=outcome.enhanced_status[:12],
            reply_text=storable(outcome.reply_text, 500),
            next_hop=outcome.next_hop[:255],
            changed_at=now,
        )
    by_status: dict[R, list[Recipient]] = defaultdict(list)
    for (status, _), members in same.items():
        by_status[status] += members
    return by_status


def _tell(
    hold: Hold,
    recipients: Sequence[Recipient],
    outcomes: Mapping[str, Outcome],
    by_status: Mapping[R, Sequence[Recipient]],
    now: datetime,
    *,
    done: bool,
    was_approved: bool,
) -> None:
    codes: dict[str, int] = defaultdict(int)
    for recipient in recipients:
        outcome = outcomes[recipient.address]
        codes[f"{outcome.result} {outcome.reply_code}"] += 1
    entries = [
        Entry(tag=Tag.DELIVERY_ATTEMPTED, at=now, message_id=hold.message_id, hold_id=hold.pk, details=codes)
    ]
    if done:
        entries.append(Entry(tag=Tag.HOLD_DONE, at=now, message_id=hold.message_id, hold_id=hold.pk))
    record(*entries)
    told = []
    failed, unknown = by_status.get(R.FAILED, ()), by_status.get(R.OUTCOME_UNKNOWN, ())
    wanted = [r.pk for r in failed if wants_failure_report(hold.message.reverse_path, r.dsn_notify)]
    if wanted:
        told += notices.to_reverse_path(hold, Notice.Kind.NOT_DELIVERED, now, recipients=wanted)
    if unknown:
        told += notices.to_sender(hold, Notice.Kind.OUTCOME_UNKNOWN, now, recipients=[r.pk for r in unknown])
    if done and was_approved and _has_arrived(hold):
        told += notices.to_sender(hold, Notice.Kind.SENT, now)
    if told:
        notices.put_down(told)


def _has_arrived(hold: Hold) -> bool:
    return recipients_of([hold.pk]).filter(status=R.DELIVERED).exists()


def settle_lost(now: datetime) -> int:
    """Mark as `outcome_unknown` what a worker had sent the dot for before it died; return how many holds."""
    lost = Hold.objects.filter(state=HoldState.SENDING, leased_until__lte=now).select_related(
        "message", "sender"
    )
    settled = 0
    for hold in lost[:100]:
        recipients = list(recipients_of([hold.pk]).filter(status=R.SENDING))
        outcome = Outcome(result=Result.UNKNOWN, reply_text="the process ended before a reply came")
        token = uuid4()
        taken = Hold.objects.filter(
            pk=hold.pk, state=HoldState.SENDING, lease_token=hold.lease_token, leased_until__lte=now
        ).update(lease_token=token, leased_until=now + timedelta(seconds=settings.LEASE_SECONDS))
        if taken:
            approved = hold.pk in _approved([hold.pk])
            finish(
                hold, recipients, {r.address: outcome for r in recipients}, token, now, was_approved=approved
            )
            settled += 1
    return settled
