"""Mail that leaves somebody out."""

from policies.conditions.kind import ConditionKind, quoted
from policies.conditions.sender_is import check_address
from policies.facts import Facts, RecipientFact
from policies.parameters import Parameter
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.verdict import Text


def addresses_of(facts: Facts) -> frozenset[str]:
    """Return the recipients' addresses, and those that To and Cc name, folded."""
    return frozenset(map(fold_recipient, (*(each.address for each in facts.recipients), *facts.visible)))


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    there = addresses_of(facts)
    missing = tuple(value for value in condition.values if fold_recipient(value) not in there)
    if not missing:
        return None
    who = quoted(missing[:1])
    return Text(f"宛先に{who.ja}がいない", f"{who.en} is missing among the recipients")


def _sentence(condition: Condition) -> Text:
    who = quoted(condition.values)
    return Text(f"宛先に{who.ja}がいない", f"{who.en} is missing among the recipients")


KIND = ConditionKind(
    code="recipient_missing",
    label=Text("宛先にいない人", "Missing recipient"),
    help=Text(
        "指定したアドレスのどれかが、宛先にも To・Cc にもないメールです。",
        "One of the addresses is neither among the recipients nor in To or Cc.",
    ),
    match=_match,
    sentence=_sentence,
    values=Parameter(label=Text("アドレス", "addresses"), help=Text("1行に1つ。", "One per line.")),
    check_value=check_address,
)
