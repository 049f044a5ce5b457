"""Words that weigh: what is found is added up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from policies.conditions.kind import ConditionKind, quoted
from policies.conditions.places import CHOICES, PLACES, QUESTION, READS, folded_texts, sites
from policies.conditions.wordlists import folded_word
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark
from policies.parameters import NumberParameter, Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_LINE = re.compile(
    r"(?P<not>!)?\s*(?P<word>.*?)\s*(?:=\s*(?P<weight>[0-9]{1,6})\s*(?:/\s*(?P<most>[0-9]{1,6}))?)?"
)
# How often a word counts where its line says nothing else: one word on every line is no hundred secrets.
MOST_TIMES = 10


@dataclass(frozen=True, slots=True)
class _Entry:
    word: str
    core: str
    pattern: re.Pattern[str]
    weight: int
    most: int


def _entries(condition: Condition) -> tuple[tuple[_Entry, ...], tuple[re.Pattern[str], ...]]:
    """Return the words, and the patterns of the phrases in which they do not count."""
    lines = [found for value in condition.values if (found := _LINE.fullmatch(value))]
    words = [
        _Entry(
            line["word"],
            *folded_word(line["word"]),
            int(line["weight"] or 1),
            int(line["most"] or MOST_TIMES),
        )
        for line in lines
        if not line["not"]
    ]
    return tuple(words), tuple(folded_word(line["word"])[1] for line in lines if line["not"])


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    words, phrases = condition.once(_entries)
    texts = [_without(text, phrases) for _, text in folded_texts(facts, condition.choice)]
    found = {entry.word: times for entry in words if (times := _times(entry, texts))}
    weight = sum(entry.weight * found.get(entry.word, 0) for entry in words)
    if not found or weight < (condition.number or 0):
        return None
    shown = quoted(tuple(found)[:3])
    return Text(
        f"辞書の語の重みが{weight}({shown.ja})", f"words of the dictionary weigh {weight} ({shown.en})"
    )


def _without(text: str, phrases: tuple[re.Pattern[str], ...]) -> str:
    for phrase in phrases:
        text = phrase.sub("\n", text)
    return text


def _times(entry: _Entry, texts: list[str]) -> int:
    found = 0
    for _ in _places(entry, texts):
        found += 1
        if found == entry.most:
            break
    return found


def _places(entry: _Entry, texts: list[str]) -> Iterator[re.Match[str]]:
    for text in texts:
        if entry.core in text:
            yield from entry.pattern.finditer(text)


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    words, phrases = condition.once(_entries)
    left = {entry.core: entry.most for entry in words}
    for site in sites(facts, condition.choice):
        if not any(entry.core in site.folded for entry in words):
            continue
        traced = facts.traced(site.text)
        for phrase in phrases:
            traced = traced.without(phrase, "\n")
        found = []
        for entry in words:
            # As they are counted: no more of a word than its line says.
            places = [each.span() for each in islice(_places(entry, [traced.text]), left[entry.core])]
            left[entry.core] -= len(places)
            found += places
        for start, end in sorted(found):
            yield site.mark(*traced.span(start, end))


def _sentence(condition: Condition) -> Text:
    words, where = quoted(condition.values), PLACES[condition.choice]
    return Text(
        f"{where.ja}にある辞書の語({words.ja})の重みが合わせて{condition.number}以上",
        f"words of a dictionary ({words.en}) in {where.en} weigh {condition.number} or more together",
    )


def _check(value: str) -> Text | None:
    found = _LINE.fullmatch(value)
    if found and fold_text(found["word"]).strip("*") and not (found["not"] and found["weight"]):
        return None
    return Text(
        f"「{value}」は「語」「語=重み」「語=重み/回数」「!除く語句」のどれかの形で書いてください。",
        f"Write “{value}” as word, word=weight, word=weight/times, or !phrase.",
    )


KIND = ConditionKind(
    code="dictionary",
    label=Text("辞書(語の重み)", "Dictionary (words that weigh)"),
    help=Text(
        "見つかった語の重みに回数を掛けて足し、数と比べます。重みを書かない語は1です。"
        f"1つの語は{MOST_TIMES}回まで数えます(「語=重み/回数」で変えられます)。「!語句」の中の語は数えません。",
        "Adds up the weight of each word times how often it stands there, and compares that with the number. "
        f"A word without a weight weighs 1 and counts {MOST_TIMES} times at most, or as word=weight/times says. "
        "Words inside a !phrase do not count.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    reads_by_choice=READS,
    values=Parameter(
        label=Text("辞書", "dictionary"),
        help=Text(
            "1行に1つ。例: 極秘=5、社外秘=3/2、見積、!社外秘ではありません",
            "One per line, such as secret=5, internal=3/2, estimate, !not confidential.",
        ),
    ),
    check_value=_check,
    number=NumberParameter(
        label=Text("重み以上", "weight of at least"),
        help=Text("この重み以上なら一致します。", "Matches from this weight on."),
        suggested=10,
    ),
    choices=CHOICES,
    question=QUESTION,
)
