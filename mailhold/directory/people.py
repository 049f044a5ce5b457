"""Who somebody is, which domains are our own, and who may approve for whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from mailhold.directory.exceptions import UnknownApproverKind
from mailhold.directory.models import Address, Department, OwnDomain, Person, fold_address

# An address that is longer (RFC 5321 4.5.3.1, erratum 1690) belongs to nobody here.
LONGEST_ADDRESS = 254
# Below the number of parameters that SQLite takes in one statement.
ADDRESSES_A_QUERY = 2_000


@dataclass(frozen=True, slots=True)
class PeopleSnapshot:
    """What a batch of messages needs to know of the directory, read in a few queries and used without any."""

    people: Mapping[str, Person]
    ancestors: Mapping[int, frozenset[int]]
    own_domains: frozenset[str]

    def person(self, address: str) -> Person | None:
        """Return the person with this main or further address, active or not."""
        return self.people.get(fold_address(address))

    def is_internal(self, address_or_domain: str) -> bool:
        """Tell whether an address or a domain is one of our own."""
        return fold_domain(address_or_domain) in self.own_domains

    def departments_of(self, person: Person) -> frozenset[int]:
        """Return the ids of the person's department and of all departments above it."""
        return _with_ancestors(person, self.ancestors)


def load_people(addresses: Iterable[str]) -> PeopleSnapshot:
    """Return what the directory knows of `addresses`, in a number of queries that does not grow with them."""
    return PeopleSnapshot(people_by_address(addresses), department_ancestors(), own_domains())


def fold_domain(address_or_domain: str) -> str:
    """Return the domain in the form in which domains are compared: lower case, ASCII (IDNA), no final dot."""
    domain = fold_address(address_or_domain).rpartition("@")[2].removesuffix(".")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def own_domains() -> frozenset[str]:
    """Return the domains whose recipients are internal; a sub-domain is one only where it is listed itself."""
    listed = OwnDomain.objects.values_list("name", flat=True)
    return frozenset(fold_domain(domain) for domain in (*settings.DOMAINS, *listed))


def is_internal(address_or_domain: str) -> bool:
    """Tell whether an address or a domain is one of our own."""
    return fold_domain(address_or_domain) in own_domains()


def person_by_address(address: str) -> Person | None:
    """Return the person with this main or further address, active or not."""
    return people_by_address([address]).get(fold_address(address))


def people_by_address(addresses: Iterable[str]) -> dict[str, Person]:
    """Return the people among `addresses` by folded address, each with department and further addresses loaded.

    Where an address is one person's main and another's further address, the main address decides.
    """
    found: dict[str, Person] = {}
    folded = {fold_address(address) for address in addresses}
    for part in _parts(sorted(filter(_may_exist, folded))):
        further = dict(Address.objects.filter(address__in=part).values_list("address", "person_id"))
        people = {
            person.pk: person
            for person in _loaded().filter(Q(email__in=part) | Q(pk__in=set(further.values())))
        }
        found |= {address: people[pk] for address, pk in further.items() if pk in people}
        wanted = set(part)
        found |= {person.email: person for person in people.values() if person.email in wanted}
    return found


def sending_addresses(person: Person) -> frozenset[str]:
    """Return every address from which mail is this person's mail, folded."""
    return person.addresses()


def department_ancestors() -> dict[int, frozenset[int]]:
    """Return for every department its own id together with the ids of all departments above it."""
    parents = dict(Department.objects.order_by().values_list("pk", "parent_id"))
    return {pk: frozenset(_upwards(pk, parents)) for pk in parents}


def departments_of(person: Person) -> frozenset[int]:
    """Return the ids of the person's department and of all departments above it."""
    if person.department_id is None:
        return frozenset()
    return _with_ancestors(person, department_ancestors())


def approvers(kind: str, ids: Sequence[int], sender: Person | None) -> list[Person]:
    """Return the active people who may open an approval stage, in the order of their addresses.

    `kind` is one of `policies.verdict.Approvers`; `ids` are persons or departments (with all below them). Where a
    sender has no active manager at any height, the administrators stand in. Only the manager's stage leaves the
    sender out: whether people may approve their own mail is for the caller to decide.
    """
    if kind == "manager":
        return _managers(sender)
    if kind == "persons":
        return list(_active().filter(pk__in=ids))
    if kind == "department":
        return list(_active().filter(department__in=_departments_below(ids)))
    if kind == "administrators":
        return list(_administrators())
    if kind == "peers":
        return _peers(sender)
    raise UnknownApproverKind(kind)


def _managers(sender: Person | None) -> list[Person]:
    if sender is None:
        return list(_administrators())
    seen = {sender.pk}
    above = sender.manager
    while above is not None and above.pk not in seen:
        if above.is_active:
            return [above]
        seen.add(above.pk)
        above = above.manager
    return list(_administrators().exclude(pk=sender.pk))


def _peers(sender: Person | None) -> list[Person]:
    """Return those with the same manager or in the same department; the administrators where there is nobody."""
    if sender is None:
        return list(_administrators())
    alike = Q(manager_id=sender.manager_id) if sender.manager_id is not None else Q(pk__in=[])
    if sender.department_id is not None:
        alike |= Q(department_id=sender.department_id)
    found = list(_active().filter(alike).exclude(pk=sender.pk))
    return found or list(_administrators().exclude(pk=sender.pk))


def _departments_below(ids: Sequence[int]) -> list[int]:
    wanted = set(ids)
    return [pk for pk, above in department_ancestors().items() if above & wanted]


def _active() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).prefetch_related("further_addresses").order_by("email")


def _administrators() -> QuerySet[Person]:
    return _active().filter(Q(is_superuser=True) | Q(is_staff=True))


def _loaded() -> QuerySet[Person]:
    return Person.objects.select_related("department").prefetch_related("further_addresses").order_by()


def _with_ancestors(person: Person, ancestors: Mapping[int, frozenset[int]]) -> frozenset[int]:
    if person.department_id is None:
        return frozenset()
    # A department made since the ancestors were read is at least itself.
    return ancestors.get(person.department_id, frozenset({person.department_id}))


def _upwards(pk: int, parents: Mapping[int, int | None]) -> set[int]:
    seen: set[int] = set()
    step: int | None = pk
    while step is not None and step not in seen:
        seen.add(step)
        step = parents.get(step)
    return seen


def _may_exist(address: str) -> bool:
    # Databases refuse NUL and lone surrogates, and both come in from outside; neither is printable.
    return len(address) <= LONGEST_ADDRESS and address.isprintable()


def _parts(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    return (
        addresses[start : start + ADDRESSES_A_QUERY] for start in range(0, len(addresses), ADDRESSES_A_QUERY)
    )
