"""Figures of the policies in force, from what screening has written down (`counting`): one line for each of them.

Everything is counted by the database, over days of the installation.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum
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
    messages = {start: messages_from(start) for start in set(starts.values())}
    return {
        policy_id: _record(enabled[policy_id], days[policy_id], start, messages[start], day_of(now))
        for policy_id, start in starts.items()
    }


def _starts(policies: Iterable[PolicySpec], now: datetime) -> dict[int, date]:
    """Return by number the first whole day of each policy as it is now, no more than DAYS before today."""
    counting = counted_from()
    if counting is None:
        return {}
    earliest = max(_earliest(now), counting)
    since = unchanged_since(policies, now - timedelta(days=DAYS + 1))
    return {pk: max(earliest, day_of(made_at) + timedelta(days=1)) for pk, made_at in since.items()}


def _record(policy: PolicySpec, days: Mapping[date, _Day], start: date, messages: int, today: date) -> Record:
    total = _from(days, start)
    approvals = total.approved if any(action.kind == "approval" for action in policy.actions) else 0
    if not policy.scope.everyone and _may_tell(total.matched):
        messages = _messages_of(policy.scope, start)
    return Record(
        watching=policy.mode is Mode.WATCH,
        conditional=bool(policy.conditions or policy.exceptions),
        days=(today - start).days,
        messages=messages,
        matched=total.matched,
        no_effect=total.no_effect,
        approvals=approvals,
        others=bool(total.rejected)
        or (approvals >= APPROVED_DECISIONS and _ended_otherwise(policy.id, start)),
    )


def _may_tell(matched: int) -> bool:
    """Tell whether the number of messages is compared with anything."""
    return not matched or matched >= ALWAYS_MESSAGES


def _ended_otherwise(policy_id: int, start: date) -> bool:
    """Tell whether a mail that waited for approval was changed, rejected or canceled, or came back undecided."""
    ended = Q(
        hold__state__in=[HoldState.REJECTED, HoldState.CANCELED, HoldState.RETURNED, HoldState.DISCARDED]
    )
    return PolicyMatch.objects.filter(
        ended | Q(hold__revision__number__gt=0),
        policy_id=policy_id,
        day__gte=start,
        watched=False,
        outcome=Outcome.APPROVAL,
    ).exists()


def _messages_of(scope: Scope, start: date) -> int:
    """Return how many messages came from those whom `scope` names, from `start` on."""
    below = [pk for pk, above in department_ancestors().items() if above & scope.department_ids]
    people = Person.objects.filter(Q(pk__in=scope.person_ids) | Q(department__in=below))
    since = datetime.combine(start, time.min, timezone.get_default_timezone())
    holds = Hold.objects.filter(sender__in=people.values("pk"), created_at__gte=since)
    number: int = holds.aggregate(n=Count("message_id", distinct=True))["n"]
    return number
