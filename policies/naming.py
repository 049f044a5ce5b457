"""What the persons and departments in policies are called."""

from collections.abc import Iterable

from mailhold.directory.models import Department, Person
from policies.actions.kind import Names
from policies.models import Policy
from policies.spec import PolicySpec


def addresses(policies: Iterable[PolicySpec]) -> Names:
    """Return the main address of each person, and the name of each department, that `policies` mention."""
    people = Person.objects.filter(pk__in=_person_ids(policies)).values_list("pk", "email")
    return Names(persons=dict(people), departments=_departments())


def _departments() -> dict[int, str]:
    return dict(Department.objects.values_list("pk", "name"))


def _person_ids(policies: Iterable[PolicySpec]) -> set[int]:
    found: set[int] = set()
    for policy in policies:
        found |= policy.scope.person_ids
        for action in policy.actions:
            found |= set(action.person_ids)
    return found


def people_and_departments(policies: Iterable[PolicySpec]) -> Names:
    """Return the full name of each person, and the name of each department, that `policies` mention."""
    people = Person.objects.filter(pk__in=_person_ids(policies))
    return Names(persons={person.pk: str(person) for person in people}, departments=_departments())


def named(policy: Policy) -> Names:
    """Return what a sentence about a stored policy calls people and departments, from rows already loaded."""
    actions = list(policy.actions.all())
    people = [*policy.scope_people.all(), *(person for action in actions for person in action.persons.all())]
    departments = [
        *policy.scope_departments.all(),
        *(action.department for action in actions if action.department),
    ]
    return Names(
        persons={person.pk: str(person) for person in people},
        departments={department.pk: str(department) for department in departments},
    )
