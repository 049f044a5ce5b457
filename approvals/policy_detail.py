"""Figures of one policy: each day, by whom decided, with samples; and who would be asked where it only watches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean
from typing import Any
from uuid import UUID

from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import RowNumber
from django.db.models.sql.compiler import SQLCompiler

from approvals.models import Decision, GateApprover, Hold, MailCount, PolicyMatch
from approvals.opening import who_decides
from approvals.policy_figures import KEPT, Span, standing_decisions
from approvals.states import HoldState
from mailhold.directory.models import Person
from mailhold.mailstore.models import Message, Revision
from policies.evaluate import STANDARD_RULES, asked_alone
from policies.reference import Rules
from policies.spec import Mode, PolicySpec
from policies.verdict import Stage

Outcome = PolicyMatch.Outcome
Effect = PolicyMatch.Effect
# Of those who send the most mail that matches it is worked out whom the policy would ask.
MOST_SENDERS = 200
KEPT_IN_FACT = Q(effect=Effect.FREES) | (KEPT & ~Q(effect=Effect.KEEPS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of the messages that match: how many are kept, `alone` by this policy, `changed` in another way, `freed` by it.

    Where the policy only watches, `kept` is what would be, and `in_fact` what was.
    """

    matched: int
    kept: int
    in_fact: int
    alone: int
    changed: int
    freed: int
    no_effect: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One day: all messages, those that match, those of them that are kept, and that were in fact."""

    date: date
    messages: int
    matched: int
    kept: int
    in_fact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What became of the mails that were held: a mail that was parted counts for each of its parts."""

    approved: int
    rejected: int
    changed: int
    canceled: int
    expired: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """What one person did: mails approved, rejected, changed, and let expire though asked; seconds from the hold on."""

    person: str
    approved: int = 0
    rejected: int = 0
    changed: int = 0
    expired: int = 0
    median_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For how many mails somebody would be asked if the policy acted, and was in fact."""

    person: str
    would: int
    in_fact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The newest holds in which matching mail is, by what the policy changes; samples of what it does."""

    effect: int
    count: int
    hold_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """Asks for the figures of one policy in one span."""

    policy: PolicySpec
    span: Span
    rules: Rules = STANDARD_RULES

    @property
    def watching(self) -> bool:
        """Tell whether the policy only watches."""
        return self.policy.mode is Mode.WATCH

    @property
    def _rows(self) -> QuerySet[PolicyMatch]:
        return PolicyMatch.objects.filter(
            policy_id=self.policy.id, day__gte=self.span.first, watched=self.watching
        )

    def totals(self) -> Totals:
        """Return the sums."""
        return Totals(**self._rows.filter(counts=True).aggregate(matched=Count("*"), **_sums()))

    def days(self) -> tuple[DayCount, ...]:
        """Return every day of the span, the last one first."""
        messages = dict(
            MailCount.objects.filter(day__gte=self.span.first).values_list("day").annotate(n=Sum("messages"))
        )
        rows = self._rows.filter(counts=True).values_list("day")
        counts = {
            day: found
            for day, *found in rows.annotate(
                matched=Count("*"),
                kept=Count("policy_id", filter=KEPT),
                in_fact=Count("policy_id", filter=KEPT_IN_FACT),
            )
        }
        found = []
        for back in range(self.span.days):
            day = self.span.today - timedelta(days=back)
            matched, kept, in_fact = counts.get(day, (0, 0, 0))
            found.append(
                DayCount(date=day, messages=messages.get(day, 0), matched=matched, kept=kept, in_fact=in_fact)
            )
        return tuple(found)

    def ends(self) -> Ends:
        """Return what became of the holds."""
        expired = Q(hold__state=HoldState.RETURNED, hold__end_reason="expired")
        states = self._rows.filter(KEPT).aggregate(
            changed=Count("policy_id", filter=Q(hold__revision__number__gt=0)),
            canceled=Count("policy_id", filter=Q(hold__state=HoldState.CANCELED)),
            expired=Count("policy_id", filter=expired),
            waiting=Count("policy_id", filter=Q(hold__state__in=[HoldState.HELD, HoldState.RECEIVED])),
        )
        by_verdict = dict(
            self._decisions().values_list("verdict").annotate(n=Count("hold_id", distinct=True))
        )
        return Ends(
            approved=by_verdict.get(Decision.Verdict.APPROVE, 0),
            rejected=by_verdict.get(Decision.Verdict.REJECT, 0),
            **states,
        )

    def _decisions(self) -> QuerySet[Decision]:
        return standing_decisions().filter(
            hold__in=self._rows.filter(outcome=Outcome.APPROVAL).values("hold")
        )

    def deciders(self) -> tuple[Decider, ...]:
        """Return who decided, those who decided the most first."""
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        for person, verdict, number in (
            self._decisions().values_list("person_id", "verdict").annotate(n=Count("hold_id", distinct=True))
        ):
            name = "approved" if verdict == Decision.Verdict.APPROVE else "rejected"
            counts[person][name] = number
        for person, number in self._expired():
            counts[person]["expired"] = number
        for person, number in self._changed(counts):
            counts[person]["changed"] = number
        medians = self._medians()
        names = _names(counts)
        found = [
            Decider(person=names[person], median_seconds=medians.get(person), **each)
            for person, each in counts.items()
            if person in names
        ]
        return tuple(sorted(found, key=lambda each: (-each.approved - each.rejected, each.person)))

    def _expired(self) -> Iterable[tuple[int, int]]:
        """Return for how many mails that came back undecided each person was asked."""
        return (
            GateApprover.objects.filter(
                gate__hold__in=self._rows.filter(
                    outcome=Outcome.APPROVAL,
                    hold__state=HoldState.RETURNED,
                    hold__end_reason="expired",
                ).values("hold")
            )
            .values_list("person_id")
            .annotate(n=Count("gate__hold_id", distinct=True))
        )

    def _changed(self, people: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Return how many mails each of `people` has changed."""
        held = Hold.objects.filter(
            policy_matches__in=self._rows.filter(outcome=Outcome.APPROVAL), revision__number__gt=0
        )
        return (
            Revision.objects.filter(
                message__in=held.values("message"), number__gt=0, made_by__in=list(people)
            )
            .values_list("made_by_id")
            .annotate(n=Count("message_id", distinct=True))
        )

    def _medians(self) -> dict[int, float]:
        """Return by person the median of the seconds from the hold to the decision; the database sorts."""
        own = F("person_id")
        middle = (
            self._decisions()
            .annotate(seconds=_Epoch("decided_at") - _Epoch("hold__created_at"))
            .annotate(
                place=Window(RowNumber(), partition_by=own, order_by=F("seconds").asc()),
                half=Window(Count("*"), partition_by=own) / Value(2.0),
            )
            .filter(place__gte=F("half"), place__lte=F("half") + 1)
            .values_list("person_id", "seconds")
        )
        found: dict[int, list[float]] = defaultdict(list)
        for person, seconds in middle:
            found[person].append(seconds)
        return {person: mean(values) for person, values in found.items()}

    # --- where the policy only watches ------------------------------------------------------------------------------

    def stages(self) -> tuple[Stage, ...]:
        """Return the approvals that the policy asks for by itself."""
        return asked_alone(self.policy, self.rules).stages

    def asked(self) -> tuple[Asked, ...]:
        """Return who would be asked if the policy acted, and who was in fact, of those who write the most such mail."""
        rows = self._rows.filter(outcome=Outcome.APPROVAL)
        by_sender = dict(
            rows.values_list("hold__sender").annotate(n=Count("*")).order_by("-n")[:MOST_SENDERS]
        )
        in_fact = self._asked_in_fact(rows, by_sender)
        would: dict[int, int] = defaultdict(int)
        fact: dict[int, int] = defaultdict(int)
        for (person, _), number in in_fact.items():
            would[person] += number
            fact[person] += number
        for sender, people in self._would_be_asked(by_sender).items():
            for person in people:
                would[person] += by_sender[sender] - in_fact.get((person, sender), 0)
        names = _names(would)
        found = [
            Asked(person=names[person], would=number, in_fact=fact.get(person, 0))
            for person, number in would.items()
            if person in names
        ]
        return tuple(sorted(found, key=lambda each: (-each.would, each.person)))

    def _asked_in_fact(
        self, rows: QuerySet[PolicyMatch], senders: Iterable[int | None]
    ) -> Mapping[tuple[int, int | None], int]:
        known = set(senders)
        counted = (
            GateApprover.objects.filter(gate__hold__in=rows.values("hold"))
            .values_list("person_id", "gate__hold__sender")
            .annotate(n=Count("gate__hold_id", distinct=True))
        )
        return {(person, sender): number for person, sender, number in counted if sender in known}

    def _would_be_asked(self, senders: Iterable[int | None]) -> dict[int | None, set[int]]:
        people = Person.objects.prefetch_related("manager__further_addresses").in_bulk(
            [pk for pk in senders if pk is not None]
        )
        return {
            pk: {
                person.pk
                for stage in self.stages()
                for person in who_decides(stage, _hold_of(people.get(pk) if pk is not None else None))
            }
            for pk in senders
        }

    def groups(self, most: int = 5) -> tuple[Groups, ...]:
        """Return the newest holds of each effect, and how many messages there are."""
        counted = self._rows.filter(counts=True)
        counts = dict(counted.values_list("effect").annotate(n=Count("*")))
        return tuple(
            Groups(
                effect=effect,
                count=counts[effect],
                hold_ids=tuple(
                    counted.filter(effect=effect)
                    .order_by("-day", "-hold_id")
                    .values_list("hold_id", flat=True)[:most]
                ),
            )
            for effect in sorted(counts, key=_interest)
        )


def _sums() -> dict[str, Count]:
    def count(condition: Q) -> Count:
        return Count("policy_id", filter=condition)

    return {
        "kept": count(KEPT),
        "in_fact": count(KEPT_IN_FACT),
        "alone": count(Q(effect=Effect.KEEPS)),
        "changed": count(Q(effect__in=[Effect.CHANGES, Effect.ENDS])),
        "freed": count(Q(effect=Effect.FREES)),
        "no_effect": count(Q(effect=Effect.NONE)),
    }


def _interest(effect: int) -> int:
    return [Effect.KEEPS, Effect.FREES, Effect.CHANGES, Effect.ENDS, Effect.NONE].index(Effect(effect))


def _names(people: Iterable[int]) -> dict[int, str]:
    return {pk: str(person) for pk, person in Person.objects.in_bulk(list(people)).items()}


def _hold_of(sender: Person | None) -> Hold:
    """Return a hold of mail that `sender` would send; it is never written."""
    address = sender.email if sender is not None else ""
    return Hold(
        message=Message(reverse_path=address), sender=sender, sender_address=address, author_address=address
    )


class _Epoch(Func):
    """A time in seconds, worked out by the database itself."""

    output_field = FloatField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(julianday(%(expressions)s) * 86400.0)", **more)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) AS double precision)"
        return self.as_sql(compiler, connection, template=template, **more)
