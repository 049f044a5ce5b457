"""Recipients that are internal (of an own domain), or external."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.spec import Condition
from policies.verdict import Text

_INTERNAL = Text("宛先が社内", "the recipient is internal")
_EXTERNAL = Text("宛先が社外", "the recipient is external")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return _sentence(condition) if recipient.internal == (condition.choice == "internal") else None


def _sentence(condition: Condition) -> Text:
    return _INTERNAL if condition.choice == "internal" else _EXTERNAL


KIND = ConditionKind(
    code="recipient_is",
    label=Text("宛先が社内/社外", "Recipient is internal or external"),
    help=Text(
        "自社ドメインの宛先が社内、それ以外が社外です。宛先ごとに判定します。",
        "A recipient of an own domain is internal, any other is external. Asked for each recipient.",
    ),
    match=_match,
    sentence=_sentence,
    per_message=False,
    choices=(
        Choice(code="internal", label=Text("社内", "internal")),
        Choice(code="external", label=Text("社外", "external")),
    ),
    suggested="external",
)
