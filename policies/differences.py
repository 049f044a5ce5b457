"""What is different between two sets of policies, for people: sentence by sentence. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import yaml

from policies.actions.kind import Names
from policies.file_writing import policy_entry, rules_entry
from policies.reference import NO_REFERENCE, EntryList, OfficeHours, Reference, Rules
from policies.sentences import sentence
from policies.spec import PolicySpec
from policies.verdict import Text


class Change(StrEnum):
    """What becomes of a policy, a list or a calendar."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that changes: `name` says which, `before` and `after` are lines about it, in order.

    `title` is what people call a policy, whose `name` is its key.
    """

    change: Change
    name: Text
    title: Text | None = None
    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()


# What a sentence says, though perhaps not in every detail.
_WITHIN = ("scope", "conditions", "exceptions", "actions", "stop")
_LABELS = {
    "name": Text("名前", "name"),
    "description": Text("説明", "description"),
    "priority": Text("優先順位", "priority"),
    "enabled": Text("有効", "enabled"),
    "mode": Text("動作モード", "mode"),
}
_VALUES = {
    "True": Text("はい", "yes"),
    "False": Text("いいえ", "no"),
    "enforce": Text("適用する", "enforce"),
    "watch": Text("記録のみ", "watch only"),
    "": Text("(なし)", "(none)"),
}


def differences(
    old: Sequence[PolicySpec],
    new: Sequence[PolicySpec],
    names: Names,
    old_reference: Reference = NO_REFERENCE,
    new_reference: Reference = NO_REFERENCE,
) -> tuple[Difference, ...]:
    """Return what leads from the `old` policies, rules, lists and calendars to the `new` ones.

    Policies are the same where their keys are.
    """
    return (
        *_of_policies({each.key: each for each in old}, {each.key: each for each in new}, names),
        *_of_rules(old_reference.rules or Rules(), new_reference.rules or Rules()),
        *_of_named(old_reference.lists, new_reference.lists, Text("リスト", "list")),
        *_of_named(old_reference.calendars, new_reference.calendars, Text("カレンダー", "calendar")),
    )


def _of_policies(
    old: Mapping[str, PolicySpec], new: Mapping[str, PolicySpec], names: Names
) -> Iterator[Difference]:
    for key, policy in new.items():
        before = old.get(key)
        if before is None:
            yield Difference(
                change=Change.CREATED,
                name=Text(key, key),
                title=policy.name,
                after=(sentence(policy, names),),
            )
        elif (lines := _lines(before, policy, names)) != ((), ()):
            yield Difference(
                change=Change.CHANGED,
                name=Text(key, key),
                title=policy.name,
                before=lines[0],
                after=lines[1],
            )
    for key, policy in old.items():
        if key not in new:
            yield Difference(
                change=Change.REMOVED,
                name=Text(key, key),
                title=policy.name,
                before=(sentence(policy, names),),
            )


def _lines(old: PolicySpec, new: PolicySpec, names: Names) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return what is said of a policy before and after, of that which is not alike."""
    changed = [each.name for each in fields(old) if each.name != "id" and _differ(old, new, each.name)]
    said = sentence(old, names), sentence(new, names)
    lines = [said] if said[0] != said[1] else []
    # A detail that no sentence tells, such as a deadline, is shown as a file has it.
    details = [
        name for name in changed if name in _WITHIN and sentence(_with(old, new, name), names) == said[0]
    ]
    written = policy_entry(old, names), policy_entry(new, names)
    lines += [(_written(name, written[0]), _written(name, written[1])) for name in details]
    lines += [
        (_field(name, getattr(old, name)), _field(name, getattr(new, name)))
        for name in changed
        if name not in _WITHIN
    ]
    return tuple(before for before, _after in lines), tuple(after for _before, after in lines)


def _differ(old: PolicySpec, new: PolicySpec, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def _with(old: PolicySpec, new: PolicySpec, name: str) -> PolicySpec:
    """Return `old` with one part as `new` has it."""
    return replace(old, **{name: getattr(new, name)})


def _written(name: str, entry: Mapping[str, Any]) -> Text:
    text = yaml.safe_dump(
        {name: entry[name]}, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000
    ).strip()
    return Text(text[1:-1], text[1:-1])


def _field(name: str, value: object) -> Text:
    label = _LABELS.get(name, Text(name, name))
    if isinstance(value, Text):
        return Text(f"{label.ja}: {value.ja} / {value.en}", f"{label.en}: {value.ja} / {value.en}")
    said = _VALUES.get(str(value), Text(str(value), str(value)))
    return Text(f"{label.ja}: {said.ja}", f"{label.en}: {said.en}")


def _of_rules(old: Rules, new: Rules) -> Iterator[Difference]:
    if old != new:
        before, after = (_written("rules", {"rules": rules_entry(each)}) for each in (old, new))
        yield Difference(
            change=Change.CHANGED, name=Text("適用方法", "rules"), before=(before,), after=(after,)
        )


def _of_named(
    old: Mapping[str, EntryList] | Mapping[str, OfficeHours],
    new: Mapping[str, EntryList] | Mapping[str, OfficeHours],
    what: Text,
) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        change = Change.CREATED if before is None else Change.REMOVED if after is None else Change.CHANGED
        yield Difference(
            change=change,
            name=Text(f"{what.ja}「{name}」", f"{what.en} “{name}”"),
            before=_only_in(before, after),
            after=_only_in(after, before),
        )


def _only_in(each: EntryList | OfficeHours | None, other: EntryList | OfficeHours | None) -> tuple[Text, ...]:
    """Return the entries of a list that the other has not."""
    if not isinstance(each, EntryList):
        return ()
    known = set(other.entries) if isinstance(other, EntryList) else set()
    return tuple(Text(entry, entry) for entry in each.entries if entry not in known)
