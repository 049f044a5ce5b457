"""Figures of the policies in force, from what screening has written down (`counting`): one line for each of them.

Everything is counted by the database, over days of the installation.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from approvals.counting import day_of
from approvals.models import Decision, Hold, MailCount, PolicyMatch
from approvals.noise import ALWAYS_MESSAGES, APPROVED_DECISIONS, DAYS, Noise, Record, noises
from approvals.states import HoldState
from mailhold.directory.models import Person
from mailhold.directory.people import department_ancestors
from policies.lasting import unchanged_since
from policies.spec import Mode, PolicySpec, Scope

Outcome = PolicyMatch.Outcome
Effect = PolicyMatch.Effect
SPANS = (7, 30, 90)
KEPT = Q(outcome__gt=Outcome.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """So many days, the last of which is today."""

    days: int
    today: date

    @property
    def first(self) -> date:
        """Return the first day."""
        return self.today - timedelta(days=self.days - 1)


def span_of(days: int, now: datetime) -> Span:
    """Return the span of `days` days that ends with the day of `now`."""
    return Span(days=days, today=day_of(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One policy: the messages that matched, those held, returned or dropped (or that would be, where it watches).

    `alone` would be sent at once without it. `approved` and `rejected` are mails on which somebody decided so.
    """

    policy: PolicySpec
    matched: int = 0
    kept: int = 0
    alone: int = 0
    approved: int = 0
    rejected: int = 0
    noise: tuple[Noise, ...] = ()
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All policies in force, in their order. `counted_from` is the first day of which anything was counted."""

    span: Span
    messages: int
    counted_from: date | None
    lines: tuple[Line, ...]


def overview(policies: Sequence[PolicySpec], span: Span, now: datetime) -> Overview:
    """Return the figures of `policies`, those that are switched off too."""
    days = _days_of(policies, min(span.first, _earliest(now)))
    records = _records(policies, days, now)
    return Overview(
        span=span,
        messages=messages_from(span.first),
        counted_from=counted_from(),
        lines=tuple(_line(policy, days[policy.id], span, records.get(policy.id)) for policy in policies),
    )


def _line(policy: PolicySpec, days: Mapping[date, "_Day"], span: Span, record: Record | None) -> Line:
    total = _from(days, span.first)
    return Line(
        policy=policy,
        matched=total.matched,
        kept=total.kept,
        alone=total.alone,
        approved=total.approved,
        rejected=total.rejected,
        noise=noises(record) if record is not None else (),
        record=record,
    )


def messages_from(first: date) -> int:
    """Return how many messages were screened that came on `first` or later."""
    return MailCount.objects.filter(day__gte=first).aggregate(n=Sum("messages"))["n"] or 0


def counted_from() -> date | None:
    """Return the first day of which mail was counted, None before there is any."""
    found: date | None = MailCount.objects.aggregate(day=Min("day"))["day"]
    return found


@dataclass(slots=True)
class _Day:
    """What is counted of one policy on one day, or on several."""

    matched: int = 0
    kept: int = 0
    alone: int = 0
    no_effect: int = 0
    approved: int = 0
    rejected: int = 0


_ByDay = Mapping[int, Mapping[date, _Day]]


def _from(days: Mapping[date, _Day], first: date) -> _Day:
    """Return the sums from the day `first` on."""
    those = [day for at, day in days.items() if at >= first]
    return _Day(*(sum(getattr(day, each.name) for day in those) for each in fields(_Day)))


def _days_of(policies: Iterable[PolicySpec], first: date) -> _ByDay:
    """Return by number what is counted each day from `first` on, while each policy acted, or watched, as it does now."""
    watching = {policy.id: policy.mode is Mode.WATCH for policy in policies}
    found: dict[int, dict[date, _Day]] = defaultdict(lambda: defaultdict(_Day))
    rows = (
        PolicyMatch.objects.filter(policy_id__in=watching, day__gte=first, counts=True)
        .values_list("policy_id", "watched", "day")
        .annotate(
            matched=Count("*"),
            kept=Count("policy_id", filter=KEPT),
            alone=Count("policy_id", filter=Q(effect=Effect.KEEPS)),
            no_effect=Count("policy_id", filter=Q(effect=Effect.NONE)),
        )
    )
    for policy_id, watched, day, *counts in rows:
        if watching[policy_id] is watched:
            found[policy_id][day] = _Day(*counts)
    for policy_id, day, verdict, number in _decided(
        [pk for pk, watches in watching.items() if not watches], first
    ):
        name = "approved" if verdict == Decision.Verdict.APPROVE else "rejected"
        setattr(found[policy_id][day], name, number)
    return found


# Django would go by way of the holds, whose rows are wide, and count what is different row by row.
_DECIDED = f"""
    SELECT m.policy_id, m.day, d.verdict, COUNT(*)
    FROM (SELECT DISTINCT hold_id, verdict FROM {Decision._meta.db_table} WHERE undone_at IS NULL) d
    JOIN {PolicyMatch._meta.db_table} m ON m.hold_id = d.hold_id
    WHERE m.day >= %s AND NOT m.watched AND m.outcome = {Outcome.APPROVAL.value} AND m.policy_id IN ({{}})
    GROUP BY m.policy_id, m.day, d.verdict
"""  # noqa: S608, SLF001 - names of our own tables


def _decided(policy_ids: Sequence[int], first: date) -> Iterator[tuple[int, date, str, int]]:
    """Return by policy, day and verdict on how many of the mails that wait for an approval people have decided."""
    if not policy_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED.format(", ".join(["%s"] * len(policy_ids))), [first, *policy_ids])
        for policy_id, day, verdict, number in cursor.fetchall():
            # SQLite has no type for days.
            yield policy_id, date.fromisoformat(day) if isinstance(day, str) else day, verdict, number


def standing_decisions() -> QuerySet[Decision]:
    """Return the decisions that nobody has taken back."""
    return Decision.objects.filter(undone_at__isnull=True)


# --- what the rules of noise ask for -------------------------------------------------------------------------------


def records_of(policies: Sequence[PolicySpec], now: datetime) -> dict[int, Record]:
    """Return by number what is known of each policy that is in force, since it is as it is."""
    return _records(policies, _days_of(policies, _earliest(now)), now)


def _earliest(now: datetime) -> date:
    return day_of(now) - timedelta(days=DAYS)


def _records(policies: Iterable[PolicySpec], days: _ByDay, now: datetime) -> dict[int, Record]:
    enabled = {policy.id: policy for policy in policies if policy.enabled}
    starts = _starts(enabled.values(), now)
    if not starts:
        return {}
    known = [
        _Known(policy=enabled[pk], start=start, total=_from(days[pk], start)) for pk, start in starts.items()
    ]
    messages, otherwise = _messages(known), _ended_otherwise(known)
    return {
        each.policy.id: Record(
            watching=each.policy.mode is Mode.WATCH,
            conditional=bool(each.policy.conditions or each.policy.exceptions),
            days=(day_of(now) - each.start).days,
            messages=messages[each.policy.id],
            matched=each.total.matched,
            no_effect=each.total.no_effect,
            approvals=each.approvals,
            others=bool(each.total.rejected) or each.policy.id in otherwise,
        )
        for each in known
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A policy, since which day it is as it is, and what was counted of it since."""

    policy: PolicySpec
    start: date
    total: _Day

    @property
    def approvals(self) -> int:
        """Return how many mails it has had approved."""
        asks = any(action.kind == "approval" for action in self.policy.actions)
        return self.total.approved if asks else 0


def _starts(policies: Iterable[PolicySpec], now: datetime) -> dict[int, date]:
    """Return by number the first whole day of each policy as it is now, no more than DAYS before today."""
    counting = counted_from()
    if counting is None:
        return {}
    earliest = max(_earliest(now), counting)
    since = unchanged_since(policies, now - timedelta(days=DAYS + 1))
    return {pk: max(earliest, day_of(made_at) + timedelta(days=1)) for pk, made_at in since.items()}


def _ended_otherwise(known: Iterable[_Known]) -> set[int]:
    """Return those of which a mail that waited for approval was changed, rejected or canceled, or came back undecided.

    Only those are looked at of which enough was approved to say something.
    """
    starts = {each.policy.id: each.start for each in known if each.approvals >= APPROVED_DECISIONS}
    if not starts:
        return set()
    ended = Q(
        hold__state__in=[HoldState.REJECTED, HoldState.CANCELED, HoldState.RETURNED, HoldState.DISCARDED]
    )
    rows = PolicyMatch.objects.filter(
        ended | Q(hold__revision__number__gt=0),
        policy_id__in=starts,
        day__gte=min(starts.values()),
        watched=False,
        outcome=Outcome.APPROVAL,
    )
    return {pk for pk, last in rows.values_list("policy_id").annotate(last=Max("day")) if last >= starts[pk]}


def _messages(known: Sequence[_Known]) -> dict[int, int]:
    """Return by number how many messages came, from those whom each policy is for where it is compared with anything."""
    rows = MailCount.objects.filter(day__gte=min(each.start for each in known))
    by_day = list(rows.values_list("day").annotate(n=Sum("messages")))
    found = {each.policy.id: sum(n for day, n in by_day if day >= each.start) for each in known}
    return found | _messages_of(
        [each for each in known if not each.policy.scope.everyone and _may_tell(each.total.matched)]
    )


def _may_tell(matched: int) -> bool:
    """Tell whether the number of messages is compared with anything."""
    return not matched or matched >= ALWAYS_MESSAGES


def _messages_of(known: Sequence[_Known]) -> dict[int, int]:
    """Return by number how many messages came from those whom each policy is for."""
    if not known:
        return {}
    above = department_ancestors()
    people = dict(Person.objects.values_list("pk", "department_id"))
    since = datetime.combine(min(each.start for each in known), time.min, timezone.get_default_timezone())
    rows = list(
        Hold.objects.filter(created_at__gte=since, sender__isnull=False)
        .annotate(day=TruncDate("message__received_at", tzinfo=timezone.get_default_timezone()))
        .values_list("sender", "day")
        .annotate(n=Count("message_id", distinct=True))
    )
    return {
        each.policy.id: sum(
            n
            for sender, day, n in rows
            if day >= each.start and _is_of(sender, people.get(sender), each.policy.scope, above)
        )
        for each in known
    }


def _is_of(
    person_id: int, department_id: int | None, scope: Scope, above: Mapping[int, frozenset[int]]
) -> bool:
    """Tell whether somebody is among those whom `scope` names, by themselves or by a department."""
    departments = frozenset() if department_id is None else above[department_id]
    return person_id in scope.person_ids or bool(departments & scope.department_ids)
