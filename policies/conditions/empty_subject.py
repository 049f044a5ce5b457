"""Mail without a subject."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("件名がない", "there is no subject")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return None if any(sign.isalnum() for sign in facts.content.subject) else _SENTENCE


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="empty_subject",
    label=Text("件名がない", "No subject"),
    help=Text(
        "件名がないか、空白や記号だけのメールです。",
        "There is no subject, or nothing but blanks and signs in it.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
)
