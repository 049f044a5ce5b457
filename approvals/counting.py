"""What screening writes down for the figures of policies: which match which mail, and what that changes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from approvals.judging import Judgement
from approvals.models import MailCount, PolicyMatch
from mailhold.bulk import insert_all
from mailhold.mailstore.models import Message
from policies.verdict import Disposition, Match, Treatment

Outcome = PolicyMatch.Outcome
Effect = PolicyMatch.Effect
# What is asked for with a policy, and what without it; None where that is not known.
Pair = tuple[Treatment, Treatment | None]

# How many rows are summed up at once.
MOST_ROWS = 2_000

_ENDS = {Disposition.RETURN: Outcome.RETURNED, Disposition.DISCARD: Outcome.DISCARDED}


def day_of(at: datetime) -> date:
    """Return the day of `at` where the installation is: figures are of its days, whoever looks."""
    return timezone.localdate(at, timezone.get_default_timezone())


def count_mail(messages: Iterable[Message]) -> None:
    """Count `messages` as screened, by the days on which they came, in the caller's transaction."""
    days = Counter(day_of(message.received_at) for message in messages)
    insert_all([MailCount(day=day, messages=number) for day, number in days.items()])


def sum_up(now: datetime) -> int:
    """Put what was counted on a day that is over into one row; return by how many rows there are fewer.

    One day and MOST_ROWS rows at a time, so that mail never waits for it. Rows that somebody else is just summing up are left to
    them, and those that come late are put to the others the next time.
    """
    day = _day_in_parts(day_of(now))
    return _sum_up(day) if day is not None else 0


def _day_in_parts(today: date) -> date | None:
    """Return the first day before `today` of which there are several rows."""
    days = MailCount.objects.filter(day__lt=today).values("day").annotate(rows=Count("*"))
    return days.filter(rows__gt=1).order_by("day").values_list("day", flat=True).first()


@transaction.atomic
def _sum_up(day: date) -> int:
    parts = MailCount.objects.select_for_update(skip_locked=True).filter(day=day)
    rows = dict(parts.values_list("pk", "messages")[:MOST_ROWS])
    if len(rows) < 2:
        return 0
    gone, _ = MailCount.objects.filter(pk__in=rows).delete()
    if gone != len(rows):
        raise RuntimeError(f"{len(rows)} rows of {day} were to be summed up, but {gone} were there.")
    MailCount.objects.create(day=day, messages=sum(rows.values()))
    return gone - 1


def matches_of(message: Message, judged: Judgement, hold_ids: Mapping[int, UUID]) -> list[PolicyMatch]:
    """Return a row for each policy and each hold with recipients for whom it matches.

    `hold_ids` say by recipient which hold each has come to.
    """
    day = day_of(message.received_at)
    return [row for key, holds in _pairs(judged, hold_ids).items() for row in _rows(key, holds, day)]


def not_yet_counted(message: Message, rows: Iterable[PolicyMatch]) -> list[PolicyMatch]:
    """Return those of `rows` that are new for `message`, which was screened before: nothing is counted twice.

    What matched before an edit stays: that it matched is why there was something to edit.
    """
    known = set(PolicyMatch.objects.filter(hold__message=message).values_list("hold_id", "policy_id"))
    counted = {policy_id for _, policy_id in known}
    fresh = [row for row in rows if (row.hold_id, row.policy_id) not in known]
    for row in fresh:
        row.counts = row.counts and row.policy_id not in counted
    return fresh


def _pairs(
    judged: Judgement, hold_ids: Mapping[int, UUID]
) -> Mapping[tuple[int, bool], Mapping[UUID, list[Pair]]]:
    """Return by policy (and whether it only watches) and by hold what is asked for with it and without."""
    found: dict[tuple[int, bool], dict[UUID, list[Pair]]] = defaultdict(dict)
    for lot in judged.lots:
        hold_id = hold_ids[lot.recipients[0].pk]
        for match in lot.matches:
            pairs = found[match.policy_id, match.watched].setdefault(hold_id, [])
            pairs.append(_pair(match, lot.treatment))
    return found


def _pair(match: Match, in_fact: Treatment) -> Pair:
    if match.watched and match.otherwise is not None:
        return match.otherwise, in_fact
    return in_fact, match.otherwise


def _rows(key: tuple[int, bool], holds: Mapping[UUID, Sequence[Pair]], day: date) -> list[PolicyMatch]:
    """Return the rows of one policy and one message. The first, of the strictest hold, stands for the whole message."""
    policy_id, watched = key
    rows = [
        PolicyMatch(
            hold_id=hold_id,
            policy_id=policy_id,
            day=day,
            watched=watched,
            counts=False,
            outcome=max(outcome_of(with_it) for with_it, _ in pairs).value,
            effect=effect_of(pairs).value,
        )
        for hold_id, pairs in holds.items()
    ]
    rows.sort(key=lambda row: row.outcome, reverse=True)
    rows[0].counts = True
    rows[0].effect = effect_of([pair for pairs in holds.values() for pair in pairs]).value
    return rows


def outcome_of(treatment: Treatment) -> Outcome:
    """Return what becomes of mail that is treated so."""
    match treatment.disposition:
        case Disposition.RELEASE:
            return Outcome.SENT
        case Disposition.HOLD:
            return Outcome.APPROVAL if treatment.stages else Outcome.WAITS
        case _:
            return _ENDS[treatment.disposition]


def effect_of(pairs: Sequence[Pair]) -> Effect:
    """Return what a policy changes for copies that are treated so with it, and so without it."""
    if any(without is None for _, without in pairs):
        return Effect.ENDS
    kept_with, kept_without = (any(_is_kept(pair[side]) for pair in pairs) for side in (0, 1))
    if kept_with != kept_without:
        return Effect.KEEPS if kept_with else Effect.FREES
    return Effect.CHANGES if any(with_it != without for with_it, without in pairs) else Effect.NONE


def _is_kept(treatment: Treatment | None) -> bool:
    return treatment is not None and treatment.disposition is not Disposition.RELEASE
