"""Policies as a file: exported, checked, applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.record import Actor
from mailhold.directory.models import Department
from mailhold.directory.people import person_by_address
from policies.differences import Difference, differences
from policies.documents import Problem
from policies.file_reading import PolicyFile, read_policies
from policies.models import Policy, PolicyRules, PolicyVersion
from policies.naming import addresses
from policies.proposing import waiting_proposal
from policies.reference import NO_REFERENCE, Reference
from policies.rows import (
    policy_fields,
    stored_policies,
    stored_reference,
    write_calendars,
    write_lists,
    write_parts,
    write_rules,
)
from policies.spec import PolicySpec
from policies.versions import exported, lock_policies, make_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """What applying a file did: the keys of the policies, or the problems for which nothing was done.

    `version` is the one in force. Where a change `waits` for a second administrator, that is what the file made.
    """

    problems: list[Problem] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    version: int = 0
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What applying a file would change, or the problems for which it could not be applied."""

    problems: tuple[Problem, ...] = ()
    differences: tuple[Difference, ...] = ()


class _StoredDirectory:
    """Looks persons and departments up in the database, each once; `reference` stands beside what is read."""

    def __init__(self, reference: Reference) -> None:
        self._people: dict[str, int | None] = {}
        self._departments = dict(Department.objects.values_list("name", "pk"))
        self._reference = reference

    def person_id(self, address: str) -> int | None:
        if address not in self._people:
            person = person_by_address(address)
            self._people[address] = person.pk if person else None
        return self._people[address]

    def department_id(self, name: str) -> int | None:
        return self._departments.get(name)

    def reference(self) -> Reference:
        return self._reference


def export(*, in_force: bool = False) -> str:
    """Return all policies as a policy file (YAML): with the change that waits, where one does, or what is in force."""
    waiting = waiting_proposal() if in_force else None
    return exported() if waiting is None else PolicyVersion.objects.get(number=waiting.base).text


def read(text: str, beside: Reference | None = None) -> PolicyFile:
    """Return what a policy file says, or its problems; people and departments are those of the directory.

    Lists and calendars that the file leaves as they are stand `beside` it: those of the tables where none are given.
    """
    return read_policies(text, _StoredDirectory(stored_reference() if beside is None else beside))


def check(text: str) -> list[Problem]:
    """Return what is wrong with a policy file, in the order of its lines; nothing where it could be applied."""
    return list(read(text).problems)


def compare(text: str) -> Comparison:
    """Return what applying the policy file `text` would change; changes nothing."""
    wanted, stored = read(text), stored_reference()
    return _compare(wanted, stored, wanted.reference(stored))


def compare_whole(text: str) -> Comparison:
    """Return what going back to `text`, the whole set as it once stood, would change; changes nothing."""
    wanted = read(text)
    return _compare(wanted, stored_reference(), wanted.reference(NO_REFERENCE))


def _compare(wanted: PolicyFile, before: Reference, after: Reference) -> Comparison:
    if wanted.problems:
        return Comparison(problems=wanted.problems)
    policies = stored_policies()
    names = addresses([*policies, *wanted.policies])
    return Comparison(differences=differences(policies, wanted.policies, names, before, after))


@transaction.atomic
def apply(text: str, actor: Actor) -> ApplyResult:
    """Make the policies those of the file, by key: new ones, changed ones, and removed where the file has none.

    Where the file has a problem, nothing changes.
    """
    lock_policies()
    return _apply(read(text), actor, {})


@transaction.atomic
def add(text: str, actor: Actor) -> ApplyResult:
    """Create the policies of the file, or change those with the same keys; all others stay."""
    lock_policies()
    wanted = read(text)
    keys = {policy.key for policy in wanted.policies}
    kept = (policy for policy in stored_policies() if policy.key not in keys)
    return _apply(replace(wanted, policies=(*kept, *wanted.policies)), actor, {})


@transaction.atomic
def roll_back(number: int, actor: Actor) -> ApplyResult:
    """Make the policies, rules, lists and calendars those of version `number` again, as a new version.

    Raises PolicyVersion.DoesNotExist. Where that version names what no longer exists, there are problems and nothing
    changes.
    """
    lock_policies()
    return apply_whole(PolicyVersion.objects.get(number=number).text, actor, {"rolled_back_to": number})


def apply_whole(text: str, actor: Actor, details: Mapping[str, Any]) -> ApplyResult:
    """Make everything as `text` says, which is the whole set as it once stood: what it does not name was not there.

    In the caller's transaction, which has locked the policies.
    """
    whole = _whole(read(text))
    if whole.rules is None and not whole.problems:
        PolicyRules.objects.all().delete()
    return _apply(whole, actor, details)


def _whole(wanted: PolicyFile) -> PolicyFile:
    return replace(wanted, lists=wanted.lists or (), calendars=wanted.calendars or ())


def _apply(wanted: PolicyFile, actor: Actor, details: Mapping[str, Any]) -> ApplyResult:
    if wanted.problems:
        return ApplyResult(problems=list(wanted.problems))
    if wanted.rules is not None:
        write_rules(wanted.rules)
    if wanted.lists is not None:
        write_lists(wanted.lists)
    if wanted.calendars is not None:
        write_calendars(wanted.calendars)
    return _replace_all(wanted.policies, actor, details)


def _replace_all(wanted: Sequence[PolicySpec], actor: Actor, more: Mapping[str, Any]) -> ApplyResult:
    before = {policy.key: policy for policy in stored_policies()}
    created = [policy for policy in wanted if policy.key not in before]
    known = [replace(policy, id=before[policy.key].id) for policy in wanted if policy.key in before]
    changed = [policy for policy in known if policy != before[policy.key]]
    removed = sorted(before.keys() - {policy.key for policy in wanted})
    Policy.objects.filter(key__in=removed).delete()
    for policy in changed:
        _change(policy)
    for policy in created:
        write_parts(Policy.objects.create(**policy_fields(policy)), policy)
    result = ApplyResult(created=_keys(created), changed=_keys(changed), removed=removed)
    details = {"created": result.created, "changed": result.changed, "removed": result.removed, **more}
    version = make_version(actor, at=timezone.now(), details=details)
    return replace(result, version=version, waits=waiting_proposal() is not None)


def _change(spec: PolicySpec) -> None:
    Policy.objects.filter(pk=spec.id).update(**policy_fields(spec))
    row = Policy.objects.get(pk=spec.id)
    row.all_conditions.all().delete()
    row.actions.all().delete()
    write_parts(row, spec)


def _keys(policies: Sequence[PolicySpec]) -> list[str]:
    return [policy.key for policy in policies]
