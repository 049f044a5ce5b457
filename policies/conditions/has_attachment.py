"""Messages with an attachment."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("添付がある", "there is an attachment")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return _SENTENCE if facts.content.attachments else None


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="has_attachment",
    label=Text("添付がある", "Has an attachment"),
    help=Text("添付ファイルが1つ以上あるメールです。", "The message carries at least one attachment."),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
)
