"""Files of one of the types, by what is in them."""

from collections.abc import Iterator

from mailhold.mime.pieces import InspectedFile
from policies.conditions.attachment_type import media_types
from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark, Place
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for file in facts.inspection.files:
        if _is_one_of(file, condition):
            name, detected = shown("/".join(file.path)), file.detected_type.lower()
            return Text(f"添付「{name}」の中身が {detected}", f"the content of “{name}” is {detected}")
    return None


def _is_one_of(file: InspectedFile, condition: Condition) -> bool:
    types, beginnings, _ = condition.once(media_types)
    detected = file.detected_type.lower()
    return detected in types or bool(beginnings and detected.startswith(beginnings))


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for file in facts.inspection.files:
        if _is_one_of(file, condition):
            yield Mark(place=Place.FILE, name=file.path[0])


def _sentence(condition: Condition) -> Text:
    types = quoted(condition.values)
    return Text(f"添付の中身が{types.ja}", f"a file's content is of type {types.en}")


def _check(value: str) -> Text | None:
    kind, slash, rest = fold_text(value).partition("/")
    if kind and slash and rest and " " not in rest:
        return None
    return Text(
        f"「{value}」は種類ではありません。application/pdf や image/* のように書いてください。",
        f"“{value}” is not a type; write it like application/pdf or image/*.",
    )


KIND = ConditionKind(
    code="attachment_content",
    label=Text("添付の中身の種類", "Type of an attachment's content"),
    help=Text(
        "添付ファイルや書庫の中のファイルの種類を、名前ではなく中身で判定します。"
        "Windows のプログラムは application/vnd.microsoft.portable-executable です。",
        "The type of an attached file, or of one within an archive, by its content and not by its name. "
        "A program for Windows is application/vnd.microsoft.portable-executable.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.INSPECTION,
    values=Parameter(
        label=Text("種類", "types"),
        help=Text(
            "1行に1つ。例: application/pdf、image/*", "One per line, such as application/pdf or image/*."
        ),
    ),
    check_value=_check,
)
