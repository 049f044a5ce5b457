"""The marks of a verdict's reasons: where in the message each condition that matched found what it says. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from policies.conditions.places import MOST_MARKS
from policies.conditions.registry import condition_kind
from policies.facts import Facts
from policies.marks import Mark, Place
from policies.spec import Condition, PolicySpec
from policies.verdict import Reason, Verdict


def marks_of(
    facts: Facts, policies: Sequence[PolicySpec], verdict: Verdict
) -> Mapping[Reason, tuple[Mark, ...]]:
    """Return the marks of those reasons of `verdict` that have some, in the order of the reasons.

    A reason has at most `MOST_MARKS`. `verdict` is what `evaluate` returned for `facts` and `policies`.
    """
    known = {policy.id: policy for policy in policies}
    said = dict.fromkeys(reason for entry in verdict.recipients for reason in entry.reasons)
    found: dict[Reason, tuple[Mark, ...]] = {}
    for reason in (*said, *verdict.watched):
        condition = _condition(reason, known)
        if condition is not None:
            marks = tuple(islice(_marks(facts, condition, reason, verdict), MOST_MARKS))
            found |= {reason: marks} if marks else {}
    return found


def _condition(reason: Reason, policies: Mapping[int, PolicySpec]) -> Condition | None:
    if reason.position is None or reason.policy_id not in policies:
        return None
    return policies[reason.policy_id].conditions[reason.position]


def _marks(facts: Facts, condition: Condition, reason: Reason, verdict: Verdict) -> Iterator[Mark]:
    kind = condition_kind(condition.kind)
    if kind.marks is not None:
        yield from kind.marks(facts, condition)
    if kind.marks_recipient:
        for entry in verdict.recipients:
            if reason in entry.reasons:
                yield Mark(place=Place.RECIPIENT, name=entry.address)
