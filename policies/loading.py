"""The policies in force, kept in the process until a new version is made."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from policies.exceptions import PolicySetChangingError
from policies.frozen import thaw
from policies.models import PolicyProposal, PolicyVersion
from policies.reference import NO_REFERENCE, Reference
from policies.rows import stored_policies, stored_reference
from policies.spec import PolicySpec

MOST_READS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All policies as they stood in one version; number 0 before there is one."""

    version_id: UUID | None
    version: int
    policies: tuple[PolicySpec, ...]
    reference: Reference = NO_REFERENCE


class _Kept:
    """The set that this process read last; replaced as a whole, so that threads need no lock."""

    current: PolicySet | None = None


def policies_in_force() -> PolicySet:
    """Return the policies with the number of their version. Costs one small query where nothing has changed."""
    version_id, number = _newest()
    kept = _Kept.current
    if kept is not None and kept.version_id == version_id and version_id is not None:
        return kept
    fresh = _read(version_id, number)
    _Kept.current = fresh
    return fresh


def active_policies() -> tuple[PolicySpec, ...]:
    """Return the policies in the order in which they are applied, the disabled ones too."""
    return policies_in_force().policies


def reference_in_force() -> Reference:
    """Return the lists and calendars beside the policies that this process read last; no query where it has some."""
    kept = _Kept.current
    return kept.reference if kept is not None else policies_in_force().reference


def current_version() -> int:
    """Return the number of the newest version, 0 before there is one."""
    return _newest()[1]


def _newest() -> tuple[UUID | None, int]:
    newest = PolicyVersion.objects.order_by("-number").values_list("id", "number").first()
    return newest or (None, 0)


def _proposals() -> dict[str, int]:
    """Return how many changes wait, and how many there ever were."""
    waiting = Q(state=PolicyProposal.State.WAITING)
    return PolicyProposal.objects.aggregate(waiting=Count("pk", filter=waiting), ever=Count("pk"))


def _read(version_id: UUID | None, number: int) -> PolicySet:
    """Read the tables, again where a change was committed in between: half of a change must never judge mail.

    While a change waits for a second administrator the tables hold that, and the version itself has what is in force.
    """
    for _ in range(MOST_READS):
        proposals = _proposals()
        if proposals["waiting"] and version_id is not None:
            return _frozen(version_id, number)
        policies, reference = stored_policies(), stored_reference()
        after = _newest()
        # A change that began to wait meanwhile is counted, even where it was withdrawn at once.
        if after[0] == version_id and _proposals() == proposals:
            return PolicySet(version_id=version_id, version=number, policies=policies, reference=reference)
        version_id, number = after
    raise PolicySetChangingError


def _frozen(version_id: UUID, number: int) -> PolicySet:
    """Return the set as the version keeps it; it never changes, so nothing can come in between."""
    frozen = thaw(PolicyVersion.objects.values_list("frozen", flat=True).get(pk=version_id))
    return PolicySet(
        version_id=version_id, version=number, policies=frozen.policies, reference=frozen.reference
    )
