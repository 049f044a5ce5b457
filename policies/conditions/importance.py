"""How important the sender says it is."""

import re

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_LEVELS = {
    "high": Text("重要度が高い", "it is marked as important"),
    "low": Text("重要度が低い", "it is marked as unimportant"),
}
# Importance (RFC 2156), Priority, X-Priority and X-MSMail-Priority, as programs write them.
_HIGH = {
    "importance": ("high",),
    "x-msmail-priority": ("high",),
    "priority": ("urgent",),
    "x-priority": ("1", "2"),
}
_LOW = {
    "importance": ("low",),
    "x-msmail-priority": ("low",),
    "priority": ("non-urgent",),
    "x-priority": ("4", "5"),
}
_FIRST_WORD = re.compile(r"[\w-]+")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    words = _HIGH if condition.choice == "high" else _LOW
    for name, value in facts.content.headers:
        first = _FIRST_WORD.search(value.lower())
        if first and first[0] in words.get(name.lower(), ()):
            return _LEVELS[condition.choice]
    return None


def _sentence(condition: Condition) -> Text:
    return _LEVELS[condition.choice]


KIND = ConditionKind(
    code="importance",
    label=Text("重要度", "Importance"),
    help=Text(
        "送信者がメールソフトで付けた重要度です。",
        "What the sender chose in the mail program.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
    choices=(
        Choice(code="high", label=Text("高い", "high")),
        Choice(code="low", label=Text("低い", "low")),
    ),
)
