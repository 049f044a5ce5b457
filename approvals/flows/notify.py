"""Notify: write and send the mails of our own that were put down as due.

The text is made when it is sent, so that it says what is true then and links exist nowhere but in the mail. Notices
go straight to the smarthost: they are never held themselves, and they say that a program made them (RFC 3834).
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from approvals import bell
from approvals.models import Notice
from approvals.writing import has_original, is_obsolete, write
from audit.record import Entry, record
from audit.tags import Tag
from mailhold.delivery.exceptions import DeliveryError
from mailhold.delivery.outcome import Outcome, Outgoing, OutgoingRecipient, Result
from mailhold.delivery.retry import RetrySchedule
from mailhold.delivery.smarthost import deliver as hand_over
from mailhold.directory.zones import zone
from mailhold.mailstore.exceptions import ContentUnreadable

logger = logging.getLogger(__name__)

State = Notice.State
BATCH = 200


def notify(notice_ids: Sequence[int], now: datetime) -> int:
    """Send those of `notice_ids` that are due and in nobody's hands; return how many were tried."""
    tried = 0
    started = time.monotonic()
    for notice_id in notice_ids:
        # Each lease begins when its notice's turn comes, however long the next hop took for those before.
        moment = now + timedelta(seconds=time.monotonic() - started)
        if _lease(notice_id, moment):
            _send(_load(notice_id), moment)
            tried += 1
    return tried


def ring_due_notices(now: datetime) -> int:
    """Ring for notices that are due again or whose bell was lost; return how many."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    ring_again = now + timedelta(seconds=settings.LEASE_SECONDS)
    with transaction.atomic():
        due = Notice.objects.select_for_update(skip_locked=True).filter(
            free, state=State.WAITING, next_attempt_at__lte=now - timedelta(seconds=1)
        )
        ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH])
        if ids:
            Notice.objects.filter(pk__in=ids).update(next_attempt_at=ring_again)
            bell.ring_notices(ids)
    return len(ids)


def _lease(notice_id: int, now: datetime) -> bool:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    return (
        Notice.objects.filter(free, pk=notice_id, state=State.WAITING).update(
            leased_until=until, next_attempt_at=until, attempts=F("attempts") + 1
        )
        == 1
    )


def _load(notice_id: int) -> Notice:
    return Notice.objects.select_related(
        "person", "hold__message", "hold__revision", "hold__sender", "hold__ended_by"
    ).get(pk=notice_id)


def _send(notice: Notice, now: datetime) -> None:
    if is_obsolete(notice):
        _finish(notice, State.OBSOLETE, now)
        return
    try:
        outcome = _hand_over(notice, now)
    except (DeliveryError, ContentUnreadable) as error:
        logger.exception("notice cannot be sent", extra=_ids(notice))
        outcome = Outcome(result=Result.DEFERRED, reply_text=str(error))
    except Exception as error:
        # The edge of a notice: one that cannot be written must not stop the others.
        logger.exception("notice broke", extra=_ids(notice))
        outcome = Outcome(result=Result.DEFERRED, reply_text=type(error).__name__)
    _settle(notice, outcome, now)


def _hand_over(notice: Notice, now: datetime) -> Outcome:
    person = notice.person
    language = person.language if person else settings.LANGUAGE_CODE
    home = zone(person.time_zone if person else settings.TIME_ZONE)
    with translation.override(language), timezone.override(home):
        written = write(notice, now)
    outgoing = Outgoing(
        reverse_path=written.reverse_path,
        recipients=(OutgoingRecipient(address=notice.address, dsn_notify="NEVER"),),
        content=written.content,
        smtputf8=not notice.address.isascii(),
        eightbit=not written.content.isascii(),
    )
    return hand_over(outgoing)[notice.address]


def _settle(notice: Notice, outcome: Outcome, now: datetime) -> None:
    if outcome.result == Result.DELIVERED:
        _finish(notice, State.SENT, now)
        return
    delay = RetrySchedule(tuple(settings.RETRY_SECONDS)).next_attempt(notice.attempts)
    problem = f"{outcome.reply_code or ''} {outcome.reply_text}".strip()
    if outcome.result == Result.FAILED and has_original(notice):
        _send_without_original(notice, now, problem)
        return
    if outcome.result == Result.FAILED or delay is None:
        logger.error("notice was given up", extra=_ids(notice))
        _finish(notice, State.FAILED, now, problem)
        return
    # A notice whose outcome is unknown is sent again: two are better than none.
    Notice.objects.filter(pk=notice.pk, state=State.WAITING).update(
        leased_until=None, next_attempt_at=now + timedelta(seconds=delay), problem=problem[:500]
    )


def _send_without_original(notice: Notice, now: datetime, problem: str) -> None:
    """Have `notice` sent once more, smaller: a next hop that takes no large mail must not keep its sender from knowing."""
    with transaction.atomic():
        about = {**notice.about, "without_original": True}
        if Notice.objects.filter(pk=notice.pk, state=State.WAITING).update(
            about=about, leased_until=None, next_attempt_at=now, problem=problem[:500]
        ):
            bell.ring_notices([notice.pk])


def _finish(notice: Notice, state: Notice.State, now: datetime, problem: str = "") -> None:
    tags = {State.SENT: Tag.NOTICE_SENT, State.FAILED: Tag.NOTICE_FAILED}
    with transaction.atomic():
        done = Notice.objects.filter(pk=notice.pk, state=State.WAITING).update(
            state=state, sent_at=now, leased_until=None, problem=problem[:500]
        )
        if done and state in tags:
            record(
                Entry(
                    tag=tags[state],
                    at=now,
                    message_id=notice.hold.message_id,
                    hold_id=notice.hold_id,
                    details={"kind": notice.kind, "to": notice.address},
                )
            )


def _ids(notice: Notice) -> dict[str, str]:
    return {"notice_id": str(notice.pk), "hold_id": str(notice.hold_id)}
