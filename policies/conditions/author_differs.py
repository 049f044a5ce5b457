"""A From field that names an address which is not the sender's."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("差出人の表示が送信者と違う", "the From address is not the sender's")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return _SENTENCE if facts.sender.author_differs else None


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="author_differs",
    label=Text("差出人の表示が送信者と違う", "From address is not the sender's"),
    help=Text(
        "From ヘッダーに、送信した人のものではないアドレスが書かれたメールです。",
        "The From header names an address that does not belong to the person who sends.",
    ),
    match=_match,
    sentence=_sentence,
)
