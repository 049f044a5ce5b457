"""Messages with one of the words in the subject, the body or an attachment."""

import re
from collections.abc import Iterator

from policies.conditions.kind import ConditionKind, quoted
from policies.conditions.places import CHOICES, PLACES, QUESTION, READS, folded_texts, sites, spans
from policies.conditions.wordlists import folded_word
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _words(condition: Condition) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return each word as it was written, folded without its stars, and as a pattern that minds its borders."""
    return tuple((word, *folded_word(word)) for word in condition.values)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for where, text in folded_texts(facts, condition.choice):
        word = _first_word(text, condition)
        if word:
            return Text(f"{where.ja}に「{word}」", f"“{word}” in {where.en}")
    return None


def _first_word(text: str, condition: Condition) -> str:
    # Looking for the plain word first costs a tenth of the pattern on a long text.
    for word, core, pattern in condition.once(_words):
        if core in text and pattern.search(text):
            return word
    return ""


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    words = [(core, pattern) for _, core, pattern in condition.once(_words)]
    for site in sites(facts, condition.choice):
        if spans(site.folded, words, most=1):
            traced = facts.traced(site.text)
            for start, end in spans(traced.text, words):
                yield site.mark(*traced.span(start, end))


def _sentence(condition: Condition) -> Text:
    words, where = quoted(condition.values), PLACES[condition.choice]
    return Text(f"{where.ja}に{words.ja}がある", f"{where.en} contains {words.en}")


def _check(value: str) -> Text | None:
    if fold_text(value).strip("*"):
        return None
    return Text("星印だけの語は使えません。", "A word must have more than stars.")


KIND = ConditionKind(
    code="words",
    label=Text("語", "Words"),
    help=Text(
        "語のどれかが書かれたメールです。全角と半角、大文字と小文字は区別しません。"
        "英数字の語は前後で切れているものだけに一致し、星印を付けるとその側は続いていてもかまいません。",
        "One of the words is written there. Width and case of letters make no difference. A word of letters or digits "
        "must stand by itself; with a star, more may follow or precede on that side.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    reads_by_choice=READS,
    values=Parameter(
        label=Text("語", "words"),
        help=Text(
            "1行に1つ。例: 社外秘、confidential、secret*",
            "One per line, such as 社外秘, confidential or secret*.",
        ),
    ),
    check_value=_check,
    choices=CHOICES,
    question=QUESTION,
)
