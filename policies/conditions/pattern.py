"""Regular expressions, by RE2: no pattern and no text makes it slow."""

from collections.abc import Iterator
from itertools import islice

import re2

from policies.conditions.kind import ConditionKind, quoted
from policies.conditions.places import CHOICES, MOST_MARKS, PLACES, QUESTION, READS, plain_texts, sites
from policies.facts import Facts, RecipientFact
from policies.marks import Mark
from policies.parameters import NumberParameter, Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

# Of one text; the rest is not searched.
MOST_CHARACTERS = 1_000_000
MOST_MEMORY = 8 * 1024 * 1024
LARGEST_COUNT = 10_000


def _options() -> "re2.Options":
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    return options


_OPTIONS = _options()


def _patterns(condition: Condition) -> tuple[tuple[str, "re2._Regexp[str]"], ...]:
    return tuple((value, re2.compile(value, _OPTIONS)) for value in condition.values)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    needed = condition.number or 1
    found = list(islice(_places(facts, condition), needed))
    if len(found) < needed:
        return None
    pattern, where = found[0]
    return Text(f"{where.ja}に正規表現「{pattern}」", f"the pattern “{pattern}” in {where.en}")


def _places(facts: Facts, condition: Condition) -> Iterator[tuple[str, Text]]:
    for where, text in plain_texts(facts, condition.choice):
        for value, pattern in condition.once(_patterns):
            for _ in _spans(pattern, text):
                yield value, where


def _spans(pattern: "re2._Regexp[str]", text: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(text[:MOST_CHARACTERS]):
        # Nothing that is empty counts: `x*` stands everywhere.
        if found.end() > found.start():
            yield found.span()


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for site in sites(facts, condition.choice):
        found = [
            span
            for _, pattern in condition.once(_patterns)
            for span in islice(_spans(pattern, site.text), MOST_MARKS)
        ]
        for start, end in sorted(found):
            yield site.mark(start, end)


def _sentence(condition: Condition) -> Text:
    patterns, where = quoted(condition.values), PLACES[condition.choice]
    return Text(
        f"{where.ja}に正規表現{patterns.ja}が{condition.number}か所以上ある",
        f"the pattern {patterns.en} stands in {where.en}, {condition.number} times or more",
    )


def _check(value: str) -> Text | None:
    try:
        re2.compile(value, _OPTIONS)
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        return Text(
            f"正規表現「{value}」は使えません({why})。", f"The pattern “{value}” cannot be used: {why}."
        )
    return None


KIND = ConditionKind(
    code="pattern",
    label=Text("正規表現", "Regular expression"),
    help=Text(
        "RE2 の正規表現です(後方参照と先読みはありません)。大文字と小文字を区別します((?i) で区別しなくなります)。"
        "1つの文章の100万文字までを調べます。",
        "Regular expressions of RE2: no back references, no look-around. Case matters, unless (?i) says otherwise. "
        "The first million characters of each text are searched.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    reads_by_choice=READS,
    values=Parameter(
        label=Text("正規表現", "patterns"),
        help=Text("1行に1つ。例: [A-Z]{2}-[0-9]{6}", "One per line, such as [A-Z]{2}-[0-9]{6}."),
    ),
    check_value=_check,
    number=NumberParameter(
        label=Text("か所以上", "times or more"),
        help=Text("この数以上見つかれば一致します。", "Matches from this number on."),
        most=LARGEST_COUNT,
    ),
    choices=CHOICES,
    question=QUESTION,
)
