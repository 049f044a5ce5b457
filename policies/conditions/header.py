"""Header fields by name and value."""

import fnmatch
import re
from dataclasses import dataclass

import re2

from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_LINE = re.compile(r"(?P<name>[!-9;-~]{1,200})\s*:\s*(?:/(?P<pattern>.+)/|(?P<glob>.*))", re.ASCII)
MOST_CHARACTERS = 100_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.case_sensitive = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    glob: "re.Pattern[str] | None"
    pattern: "re2._Regexp[str] | None"

    def fits(self, value: str) -> bool:
        if self.pattern is not None:
            return self.pattern.search(value[:MOST_CHARACTERS]) is not None
        return self.glob is None or self.glob.match(fold_text(value)) is not None


def _wanted(condition: Condition) -> tuple[_Wanted, ...]:
    lines = [found for value in condition.values if (found := _LINE.fullmatch(value))]
    return tuple(
        _Wanted(
            line["name"].lower(),
            re.compile(fnmatch.translate(fold_text(line["glob"]))) if line["glob"] else None,
            re2.compile(line["pattern"], _OPTIONS) if line["pattern"] else None,
        )
        for line in lines
    )


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    wanted = condition.once(_wanted)
    for name, value in facts.content.headers:
        if any(each.name == name.lower() and each.fits(value) for each in wanted):
            field = shown(f"{name}: {value}")
            return Text(f"ヘッダー「{field}」", f"the header “{field}”")
    return None


def _sentence(condition: Condition) -> Text:
    fields = quoted(condition.values)
    return Text(f"ヘッダーが{fields.ja}", f"there is a header {fields.en}")


def _check(value: str) -> Text | None:
    found = _LINE.fullmatch(value)
    if found is None:
        return Text(
            f"「{value}」は「名前: 型」か「名前: /正規表現/」の形で書いてください。",
            f"Write “{value}” as Name: pattern, or Name: /regular expression/.",
        )
    if found["pattern"]:
        try:
            re2.compile(found["pattern"], _OPTIONS)
        except re2.error:
            return Text(
                f"「{value}」の正規表現は使えません。", f"The regular expression in “{value}” cannot be used."
            )
    return None


KIND = ConditionKind(
    code="header",
    label=Text("ヘッダー", "Header"),
    help=Text(
        "指定したヘッダーがあり、値が型に合うメールです。型の * は任意の文字列で、値を書かなければ、あるだけで一致します。"
        "/ で囲むと RE2 の正規表現です。大文字と小文字は区別しません。",
        "There is such a header, and its value fits. A star stands for any characters; without a value the header has but "
        "to be there; between slashes stands a regular expression of RE2. Case makes no difference.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
    values=Parameter(
        label=Text("ヘッダー", "headers"),
        help=Text(
            "1行に1つ。例: X-Mailer: *Bulk*、List-Id:、X-Spam-Score: /^[5-9]/",
            "One per line, such as X-Mailer: *Bulk*, List-Id:, or X-Spam-Score: /^[5-9]/.",
        ),
    ),
    check_value=_check,
)
