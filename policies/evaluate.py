"""The judgement: what must happen to each recipient's copy, and why. Pure.

Content that could not be inspected is no verdict here: a message that cannot be read simply shows fewer attachments
and words. Whoever calls looks at `facts.content.inspected` once a policy has asked for the content, and holds such a
message for a person whatever the verdict says; the condition `content_not_inspected` lets a policy say more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from policies.actions.registry import action_kind
from policies.conditions.kind import ConditionKind
from policies.conditions.registry import condition_kind
from policies.facts import Facts, RecipientFact
from policies.reference import Rules
from policies.spec import Condition, Mode, PolicySpec
from policies.treatments import friction, settle, stricter
from policies.verdict import Match, Reason, RecipientVerdict, Text, Treatment, Verdict

# The code of a reason that names only the policy: it has no condition of its own to show.
POLICY_ITSELF = "policy"
# The code of the reason that adds points of risk up.
RISK = "risk"
RISK_NAME = Text("リスクの点数", "Points of risk")
STANDARD_RULES = Rules()


class _Check(NamedTuple):
    """A condition or exception of a policy, ready to be asked."""

    kind: ConditionKind
    condition: Condition
    excludes: bool
    position: int


class _Said(NamedTuple):
    """What the condition at `position` says, None for the policy as a whole."""

    code: str
    text: Text
    position: int | None


def evaluate(facts: Facts, policies: Sequence[PolicySpec]) -> Verdict:
    """Return what must happen to the message that `facts` tell of.

    For each recipient the policies are walked by priority, then by id. Of those that match, the strictest of each
    demand holds, or the first one alone where the rules say so; points of risk are added up. Policies that only watch are recorded and change nothing. No policy means: release, without reasons.
    """
    walk = _Walk(facts, _in_force(policies, facts))
    verdicts = tuple(walk.judge(recipient) for recipient in facts.recipients)
    return Verdict(recipients=verdicts, watched=tuple(walk.watched))


def _in_force(policies: Iterable[PolicySpec], facts: Facts) -> list[PolicySpec]:
    chosen = [policy for policy in policies if policy.enabled and policy.scope.holds(facts.sender)]
    return sorted(chosen, key=lambda policy: (policy.priority, policy.id))


class _Walk:
    """One message's way through the policies; what is the same for all recipients is worked out once."""

    def __init__(self, facts: Facts, policies: list[PolicySpec]) -> None:
        self.facts = facts
        self.policies = policies
        self.answers: dict[int, Text | None] = {}
        self.treatments: dict[tuple[int, ...], tuple[Treatment, int]] = {}
        self.matches: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[Match, ...]] = {}
        self.rules = facts.reference.rules or STANDARD_RULES
        # A dict for its order: the reasons of watching policies, each once.
        self.watched: dict[Reason, None] = {}

    def judge(self, recipient: RecipientFact) -> RecipientVerdict:
        """Return the verdict for one recipient."""
        matched: list[int] = []
        watching: list[int] = []
        reasons: dict[tuple[str, Text], Reason] = {}
        for position, policy in enumerate(self.policies):
            texts = self._texts(policy, recipient)
            if texts is None:
                continue
            if policy.mode is Mode.WATCH:
                watching.append(position)
                self.watched.update(dict.fromkeys(_reasons(policy, texts, {}).values()))
                continue
            matched.append(position)
            reasons.update(_reasons(policy, texts, reasons))
            if self._ends(position):
                break
        treatment, points = self._treatment(tuple(matched))
        return RecipientVerdict(
            address=recipient.address,
            treatment=treatment,
            reasons=(*reasons.values(), *_of_risk(points)),
            matches=self._matches(tuple(matched), tuple(watching)),
        )

    def _texts(self, policy: PolicySpec, recipient: RecipientFact) -> list[_Said] | None:
        """Return what each condition says, in the policy's order, or None where the policy does not match."""
        found: list[_Said] = []
        for check in policy.once(_checks):
            text = self._ask(check, recipient)
            if (text is None) is not check.excludes:
                return None
            if text is not None:
                found.append(_Said(check.kind.code, text, check.position))
        return sorted(found, key=lambda each: each.position or 0)

    def _ask(self, check: _Check, recipient: RecipientFact) -> Text | None:
        if not check.kind.per_message:
            return check.kind.match(self.facts, recipient, check.condition)
        key = id(check.condition)
        if key not in self.answers:
            self.answers[key] = check.kind.match(self.facts, recipient, check.condition)
        return self.answers[key]

    def _treatment(self, matched: tuple[int, ...]) -> tuple[Treatment, int]:
        """Return what the matched policies ask for together, and the points of risk that are part of it."""
        if matched not in self.treatments:
            demands = [self.policies[position].once(_demand) for position in matched]
            together = reduce(stricter, demands) if demands else Treatment()
            points = together.risk
            if points:
                together = replace(stricter(together, friction(points, self.rules)), risk=0)
            self.treatments[matched] = (settle(together), points)
        return self.treatments[matched]

    def _matches(self, matched: tuple[int, ...], watching: tuple[int, ...]) -> tuple[Match, ...]:
        """Return which policies match, each with the treatment that is asked for without (or, watching, with) it."""
        if (matched, watching) not in self.matches:
            acting = (
                Match(policy_id=self.policies[each].id, otherwise=self._without(each, matched))
                for each in matched
            )
            watched = (
                Match(policy_id=self.policies[each].id, otherwise=self._with(each, matched), watched=True)
                for each in watching
            )
            self.matches[matched, watching] = (*acting, *watched)
        return self.matches[matched, watching]

    def _without(self, left_out: int, matched: tuple[int, ...]) -> Treatment | None:
        if self._ends(left_out):
            return None
        return self._treatment(tuple(each for each in matched if each != left_out))[0]

    def _with(self, added: int, matched: tuple[int, ...]) -> Treatment:
        others = [each for each in matched if each < added or not self._ends(added)]
        return self._treatment(tuple(sorted((*others, added))))[0]

    def _ends(self, position: int) -> bool:
        """Tell whether the walk ends where the policy at `position` matches."""
        return self.policies[position].stop or self.rules.first_only


def _checks(policy: PolicySpec) -> tuple[_Check, ...]:
    """Return the questions of `policy`, those that cost the most last."""
    asked = [
        *(
            _Check(condition_kind(each.kind), each, False, place)
            for place, each in enumerate(policy.conditions)
        ),
        *(
            _Check(condition_kind(each.kind), each, True, place)
            for place, each in enumerate(policy.exceptions)
        ),
    ]
    return tuple(sorted(asked, key=lambda check: check.kind.part(check.condition)))


def _demand(policy: PolicySpec) -> Treatment:
    """Return what the actions of `policy` ask for together."""
    return reduce(stricter, (action_kind(each.kind).effect(each) for each in policy.actions), Treatment())


def _of_risk(points: int) -> tuple[Reason, ...]:
    """Return the reason that says how high the risk is, where policies have given points."""
    text = Text(f"リスクは合わせて{points}点", f"the risk is {points} points together")
    return (Reason(code=RISK, policy_id=0, policy=RISK_NAME, text=text),) if points else ()


def _reasons(
    policy: PolicySpec, texts: list[_Said], given: dict[tuple[str, Text], Reason]
) -> dict[tuple[str, Text], Reason]:
    """Return the reasons that `policy` adds to those `given`.

    Where an earlier policy already gave all of its texts, or it has none, the policy is named instead.
    """
    fresh = [each for each in texts if (each.code, each.text) not in given]
    return {
        (code, text): Reason(code=code, policy_id=policy.id, policy=policy.name, text=text, position=position)
        for code, text, position in fresh or [_Said(POLICY_ITSELF, policy.name, None)]
    }
