"""Attachments of one of the types, by the declared type or by the end of the name."""

import re
from collections.abc import Iterator

from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import AttachmentFact, Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark, Place
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/(?:\*|[a-z0-9!#$&^_.+-]+)")
_EXTENSION = re.compile(r"\.?[^\s/\\*?]+")


def media_types(condition: Condition) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Return whole media types, beginnings of media types ("image/"), and endings of names (".pdf")."""
    folded = [fold_text(value) for value in condition.values]
    return (
        frozenset(value for value in folded if "/" in value),
        tuple(value.removesuffix("*") for value in folded if value.endswith("/*")),
        tuple("." + value.removeprefix(".") for value in folded if "/" not in value),
    )


def _is_one_of(attachment: AttachmentFact, condition: Condition) -> bool:
    types, beginnings, endings = condition.once(media_types)
    declared = attachment.content_type.lower()
    return (
        declared in types or declared.startswith(beginnings) or fold_text(attachment.name).endswith(endings)
    )


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for attachment in facts.content.attachments:
        if _is_one_of(attachment, condition):
            name = shown(attachment.name or attachment.content_type)
            return Text(f"添付「{name}」の種類", f"the type of attachment “{name}”")
    return None


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for attachment in facts.content.attachments:
        if _is_one_of(attachment, condition):
            yield Mark(place=Place.FILE, name=attachment.name)


def _sentence(condition: Condition) -> Text:
    types = quoted(condition.values)
    return Text(f"添付の種類が{types.ja}", f"an attachment is of type {types.en}")


def _check(value: str) -> Text | None:
    pattern = _TYPE if "/" in value else _EXTENSION
    if pattern.fullmatch(fold_text(value)):
        return None
    return Text(
        f"「{value}」は種類ではありません。application/pdf、image/*、.xlsx のように書いてください。",
        f"“{value}” is not a type; write it like application/pdf, image/* or .xlsx.",
    )


KIND = ConditionKind(
    code="attachment_type",
    label=Text("添付の種類", "Attachment's type"),
    help=Text(
        "添付ファイルの種類を、メールに書かれた種類か拡張子で判定します。",
        "An attachment's type, by what the message declares or by the extension of its name.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    values=Parameter(
        label=Text("種類", "types"),
        help=Text(
            "1行に1つ。例: application/pdf、image/*、.xlsx",
            "One per line, such as application/pdf, image/* or .xlsx.",
        ),
    ),
    check_value=_check,
)
