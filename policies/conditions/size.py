"""Large messages."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice, NumberParameter
from policies.spec import Condition
from policies.verdict import Text

UNITS = {"MB": 1024 * 1024, "KB": 1024, "B": 1}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    unit = UNITS[condition.choice]
    if facts.size < (condition.number or 0) * unit:
        return None
    shown = f"{facts.size / unit:,.0f} {condition.choice}"
    return Text(f"大きさが {shown}", f"the size is {shown}")


def _sentence(condition: Condition) -> Text:
    size = f"{condition.number} {condition.choice}"
    return Text(f"大きさが {size} 以上", f"the size is {size} or more")


KIND = ConditionKind(
    code="size",
    label=Text("大きさ", "Size"),
    help=Text(
        "ヘッダーと添付を含むメール全体の大きさです。1 KB は 1,024 バイト、1 MB は 1,048,576 バイトです。",
        "The size of the whole message with headers and attachments as it is sent. "
        "1 KB is 1,024 bytes, 1 MB is 1,048,576 bytes.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("以上", "at least"),
        help=Text("この大きさ以上なら一致します。", "Matches from this size on."),
        suggested=10,
    ),
    choices=tuple(Choice(code=unit, label=Text(unit, unit)) for unit in UNITS),
    question=Text("単位", "unit"),
)
