"""Mail of certain people."""

from policies.conditions.kind import ConditionKind, quoted
from policies.facts import Facts, RecipientFact
from policies.parameters import Parameter
from policies.parts import Part
from policies.reference import flaw_of_entry, fold_recipient
from policies.spec import Condition
from policies.verdict import Text


def _addresses(condition: Condition) -> frozenset[str]:
    return frozenset(map(fold_recipient, condition.values))


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    if facts.sender_details.addresses.isdisjoint(condition.once(_addresses)):
        return None
    name = facts.sender.name or facts.sender.address
    return Text(f"送信者が{name}", f"the sender is {name}")


def _sentence(condition: Condition) -> Text:
    who = quoted(condition.values)
    return Text(f"送信者が{who.ja}", f"the sender is {who.en}")


def check_address(value: str) -> Text | None:
    """Return what is wrong with an address, or None."""
    if "@" in value and flaw_of_entry(value) is None:
        return None
    return Text(f"「{value}」はアドレスではありません。", f"“{value}” is no mail address.")


KIND = ConditionKind(
    code="sender_is",
    label=Text("送信者", "Sender"),
    help=Text(
        "送信者が、アドレスで指定した人のだれかであるメールです。別のアドレスでもその人とわかります。",
        "The sender is one of the people whose addresses you give. Any address of a person stands for the person.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.SENDER_DETAILS,
    values=Parameter(label=Text("アドレス", "addresses"), help=Text("1行に1つ。", "One per line.")),
    check_value=check_address,
)
