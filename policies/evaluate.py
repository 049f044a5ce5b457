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
    return sorted(chosen, key=_order)


class _Walk:
    """One message's way through the policies; what is the same for all recipients is worked out once."""

    def __init__(self, facts: Facts, policies: list[PolicySpec]) -> None:
        self.facts = facts
        self.policies = policies
        self.answers: dict[int, Text | None] = {}
        self.rules = facts.reference.rules or STANDARD_RULES
        # A dict for its order: the reasons of watching policies, each once.
        self.watched: dict[Reason, None] = {}

    def judge(self, recipient: RecipientFact) -> RecipientVerdict:
        """Return the verdict for one recipient."""
        matched: list[PolicySpec] = []
        watching: list[PolicySpec] = []
        reasons: dict[tuple[str, Text], Reason] = {}
        for policy in self.policies:
            texts = self._texts(policy, recipient)
            if texts is None:
                continue
            if policy.mode is Mode.WATCH:
                watching.append(policy)
                self.watched.update(dict.fromkeys(_reasons(policy, texts, {}).values()))
                continue
            matched.append(policy)
            reasons.update(_reasons(policy, texts, reasons))
            if _ends(policy, self.rules):
                break
        together = _together(matched, watching, self.rules)
        return RecipientVerdict(
            address=recipient.address,
            treatment=together.treatment,
            reasons=(*reasons.values(), *_of_risk(together.points)),
            matches=together.matches,
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


class _Together(NamedTuple):
    """What policies that match at once ask for, the points of risk that are part of it, and what each changes."""

    treatment: Treatment
    points: int
    matches: tuple[Match, ...]
    # Kept with it: as long as they are, nothing else can have their place in memory, by which they are known.
    policies: tuple[PolicySpec, ...]


MOST_REMEMBERED = 500
_NOTHING = _Together(Treatment(), 0, (), ())


def _together(matched: Sequence[PolicySpec], watching: Sequence[PolicySpec], rules: Rules) -> _Together:
    """Return what comes of policies that match, worked out once for all mail: few combinations ever occur."""
    policies = (*matched, *watching)
    if not policies:
        return _NOTHING
    remembered = policies[0].once(_memory)
    key = (len(matched), rules, *map(id, policies))
    found = remembered.get(key)
    if found is None:
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        found = remembered[key] = _work_out(matched, watching, rules)
    return found


def _memory(policy: PolicySpec) -> dict[tuple[object, ...], _Together]:
    return {}


def _work_out(matched: Sequence[PolicySpec], watching: Sequence[PolicySpec], rules: Rules) -> _Together:
    treatment, points = _treatment(matched, rules)
    acting = (Match(policy_id=policy.id, otherwise=_without(policy, matched, rules)) for policy in matched)
    watched = (
        Match(policy_id=policy.id, otherwise=_with(policy, matched, rules), watched=True)
        for policy in watching
    )
    return _Together(treatment, points, (*acting, *watched), (*matched, *watching))


def asked_alone(policy: PolicySpec, rules: Rules = STANDARD_RULES) -> Treatment:
    """Return what `policy` asks for where no other matches."""
    return _treatment([policy], rules)[0]


def _treatment(matched: Sequence[PolicySpec], rules: Rules) -> tuple[Treatment, int]:
    """Return what the matched policies ask for together, and the points of risk that are part of it."""
    together = reduce(stricter, (policy.once(_demand) for policy in matched), Treatment())
    points = together.risk
    if points:
        together = replace(stricter(together, friction(points, rules)), risk=0)
    return settle(together), points


def _without(left_out: PolicySpec, matched: Sequence[PolicySpec], rules: Rules) -> Treatment | None:
    if _ends(left_out, rules):
        return None
    return _treatment([policy for policy in matched if policy is not left_out], rules)[0]


def _with(added: PolicySpec, matched: Sequence[PolicySpec], rules: Rules) -> Treatment:
    """Return what would be asked for if the watching policy `added` acted, in its place among those that match."""
    others = [each for each in matched if not _ends(added, rules) or _order(each) < _order(added)]
    return _treatment(sorted((*others, added), key=_order), rules)[0]


def _ends(policy: PolicySpec, rules: Rules) -> bool:
    """Tell whether the walk ends where `policy` matches."""
    return policy.stop or rules.first_only


def _order(policy: PolicySpec) -> tuple[int, int]:
    return policy.priority, policy.id


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
