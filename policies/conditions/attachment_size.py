"""Large attachments."""

from collections.abc import Iterator

from policies.conditions.kind import ConditionKind, shown
from policies.conditions.size import UNITS
from policies.facts import Facts, RecipientFact
from policies.marks import Mark, Place
from policies.parameters import Choice, NumberParameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    unit = UNITS[condition.choice]
    largest = max(facts.content.attachments, key=lambda each: each.size, default=None)
    if largest is None or largest.size < (condition.number or 0) * unit:
        return None
    name, size = shown(largest.name), f"{largest.size / unit:,.0f} {condition.choice}"
    return Text(f"添付「{name}」の大きさが {size}", f"the size of attachment “{name}” is {size}")


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    least = (condition.number or 0) * UNITS[condition.choice]
    for attachment in facts.content.attachments:
        if attachment.size >= least:
            yield Mark(place=Place.FILE, name=attachment.name)


def _sentence(condition: Condition) -> Text:
    size = f"{condition.number} {condition.choice}"
    return Text(f"添付の大きさが {size} 以上", f"an attachment's size is {size} or more")


KIND = ConditionKind(
    code="attachment_size",
    label=Text("添付の大きさ", "Attachment's size"),
    help=Text(
        "添付ファイル1つの、元のファイルとしての大きさです。1 KB は 1,024 バイトです。",
        "The size of one attached file as it was before it became part of a mail. 1 KB is 1,024 bytes.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    number=NumberParameter(
        label=Text("以上", "at least"),
        help=Text("この大きさ以上なら一致します。", "Matches from this size on."),
        suggested=10,
    ),
    choices=tuple(Choice(code=unit, label=Text(unit, unit)) for unit in UNITS),
    question=Text("単位", "unit"),
)
