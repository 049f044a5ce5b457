"""Messages to many recipients."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import NumberParameter
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    count = len(facts.recipients)
    if count < (condition.number or 0):
        return None
    return Text(f"宛先が{count}件", f"there are {count} recipients")


def _sentence(condition: Condition) -> Text:
    return Text(f"宛先が{condition.number}件以上", f"there are {condition.number} or more recipients")


KIND = ConditionKind(
    code="recipient_count",
    label=Text("宛先の数", "Number of recipients"),
    help=Text(
        "To、Cc、Bcc を合わせた宛先の数です。メール全体で数えます。",
        "All recipients, To, Cc and Bcc together, counted over the whole message.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("件以上", "at least"),
        help=Text("この数以上なら一致します。", "Matches from this number on."),
        suggested=10,
    ),
)
