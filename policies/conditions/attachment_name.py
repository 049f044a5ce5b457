"""Attachments whose name fits one of the patterns."""

import fnmatch
import re
from collections.abc import Iterator

from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark, Place
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _patterns(condition: Condition) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(fnmatch.translate(fold_text(value))) for value in condition.values)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for attachment in facts.content.attachments:
        if _fits(attachment.name, condition):
            return Text(f"添付「{shown(attachment.name)}」", f"attachment “{shown(attachment.name)}”")
    return None


def _fits(name: str, condition: Condition) -> bool:
    folded = fold_text(name)
    return any(pattern.match(folded) for pattern in condition.once(_patterns))


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for attachment in facts.content.attachments:
        if _fits(attachment.name, condition):
            yield Mark(place=Place.FILE, name=attachment.name)


def _sentence(condition: Condition) -> Text:
    patterns = quoted(condition.values)
    return Text(f"添付の名前が{patterns.ja}", f"an attachment is named {patterns.en}")


KIND = ConditionKind(
    code="attachment_name",
    label=Text("添付の名前", "Attachment's name"),
    help=Text(
        "添付ファイルの名前が型のどれかに合うメールです。全角と半角、大文字と小文字は区別しません。",
        "An attachment's name fits one of the patterns. Width and case of letters make no difference.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    values=Parameter(
        label=Text("名前の型", "patterns"),
        help=Text(
            "1行に1つ。* は任意の文字列、? は任意の1文字です。例: *.zip、顧客*.xlsx",
            "One per line; * stands for any characters, ? for one. Such as *.zip or customers*.xlsx.",
        ),
    ),
)
