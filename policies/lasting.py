"""Since when a policy is as it is: asked of the versions, the newest first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from policies.frozen import thaw
from policies.models import PolicyVersion
from policies.spec import PolicySpec
from policies.verdict import Text


def unchanged_since(policies: Iterable[PolicySpec], back_to: datetime) -> dict[int, datetime]:
    """Return by number since when each of `policies` says what it says now, looking no further back than `back_to`.

    A new name, description or place in the order is no change. One that is not in force yet is not among them.
    """
    wanted = {policy.id: _essence(policy) for policy in policies}
    found: dict[int, datetime] = {}
    # Versions made before sets were frozen tell nothing of numbers: they are as if they were none.
    frozen = PolicyVersion.objects.exclude(frozen="").order_by("-number")
    for version_id, made_at in frozen.values_list("pk", "made_at"):
        held = _essences(version_id)
        wanted = {pk: essence for pk, essence in wanted.items() if held.get(pk) == essence}
        found |= dict.fromkeys(wanted, made_at)
        if not wanted or made_at <= back_to:
            break
    return found


@lru_cache(maxsize=64)
def _essences(version_id: UUID) -> dict[int, PolicySpec]:
    """Return the policies of a version by number, without what changes nothing; once frozen it is never written again."""
    text = PolicyVersion.objects.values_list("frozen", flat=True).get(pk=version_id)
    return {policy.id: _essence(policy) for policy in thaw(text).policies}


def _essence(policy: PolicySpec) -> PolicySpec:
    return replace(policy, key="", name=Text("", ""), description="", priority=0)
