"""Messages with many attachments."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import NumberParameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    count = facts.content.own_attachments
    if count < (condition.number or 0):
        return None
    return Text(f"添付が{count}個", f"{count} {'attachment' if count == 1 else 'attachments'}")


def _sentence(condition: Condition) -> Text:
    return Text(f"添付が{condition.number}個以上", f"there are {condition.number} or more attachments")


KIND = ConditionKind(
    code="attachment_count",
    label=Text("添付の数", "Number of attachments"),
    help=Text(
        "添付ファイルの数です。書庫の中のファイルは数えません。",
        "Attached files; those within archives do not count.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
    number=NumberParameter(
        label=Text("個以上", "at least"),
        help=Text("この数以上なら一致します。", "Matches from this number on."),
        suggested=5,
    ),
)
