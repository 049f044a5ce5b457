"""Messages with many recipients in one of the fields."""

from collections.abc import Iterable

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.folding import fold_domain
from policies.parameters import Choice, NumberParameter
from policies.spec import Condition
from policies.verdict import Text

_FIELDS = {
    "visible": Text("To と Cc に見える宛先", "recipients that everybody sees in To and Cc"),
    "visible_external": Text(
        "To と Cc に見える社外の宛先", "external recipients that everybody sees in To and Cc"
    ),
    "to": Text("To の宛先", "recipients in To"),
    "cc": Text("Cc の宛先", "recipients in Cc"),
    "bcc": Text("Bcc の宛先", "recipients in Bcc"),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    count = _count(facts, condition.choice)
    if count < (condition.number or 0):
        return None
    what = _FIELDS[condition.choice]
    return Text(f"{what.ja}が{count}件", f"{count} {what.en}")


def _count(facts: Facts, choice: str) -> int:
    match choice:
        case "visible":
            return len(facts.visible)
        case "visible_external":
            return sum(_external(facts.visible, facts.own_domains))
        case "bcc":
            return sum(not each.visible for each in facts.recipients)
        case _:
            return sum(field == choice for field in facts.visible.values())


def _external(addresses: Iterable[str], own: frozenset[str]) -> Iterable[bool]:
    return (fold_domain(address.rpartition("@")[2]) not in own for address in addresses)


def _sentence(condition: Condition) -> Text:
    what = _FIELDS[condition.choice]
    return Text(f"{what.ja}が{condition.number}件以上", f"there are {condition.number} or more {what.en}")


KIND = ConditionKind(
    code="recipients_by_field",
    label=Text("To・Cc・Bcc の宛先の数", "Number of recipients in To, Cc or Bcc"),
    help=Text(
        "To と Cc はヘッダーに書かれた宛先、Bcc はどのヘッダーにもない宛先です。メール全体で数えます。",
        "To and Cc are what the headers name, Bcc are recipients that no header names. "
        "Counted over the whole message.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("件以上", "at least"),
        help=Text("この数以上なら一致します。", "Matches from this number on."),
        suggested=10,
    ),
    choices=tuple(Choice(code=code, label=label) for code, label in _FIELDS.items()),
)
