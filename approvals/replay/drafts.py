"""Drafts: policies that are not in force, written down as a whole so that every slice of a replay judges by the same.

What a file leaves as it is, is what is in force. The tables are never asked for it: while a change waits for a second
administrator they hold that change.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from policies import files
from policies.actions.kind import Names
from policies.documents import Problem
from policies.file_writing import write_whole
from policies.loading import policies_in_force
from policies.naming import addresses
from policies.proposing import waiting_proposal
from policies.reference import Reference
from policies.spec import Mode, PolicySpec
from policies.standing import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Policies and what stands beside them, ready to judge by. Each policy has a number of its own in here."""

    policies: tuple[PolicySpec, ...]
    reference: Reference
    names: Names

    @property
    def keys(self) -> dict[int, PolicySpec]:
        """Return the policies by the numbers by which reasons name them."""
        return {policy.id: policy for policy in self.policies}


class DraftUnusable(Exception):
    """The draft cannot be judged by; `problems` say why, with lines of its text."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The draft has {len(self.problems)} problems.")


def draft_of(text: str) -> Draft:
    """Return the draft in a policy file, completed by what is in force; raises DraftUnusable."""
    in_force = policies_in_force().reference
    file = files.read(text, in_force)
    if file.problems:
        raise DraftUnusable(file.problems)
    policies = tuple(replace(policy, id=number) for number, policy in enumerate(file.policies, start=1))
    return Draft(policies=policies, reference=file.reference(in_force), names=addresses(policies))


def as_they_stand() -> str:
    """Return the policies in force as a draft."""
    return with_switches(())


def with_switches(keys: Collection[str]) -> str:
    """Return the policies in force with those of `keys` switched: what acts is disabled, all others are made to act."""
    in_force = policies_in_force()
    policies = tuple(_switched(each) if each.key in keys else each for each in in_force.policies)
    return write_whole(policies, addresses(policies), in_force.reference)


def as_they_wait() -> str | None:
    """Return the policies with the change that waits for a second administrator, None where none waits."""
    if waiting_proposal() is None:
        return None
    wanted = standing().whole
    return write_whole(wanted.policies, addresses(wanted.policies), wanted.reference)


def completed(text: str) -> str:
    """Return a policy file with the lists, calendars and rules in force where it has none; raises DraftUnusable."""
    draft = draft_of(text)
    return write_whole(draft.policies, draft.names, draft.reference)


def acts(policy: PolicySpec) -> bool:
    """Tell whether `policy` does more than watch."""
    return policy.enabled and policy.mode is Mode.ENFORCE


def _switched(policy: PolicySpec) -> PolicySpec:
    if acts(policy):
        return replace(policy, enabled=False)
    return replace(policy, enabled=True, mode=Mode.ENFORCE)
