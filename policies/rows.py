"""Between rows and plain values: a stored policy as a PolicySpec, and back."""

from collections.abc import Iterable
from datetime import date, time
from operator import attrgetter
from typing import Any

from policies.actions.registry import action_kind
from policies.models import Calendar, Policy, PolicyAction, PolicyCondition, PolicyRules, RecipientList
from policies.reference import WEEKDAYS, EntryList, OfficeHours, Reference, Rules
from policies.spec import Action, Condition, Mode, PolicySpec, Scope
from policies.verdict import Approvers, LinkLevel, Text


def stored_policies() -> tuple[PolicySpec, ...]:
    """Return all policies, in the order in which they are applied."""
    rows = Policy.objects.order_by("priority", "id").prefetch_related(
        "scope_people", "scope_departments", "all_conditions", "actions__persons"
    )
    return tuple(spec_of(row) for row in rows)


def stored_reference() -> Reference:
    """Return all lists and calendars."""
    lists = (EntryList.of(row.name, values_of(row.entries)) for row in RecipientList.objects.all())
    calendars = map(calendar_of, Calendar.objects.all())
    # Sorted here: databases put Japanese names in orders of their own, and a version is compared as a text.
    return Reference(
        lists={each.name: each for each in sorted(lists, key=attrgetter("name"))},
        calendars={each.name: each for each in sorted(calendars, key=attrgetter("name"))},
        rules=next(map(_rules, PolicyRules.objects.all()), None),
    )


def _rules(row: PolicyRules) -> Rules:
    return Rules(
        first_only=row.first_only, wait=row.wait, check=row.check_points, peer=row.peer, manager=row.manager
    )


def write_rules(rules: Rules) -> None:
    """Make the stored rules those given."""
    values = {
        "first_only": rules.first_only,
        "wait": rules.wait,
        "check_points": rules.check,
        "peer": rules.peer,
        "manager": rules.manager,
    }
    PolicyRules.objects.update_or_create(pk=PolicyRules.ONLY, defaults=values)


def write_lists(lists: Iterable[EntryList]) -> None:
    """Make the stored lists those given."""
    RecipientList.objects.all().delete()
    RecipientList.objects.bulk_create(
        RecipientList(name=each.name, entries="\n".join(each.entries)) for each in lists
    )


def write_calendars(calendars: Iterable[OfficeHours]) -> None:
    """Make the stored calendars those given."""
    Calendar.objects.all().delete()
    Calendar.objects.bulk_create(map(_calendar_row, calendars))


def _calendar_row(calendar: OfficeHours) -> Calendar:
    spans = zip(WEEKDAYS, calendar.hours, strict=True)
    times = {
        f"{day}_{edge}": span[place]
        for day, span in spans
        if span is not None
        for place, edge in enumerate(("from", "until"))
    }
    return Calendar(
        name=calendar.name,
        default=calendar.default,
        time_zone=calendar.time_zone,
        holidays=calendar.holidays,
        closed_days="\n".join(day.isoformat() for day in sorted(calendar.closed)),
        **times,
    )


def calendar_of(row: Calendar) -> OfficeHours:
    """Return the plain value of a calendar; a weekday with one time missing is closed."""
    return OfficeHours(
        name=row.name,
        time_zone=row.time_zone,
        hours=tuple(_hours(row, day) for day in WEEKDAYS),
        holidays=row.holidays,
        closed=frozenset(date.fromisoformat(day) for day in values_of(row.closed_days)),
        default=row.default,
    )


def _hours(row: Calendar, day: str) -> tuple[time, time] | None:
    opens, closes = getattr(row, f"{day}_from"), getattr(row, f"{day}_until")
    return None if opens is None or closes is None else (opens, closes)


def spec_of(policy: Policy) -> PolicySpec:
    """Return the plain value of a stored policy."""
    conditions = list(policy.all_conditions.all())
    return PolicySpec(
        id=policy.pk,
        key=policy.key,
        name=Text(policy.name_ja, policy.name_en),
        description=policy.description,
        priority=policy.priority,
        enabled=policy.enabled,
        mode=Mode(policy.mode),
        scope=_scope_of(policy),
        conditions=tuple(condition_of(each) for each in conditions if not each.is_exception),
        exceptions=tuple(condition_of(each) for each in conditions if each.is_exception),
        actions=tuple(_action_of(each) for each in policy.actions.all()),
        stop=policy.stop,
    )


def condition_of(row: PolicyCondition) -> Condition:
    """Return the plain value of a condition; blank lines and blanks around values mean nothing."""
    return Condition(kind=row.kind, values=values_of(row.values), number=row.number, choice=row.choice)


def values_of(lines: str) -> tuple[str, ...]:
    """Return the values that stand in `lines`, one a line."""
    return tuple(value.strip() for value in lines.replace("\r", "\n").split("\n") if value.strip())


def action_of(row: PolicyAction, person_ids: Iterable[int]) -> Action:
    """Return the plain value of an action whose persons are `person_ids`, with all of its parameters."""
    department = () if row.department_id is None else (row.department_id,)
    return Action(
        kind=row.kind,
        seconds=row.seconds,
        sender_may_send_now=row.sender_may_send_now,
        approvers=Approvers(row.approvers) if row.approvers else None,
        ids=(*sorted(person_ids), *department),
        needed=row.needed,
        deadline_seconds=row.deadline_seconds,
        link_level=LinkLevel(row.link_level),
        allow_self=row.allow_self,
        text=Text(row.text_ja, row.text_en),
        points=row.points,
        header=row.header,
        address=row.address,
        tag=row.tag,
    )


def policy_fields(spec: PolicySpec) -> dict[str, Any]:
    """Return the plain columns of a policy."""
    return {
        "key": spec.key,
        "name_ja": spec.name.ja,
        "name_en": spec.name.en,
        "description": spec.description,
        "priority": spec.priority,
        "enabled": spec.enabled,
        "mode": spec.mode.value,
        "for_everyone": spec.scope.everyone,
        "stop": spec.stop,
    }


def write_parts(policy: Policy, spec: PolicySpec) -> None:
    """Write the scope, the conditions, the exceptions and the actions of `spec` for `policy`, which has none yet."""
    policy.scope_people.set(spec.scope.person_ids)
    policy.scope_departments.set(spec.scope.department_ids)
    PolicyCondition.objects.bulk_create(
        [
            *(_condition_row(policy, each, is_exception=False) for each in spec.conditions),
            *(_condition_row(policy, each, is_exception=True) for each in spec.exceptions),
        ]
    )
    for action in spec.actions:
        _write_action(policy, action)


def _scope_of(policy: Policy) -> Scope:
    return Scope(
        everyone=policy.for_everyone,
        person_ids=frozenset(person.pk for person in policy.scope_people.all()),
        department_ids=frozenset(department.pk for department in policy.scope_departments.all()),
    )


def _action_of(row: PolicyAction) -> Action:
    return action_kind(row.kind).only_taken(action_of(row, [person.pk for person in row.persons.all()]))


def _condition_row(policy: Policy, condition: Condition, *, is_exception: bool) -> PolicyCondition:
    return PolicyCondition(
        policy=policy,
        is_exception=is_exception,
        kind=condition.kind,
        choice=condition.choice,
        number=condition.number,
        values="\n".join(condition.values),
    )


def _write_action(policy: Policy, action: Action) -> None:
    by_department = action.approvers is Approvers.DEPARTMENT
    row = PolicyAction.objects.create(
        policy=policy,
        kind=action.kind,
        seconds=action.seconds,
        sender_may_send_now=action.sender_may_send_now,
        approvers=action.approvers.value if action.approvers else "",
        department_id=action.ids[0] if by_department else None,
        needed=action.needed,
        deadline_seconds=action.deadline_seconds,
        link_level=action.link_level.value,
        allow_self=action.allow_self,
        text_ja=action.text.ja,
        text_en=action.text.en,
        points=action.points,
        header=action.header,
        address=action.address,
        tag=action.tag,
    )
    row.persons.set(action.person_ids)
