"""Messages to many external recipients."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import NumberParameter
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    count = sum(not each.internal for each in facts.recipients)
    if count < (condition.number or 0):
        return None
    noun = "recipient" if count == 1 else "recipients"
    return Text(f"社外の宛先が{count}件", f"{count} external {noun}")


def _sentence(condition: Condition) -> Text:
    return Text(
        f"社外の宛先が{condition.number}件以上", f"there are {condition.number} or more external recipients"
    )


KIND = ConditionKind(
    code="external_count",
    label=Text("社外の宛先の数", "Number of external recipients"),
    help=Text(
        "To、Cc、Bcc を合わせた社外の宛先の数です。メール全体で数えます。",
        "External recipients, To, Cc and Bcc together, counted over the whole message.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("件以上", "at least"),
        help=Text("この数以上なら一致します。", "Matches from this number on."),
        suggested=10,
    ),
)
