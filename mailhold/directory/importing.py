"""Importing people from a CSV file: all of it, or nothing and every problem named with its line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.csv_rows import Row, read_sheet
from mailhold.directory.exceptions import ImportRefused, Problem
from mailhold.directory.models import Address, Department, Person

ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A person as the directory holds or will hold it; people are named by their main addresses."""

    address: str
    name: str = ""
    department: str = ""
    manager: str = ""
    active: bool = True
    language: str = settings.LANGUAGE_CODE
    joined_on: date | None = None
    further_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What an import did, or would do."""

    created: int
    changed: int
    unchanged: int
    deactivated: int
    departments: int

    @property
    def anything(self) -> bool:
        """Tell whether the import changes the directory."""
        return bool(self.created or self.changed or self.deactivated or self.departments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The directory before and after a file; `listed` are the people that the file names."""

    before: Mapping[str, Entered]
    after: Mapping[str, Entered]
    listed: frozenset[str]
    known_departments: frozenset[str] = field(default_factory=frozenset)

    def created(self) -> list[str]:
        """Return the people who come new."""
        return [address for address in self.after if address not in self.before]

    def changed(self) -> list[str]:
        """Return the people of whom something changes, including those deactivated for not being in the file."""
        return [address for address, old in self.before.items() if self.after[address] != old]

    def new_departments(self) -> list[str]:
        """Return the departments that the file names first."""
        named = dict.fromkeys(person.department for person in self.after.values() if person.department)
        return [name for name in named if name not in self.known_departments]

    def counts(self) -> Counts:
        """Return the numbers that people are told."""
        changed = set(self.changed())
        created = len(self.created())
        return Counts(
            created=created,
            changed=len(changed & self.listed),
            unchanged=len(self.listed) - created - len(changed & self.listed),
            deactivated=len(changed - self.listed),
            departments=len(self.new_departments()),
        )


def import_people(
    content: bytes, *, now: datetime, actor: Actor, deactivate_missing: bool = False, check_only: bool = False
) -> Counts:
    """Bring the people of a CSV file (docs/people.md) into the directory, and return what changed.

    Raises ImportRefused with every problem, and then nothing was changed. With `check_only` nothing is changed either
    way. `deactivate_missing` deactivates whoever is not in the file, but no administrator.
    """
    try:
        with transaction.atomic():
            plan = plan_import(content, deactivate_missing=deactivate_missing)
            if not check_only and plan.counts().anything:
                _apply(plan)
                record(Entry(tag=Tag.PERSON_IMPORTED, at=now, actor=actor, details=asdict(plan.counts())))
    except IntegrityError as error:
        sentence = _("Somebody else changed the directory at the same moment. Please import again.")
        raise ImportRefused([Problem(1, sentence)]) from error
    return plan.counts()


def plan_import(content: bytes, *, deactivate_missing: bool = False) -> Plan:
    """Return what importing `content` would do; raises ImportRefused with every problem."""
    sheet = read_sheet(content)
    before, administrators = _read_directory()
    listed = frozenset(row.address for row in sheet.rows)
    after = dict(before)
    for row in sheet.rows:
        after[row.address] = _entered(row, before.get(row.address))
    if deactivate_missing:
        for address in before.keys() - listed - administrators:
            after[address] = replace(before[address], active=False)
    after, problems = _checked(after, sheet.rows)
    if sheet.problems or problems:
        raise ImportRefused([*sheet.problems, *problems])
    departments = frozenset(Department.objects.values_list("name", flat=True))
    return Plan(before=before, after=after, listed=listed, known_departments=departments)


def _read_directory() -> tuple[dict[str, Entered], frozenset[str]]:
    further: dict[int, set[str]] = defaultdict(set)
    for person_id, address in Address.objects.values_list("person_id", "address"):
        further[person_id].add(address)
    people = list(Person.objects.select_related("department", "manager"))
    entered = {
        person.email: Entered(
            address=person.email,
            name=person.name,
            department=person.department.name if person.department else "",
            manager=person.manager.email if person.manager else "",
            active=person.is_active,
            language=person.language,
            joined_on=person.joined_on,
            further_addresses=frozenset(further[person.pk]),
        )
        for person in people
    }
    return entered, frozenset(person.email for person in people if person.is_superuser or person.is_staff)


def _entered(row: Row, known: Entered | None) -> Entered:
    """Return `known` with what the row says; its own main address is no further address."""
    entered = replace(known or Entered(address=row.address), **row.values)
    return replace(entered, further_addresses=entered.further_addresses - {row.address})


def _checked(after: Mapping[str, Entered], rows: Iterable[Row]) -> tuple[dict[str, Entered], list[Problem]]:
    """Return `after` with managers named by their main addresses, and what is wrong with it on which line."""
    owners = _owners(after.values())
    resolved = dict(after)
    problems = [*_listed_twice(rows), *_clashes(after, rows, owners)]
    for row in rows:
        manager = row.values.get("manager")
        if not manager:
            continue
        if manager not in owners:
            sentence = _("The manager “%(address)s” is neither in the file nor in the directory.")
            problems.append(Problem(row.line, sentence % {"address": manager}))
        elif row.address in owners[manager]:
            sentence = _("%(address)s cannot be the own manager.")
            problems.append(Problem(row.line, sentence % {"address": row.address}))
        else:
            resolved[row.address] = replace(after[row.address], manager=owners[manager][0])
    return resolved, [*problems, *_circles(resolved, rows)]


def _owners(people: Iterable[Entered]) -> dict[str, list[str]]:
    owners: dict[str, list[str]] = defaultdict(list)
    for person in people:
        for address in {person.address} | person.further_addresses:
            owners[address].append(person.address)
    return dict(owners)


def _listed_twice(rows: Iterable[Row]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        if row.address in first:
            sentence = _("%(address)s is already on line %(line)d.")
            yield Problem(row.line, sentence % {"address": row.address, "line": first[row.address]})
        first.setdefault(row.address, row.line)


def _clashes(
    after: Mapping[str, Entered], rows: Iterable[Row], owners: Mapping[str, list[str]]
) -> Iterator[Problem]:
    for row in rows:
        for address in sorted({row.address} | after[row.address].further_addresses):
            others = [owner for owner in owners[address] if owner != row.address]
            if others:
                sentence = _("“%(address)s” belongs to %(other)s too.")
                yield Problem(row.line, sentence % {"address": address, "other": others[0]})


def _circles(people: Mapping[str, Entered], rows: Iterable[Row]) -> Iterator[Problem]:
    named: set[str] = set()
    for row in rows:
        circle = _circle_from(row.address, people)
        if len(circle) > 1 and named.isdisjoint(circle):
            named.update(circle)
            sentence = _("The managers go round in a circle: %(circle)s.")
            yield Problem(row.line, sentence % {"circle": " → ".join([*circle, row.address])})


def _circle_from(address: str, people: Mapping[str, Entered]) -> list[str]:
    """Return the people from `address` up to where it comes again, or nothing where it does not."""
    path: dict[str, None] = {}
    step = address
    while step in people and step not in path:
        path[step] = None
        step = people[step].manager
    return list(path) if step == address else []


def _apply(plan: Plan) -> None:
    Department.objects.bulk_create(Department(name=name) for name in plan.new_departments())
    created, changed = plan.created(), plan.changed()
    Person.objects.bulk_create(
        [Person(email=address, password=make_password(None)) for address in created], ROWS_A_STATEMENT
    )
    _write_people(plan, [*created, *changed])
    _write_further_addresses(plan, [*created, *changed])


def _write_people(plan: Plan, addresses: Iterable[str]) -> None:
    departments = dict(Department.objects.values_list("name", "pk"))
    people = Person.objects.in_bulk(field_name="email")
    touched = [people[address] for address in addresses]
    for person in touched:
        entered = plan.after[person.email]
        person.name = entered.name
        person.department_id = departments.get(entered.department)
        person.manager_id = people[entered.manager].pk if entered.manager else None
        person.is_active = entered.active
        person.language = entered.language
        person.joined_on = entered.joined_on
    fields = ("name", "department", "manager", "is_active", "language", "joined_on")
    Person.objects.bulk_update(touched, fields, batch_size=ROWS_A_STATEMENT)


def _write_further_addresses(plan: Plan, addresses: Iterable[str]) -> None:
    ids = dict(Person.objects.values_list("email", "pk"))
    removed: list[str] = []
    added: list[Address] = []
    for address in addresses:
        new = plan.after[address].further_addresses
        old = plan.before[address].further_addresses if address in plan.before else frozenset()
        removed += old - new
        added += [Address(person_id=ids[address], address=further) for further in sorted(new - old)]
    # An address may move from one person to another in the same file: first all go, then all come.
    for start in range(0, len(removed), ROWS_A_STATEMENT):
        Address.objects.filter(address__in=removed[start : start + ROWS_A_STATEMENT]).delete()
    Address.objects.bulk_create(added, ROWS_A_STATEMENT)
