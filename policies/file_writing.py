"""Writing a policy file. Pure; what is written here, `file_reading` reads back as it was."""

from typing import Any

import yaml

from policies.actions.kind import Names
from policies.actions.registry import action_kind
from policies.durations import format_duration
from policies.file_reading import FORMAT
from policies.reference import NO_REFERENCE, WEEKDAYS, OfficeHours, Reference, Rules
from policies.spec import Action, Condition, PolicySpec, Scope
from policies.verdict import Approvers, Text


def write_whole(policies: tuple[PolicySpec, ...], names: Names, reference: Reference) -> str:
    """Return a policy file that says of everything how it is, also that there are no lists: nothing completes it."""
    content = {
        "format": FORMAT,
        "rules": rules_entry(reference.rules or Rules()),
        "lists": _list_entries(reference),
        "calendars": _calendar_entries(reference),
        "policies": [policy_entry(policy, names) for policy in policies],
    }
    return _yaml(content)


def write_policies(
    policies: tuple[PolicySpec, ...], names: Names, reference: Reference = NO_REFERENCE
) -> str:
    """Return `policies` as a policy file; `names` gives addresses for persons and names for departments."""
    content: dict[str, Any] = {"format": FORMAT}
    if reference.rules is not None:
        content["rules"] = rules_entry(reference.rules)
    if reference.lists:
        content["lists"] = _list_entries(reference)
    if reference.calendars:
        content["calendars"] = _calendar_entries(reference)
    content |= {"policies": [policy_entry(policy, names) for policy in policies]}
    return _yaml(content)


def _list_entries(reference: Reference) -> list[dict[str, Any]]:
    return [{"name": each.name, "entries": list(each.entries)} for each in reference.lists.values()]


def _calendar_entries(reference: Reference) -> list[dict[str, Any]]:
    return [_calendar_entry(each) for each in reference.calendars.values()]


def _yaml(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as people write them, and never writes aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def policy_entry(policy: PolicySpec, names: Names) -> dict[str, Any]:
    """Return what a file says of `policy`."""
    return {
        "key": policy.key,
        "name": _both_languages(policy.name),
        **({"description": policy.description} if policy.description else {}),
        "priority": policy.priority,
        "enabled": policy.enabled,
        "mode": policy.mode.value,
        "scope": _scope_entry(policy.scope, names),
        "conditions": [_condition_entry(condition) for condition in policy.conditions],
        "exceptions": [_condition_entry(condition) for condition in policy.exceptions],
        "actions": [_action_entry(action, names) for action in policy.actions],
        "stop": policy.stop,
    }


def rules_entry(rules: Rules) -> dict[str, Any]:
    """Return what a file says of `rules`."""
    return {
        "choose": "first" if rules.first_only else "strictest",
        "risk": {
            "wait": rules.wait,
            "check": rules.check,
            "peer": rules.peer,
            "manager": rules.manager,
        },
    }


def _calendar_entry(calendar: OfficeHours) -> dict[str, Any]:
    return {
        "name": calendar.name,
        "default": calendar.default,
        "time_zone": calendar.time_zone,
        "hours": {
            day: f"{span[0]:%H:%M}-{span[1]:%H:%M}"
            for day, span in zip(WEEKDAYS, calendar.hours, strict=True)
            if span is not None
        },
        "holidays": calendar.holidays,
        "closed": [day.isoformat() for day in sorted(calendar.closed)],
    }


def _both_languages(text: Text) -> dict[str, str]:
    return {"ja": text.ja, "en": text.en}


def _scope_entry(scope: Scope, names: Names) -> Any:
    if scope.everyone:
        return "everyone"
    return {
        "people": sorted(names.person(pk) for pk in scope.person_ids),
        "departments": sorted(names.department(pk) for pk in scope.department_ids),
    }


def _condition_entry(condition: Condition) -> dict[str, Any]:
    entry = {
        "kind": condition.kind,
        "choice": condition.choice,
        "number": condition.number,
        "values": list(condition.values),
    }
    return {key: value for key, value in entry.items() if value not in ("", None, [])}


def _action_entry(action: Action, names: Names) -> dict[str, Any]:
    taken = action_kind(action.kind).takes
    entry: dict[str, Any] = {"kind": action.kind}
    if "seconds" in taken:
        entry["for"] = format_duration(action.seconds or 0)
    if "sender_may_send_now" in taken:
        entry["sender_may_send_now"] = action.sender_may_send_now
    if "approvers" in taken:
        entry |= _approval_entry(action, names)
    if "deadline_seconds" in taken:
        entry["deadline"] = format_duration(action.deadline_seconds or 0)
    if "text" in taken:
        entry["text"] = _both_languages(action.text)
    if "ids" in taken and "approvers" not in taken:
        entry["persons"] = sorted(names.person(pk) for pk in action.ids)
    entry |= {name: getattr(action, name) for name in ("points", "header", "address", "tag") if name in taken}
    return entry


def _approval_entry(action: Action, names: Names) -> dict[str, Any]:
    entry: dict[str, Any] = {"approvers": str(action.approvers or Approvers.ADMINISTRATORS)}
    if action.approvers is Approvers.PERSONS:
        entry["persons"] = sorted(names.person(pk) for pk in action.ids)
    if action.approvers is Approvers.DEPARTMENT:
        entry["department"] = "".join(names.department(pk) for pk in action.ids)
    entry |= {"needed": action.needed, "link": action.link_level.value, "allow_self": action.allow_self}
    return entry
