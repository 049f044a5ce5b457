"""Messages with one of the words in the subject or the body."""

import re

from policies.conditions.kind import ConditionKind, quoted
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.parameters import Choice, Parameter
from policies.spec import Condition
from policies.verdict import Text

_PLACES = {
    "subject": Text("件名", "the subject"),
    "body": Text("本文", "the body"),
    "both": Text("件名か本文", "the subject or the body"),
}


def _words(condition: Condition) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return each word as it was written, folded without its stars, and as a pattern that minds its borders."""
    return tuple((word, *_folded(word)) for word in condition.values)


def _folded(word: str) -> tuple[str, re.Pattern[str]]:
    folded = fold_text(word)
    core = folded.strip("*")
    # Japanese has no borders between words; letters and digits have.
    before = r"(?<![0-9a-z])" if re.match("[0-9a-z]", folded) else ""
    after = r"(?![0-9a-z])" if re.search("[0-9a-z]$", folded) else ""
    return core, re.compile(before + re.escape(core) + after)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for place in ("subject", "body"):
        if condition.choice in {place, "both"}:
            word = _first_word(facts.folded_subject if place == "subject" else facts.folded_body, condition)
            if word:
                where = _PLACES[place]
                return Text(f"{where.ja}に「{word}」", f"“{word}” in {where.en}")
    return None


def _first_word(text: str, condition: Condition) -> str:
    # Looking for the plain word first costs a tenth of the pattern on a long text.
    for word, core, pattern in condition.once(_words):
        if core in text and pattern.search(text):
            return word
    return ""


def _sentence(condition: Condition) -> Text:
    words, where = quoted(condition.values), _PLACES.get(condition.choice, _PLACES["both"])
    return Text(f"{where.ja}に{words.ja}がある", f"{where.en} contains {words.en}")


def _check(value: str) -> Text | None:
    if fold_text(value).strip("*"):
        return None
    return Text("星印だけの語は使えません。", "A word must have more than stars.")


KIND = ConditionKind(
    code="words",
    label=Text("件名や本文の語", "Words in subject or body"),
    help=Text(
        "語のどれかが書かれたメールです。全角と半角、大文字と小文字は区別しません。"
        "英数字の語は前後で切れているものだけに一致し、星印を付けるとその側は続いていてもかまいません。",
        "One of the words is written there. Width and case of letters make no difference. A word of letters or digits "
        "must stand by itself; with a star, more may follow or precede on that side.",
    ),
    match=_match,
    sentence=_sentence,
    reads_content=True,
    values=Parameter(
        label=Text("語", "words"),
        help=Text(
            "1行に1つ。例: 社外秘、confidential、secret*",
            "One per line, such as 社外秘, confidential or secret*.",
        ),
    ),
    check_value=_check,
    choices=(
        Choice(code="both", label=Text("件名と本文", "subject and body")),
        Choice(code="subject", label=Text("件名", "subject")),
        Choice(code="body", label=Text("本文", "body")),
    ),
)
