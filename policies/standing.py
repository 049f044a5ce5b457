"""The policies as the tables hold them now, and back to what they held before."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailhold.directory.models import Department, Person
from policies.differences import Difference, differences
from policies.file_writing import write_policies
from policies.frozen import Frozen
from policies.models import Policy, PolicyRules
from policies.naming import addresses
from policies.reference import Reference
from policies.rows import (
    policy_fields,
    stored_policies,
    stored_reference,
    write_calendars,
    write_lists,
    write_parts,
    write_rules,
)
from policies.spec import Action, PolicySpec
from policies.verdict import Approvers


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the tables hold, as plain values and as a policy file."""

    whole: Frozen
    text: str


def standing() -> Standing:
    """Read the tables."""
    policies, reference = stored_policies(), stored_reference()
    text = write_policies(policies, addresses(policies), reference)
    return Standing(whole=Frozen(policies=policies, reference=reference), text=text)


def differences_between(old: Frozen, new: Frozen) -> tuple[Difference, ...]:
    """Return what leads from `old` to `new`, with the people as they are called now."""
    names = addresses([*old.policies, *new.policies])
    return differences(old.policies, new.policies, names, old.reference, new.reference)


def put_back(wanted: Frozen) -> None:
    """Make the tables hold `wanted` again, in the caller's transaction: the same rows, but for people who are gone."""
    current = {policy.id: policy for policy in stored_policies()}
    known = _People.of(wanted.policies)
    changed = [each for each in map(known.only, wanted.policies) if current.get(each.id) != each]
    Policy.objects.exclude(pk__in=[policy.id for policy in wanted.policies]).delete()
    for policy in changed:
        # Two policies may have changed keys: none may stand in the way of another.
        Policy.objects.filter(pk=policy.id).update(key=f"-{policy.id}")
    for policy in changed:
        _put_back(policy)
    _put_reference_back(wanted.reference)


def _put_back(policy: PolicySpec) -> None:
    row, _created = Policy.objects.update_or_create(pk=policy.id, defaults=policy_fields(policy))
    row.all_conditions.all().delete()
    row.actions.all().delete()
    write_parts(row, policy)


def _put_reference_back(wanted: Reference) -> None:
    current = stored_reference()
    if wanted.rules is None:
        PolicyRules.objects.all().delete()
    else:
        write_rules(wanted.rules)
    if dict(current.lists) != dict(wanted.lists):
        write_lists(wanted.lists.values())
    if dict(current.calendars) != dict(wanted.calendars):
        write_calendars(wanted.calendars.values())


@dataclass(frozen=True, slots=True)
class _People:
    """Who of those that policies name is still there: the tables can hold nobody else."""

    people: frozenset[int]
    departments: frozenset[int]

    @classmethod
    def of(cls, policies: Iterable[PolicySpec]) -> "_People":
        ids = {pk for policy in policies for pk in policy.scope.person_ids}
        ids |= {pk for policy in policies for action in policy.actions for pk in action.person_ids}
        return cls(
            frozenset(Person.objects.filter(pk__in=ids).values_list("pk", flat=True)),
            frozenset(Department.objects.values_list("pk", flat=True)),
        )

    def only(self, policy: PolicySpec) -> PolicySpec:
        scope = replace(
            policy.scope,
            person_ids=policy.scope.person_ids & self.people,
            department_ids=policy.scope.department_ids & self.departments,
        )
        return replace(policy, scope=scope, actions=tuple(map(self._only_action, policy.actions)))

    def _only_action(self, action: Action) -> Action:
        # A department that approves cannot be gone: KeptDepartment keeps it.
        if action.approvers is Approvers.DEPARTMENT:
            return action
        return replace(action, ids=tuple(pk for pk in action.ids if pk in self.people))


def approving_departments(policies: Iterable[PolicySpec]) -> set[int]:
    """Return the departments without which an approval that `policies` ask for could not be given."""
    return {
        pk
        for policy in policies
        for action in policy.actions
        if action.approvers is Approvers.DEPARTMENT
        for pk in action.ids
    }
