"""Recipients that are in a list which administrators keep."""

from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import Facts, RecipientFact
from policies.parameters import Parameter
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for name in condition.values:
        if facts.reference.entry_list(name).holds(recipient.address, recipient.domain):
            address = shown(recipient.address)
            return Text(
                f"宛先 {address} がリスト「{name}」にある", f"recipient {address} is in the list “{name}”"
            )
    return None


def _sentence(condition: Condition) -> Text:
    names = quoted(condition.values)
    return Text(f"宛先がリスト{names.ja}にある", f"the recipient is in the list {names.en}")


KIND = ConditionKind(
    code="recipient_list",
    label=Text("宛先リスト", "List of recipients"),
    help=Text(
        "宛先が、「宛先リスト」で管理するアドレスやドメインのリストにあるか、宛先ごとに判定します。",
        "Whether the recipient is in one of the lists of addresses and domains, asked for each recipient.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    values=Parameter(
        label=Text("リスト", "lists"), help=Text("リスト名を1行に1つ。", "Names, one per line.")
    ),
    names="list",
)
