"""Content that could not be read to its end."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("内容を検査できなかった", "the content could not be inspected")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return None if facts.content.inspected else _SENTENCE


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="content_not_inspected",
    label=Text("内容を検査できない", "Content could not be inspected"),
    help=Text(
        "壊れている、入れ子が深すぎるなどの理由で、最後まで読めなかったメールです。",
        "The message could not be read to its end, being damaged, nested too deeply or too large.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
)
