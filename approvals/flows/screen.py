"""Screen: find out what must happen to received messages, and open their holds.

Poison hurts itself only. Beginning a message is counted before its bytes are touched: one that was begun twice and
never finished broke its process twice, and goes to a person unread.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from approvals.counting import count_mail, matches_of
from approvals.judging import (
    Gist,
    Judgement,
    Surroundings,
    judge,
    judge_unreadable,
    load_surroundings,
    read_gist,
)
from approvals.models import ThreadEntry
from approvals.opening import Opening, open_lots, with_copies, write_rows
from audit.record import Entry, record_all
from audit.tags import Tag
from mailhold.bulk import insert_all
from mailhold.mailstore.content import open_key
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Message, Recipient, Revision
from policies.loading import PolicySet, policies_in_force

logger = logging.getLogger(__name__)

POISON_ATTEMPTS = 2
# What one task screens together. All of its contents are in memory at once.
MOST_TOGETHER = 50
MOST_BYTES_TOGETHER = 8_000_000


@dataclass(frozen=True, slots=True)
class _Case:
    message: Message
    revision: Revision
    recipients: Sequence[Recipient]
    content: bytes | None  # None: cannot be opened


class _Overtaken(Exception):
    """Another worker has screened one of the messages."""


def screen(message_ids: Sequence[UUID], now: datetime) -> int:
    """Screen those of `message_ids` that nobody else has in hand; return how many were."""
    leased = _lease(message_ids, now)
    if not leased:
        return 0
    cases = _load(leased)
    in_force = policies_in_force()
    judged = _judge_all(cases, in_force)
    try:
        _write(judged, in_force.version, now)
    except _Overtaken:
        for pair in judged:
            _write_one(pair, in_force.version, now)
    return len(judged)


def with_others_waiting(message_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of `message_ids` that wait, and others that came meanwhile: many cost little more than one.

    One that was begun before, and broke its process perhaps, takes no other with it.
    """
    attempts = dict(
        Message.objects.filter(pk__in=message_ids, status=Message.Status.RECEIVED).values_list(
            "pk", "screen_attempts"
        )
    )
    found = [message_id for message_id in message_ids if message_id in attempts]
    if not found or any(attempts.values()):
        return found
    size = 0
    for message_id, more in _untouched(MOST_TOGETHER):
        size += more
        if len(found) >= MOST_TOGETHER or size > MOST_BYTES_TOGETHER:
            break
        if message_id not in attempts:
            found.append(message_id)
    return found


def _untouched(most: int) -> Iterable[tuple[UUID, int]]:
    """Return the messages that nobody has begun, the oldest first, with their sizes."""
    return (
        Revision.objects.filter(
            number=0,
            message__status=Message.Status.RECEIVED,
            message__screen_attempts=0,
            message__screen_leased_until__isnull=True,
        )
        .order_by("message__received_at", "message_id")
        .values_list("message_id", "size")[:most]
    )


def _lease(message_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    free = Q(screen_leased_until__isnull=True) | Q(screen_leased_until__lte=now)
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    with transaction.atomic():
        mine = list(
            Message.objects.select_for_update(skip_locked=True)
            .filter(free, pk__in=message_ids, status=Message.Status.RECEIVED)
            .values_list("pk", flat=True)
        )
        Message.objects.filter(pk__in=mine).update(
            screen_leased_until=until, screen_attempts=F("screen_attempts") + 1
        )
    return mine


def _load(message_ids: Sequence[UUID]) -> list[_Case]:
    revisions = (
        Revision.objects.filter(message_id__in=message_ids, number=0)
        .select_related("message", "message__submitter", "sealed_content")
        .order_by("message_id")
    )
    recipients: dict[UUID, list[Recipient]] = defaultdict(list)
    for recipient in Recipient.objects.filter(message_id__in=message_ids).order_by("pk"):
        recipients[recipient.message_id].append(recipient)
    return [_Case(r.message, r, recipients[r.message_id], open_content(r.message, r)) for r in revisions]


def open_content(message: Message, revision: Revision) -> bytes | None:
    """Return the bytes of `revision` (its sealed content loaded), or None where they cannot be opened."""
    try:
        return open_key(message).open(revision.pk, bytes(revision.sealed_content.sealed))
    except ContentUnreadable:
        logger.exception("content cannot be opened", extra={"message_id": str(message.pk)})
        return None


def _judge_all(cases: Sequence[_Case], in_force: PolicySet) -> list[tuple[_Case, Judgement]]:
    gists = [_gist(case) for case in cases]
    around = load_surroundings([case.message for case in cases], gists, in_force.policies)
    return [(case, _judge_one(case, gist, around)) for case, gist in zip(cases, gists, strict=True)]


def _gist(case: _Case) -> Gist:
    if is_poison(case.message.screen_attempts):
        return read_gist(b"")
    return read_gist(case.content or b"")


def is_poison(attempts: int) -> bool:
    """Say whether an attempt with this number is one too many: nothing of the bytes is read then, not even a header."""
    return attempts > POISON_ATTEMPTS


def _judge_one(case: _Case, gist: Gist, around: Surroundings) -> Judgement:
    if case.content is None:
        return judge_unreadable(case.message, gist, case.recipients, around, "unreadable")
    if is_poison(case.message.screen_attempts):
        return judge_unreadable(case.message, gist, case.recipients, around, "crashed")
    try:
        return judge(case.message, case.content, gist, case.recipients, around, mark=True)
    except Exception:
        # The edge of inspection: whatever a hostile message breaks in here, the others of its batch go on.
        logger.exception("inspection failed", extra={"message_id": str(case.message.pk)})
        return judge_unreadable(case.message, gist, case.recipients, around, "error")


def _write_one(pair: tuple[_Case, Judgement], version: int, now: datetime) -> None:
    try:
        _write([pair], version, now)
    except _Overtaken:
        logger.info("already screened", extra={"message_id": str(pair[0].message.pk)})


def _write(judged: Sequence[tuple[_Case, Judgement]], version: int, now: datetime) -> None:
    """Open the holds of all messages in one transaction; raise _Overtaken, with nothing written, if one has some."""
    with transaction.atomic():
        done = Message.objects.filter(
            pk__in=[case.message.pk for case, _ in judged], status=Message.Status.RECEIVED
        ).update(status=Message.Status.SCREENED, screen_leased_until=None)
        if done != len(judged):
            raise _Overtaken
        opening = Opening()
        for case, judgement in judged:
            complete = with_copies(case.message, judgement, Recipient.Status.RECEIVED)
            first = len(opening.links)
            open_lots(opening, case.message, case.revision, complete, version, now)
            hold_ids = {link.recipient_id: link.hold_id for link in opening.links[first:]}
            opening.matches += matches_of(case.message, judgement, hold_ids)
        count_mail(case.message for case, _ in judged)
        insert_all(opening.holds)
        set_statuses(opening, now, Recipient.Status.RECEIVED)
        write_rows(opening)
        insert_all([ThreadEntry(message=case.message, digest=j.thread) for case, j in judged if j.thread])
        record_all([*_entries(judged, version, now), *opening.entries])


def set_statuses(opening: Opening, now: datetime, expected: Recipient.Status) -> None:
    """Move the recipients of `opening` from `expected` to their new statuses; all of them, or it is a defect."""
    for status, keys in opening.statuses.items():
        moved = Recipient.objects.filter(pk__in=keys, status=expected).update(status=status, changed_at=now)
        if moved != len(keys):
            raise RuntimeError(
                f"{len(keys)} recipients were {expected}, but {moved} could be moved to {status}."
            )


def _entries(judged: Iterable[tuple[_Case, Judgement]], version: int, now: datetime) -> Iterable[Entry]:
    for case, judgement in judged:
        tag = Tag.MESSAGE_NOT_INSPECTED if judgement.problem else Tag.MESSAGE_SCREENED
        details = {
            "policy_version": version,
            "lots": len(judgement.lots),
            "problem": judgement.problem,
            "watched": [reason.policy_id for reason in judgement.watched],
        }
        yield Entry(tag=tag, at=now, message_id=case.message.pk, details=details)
