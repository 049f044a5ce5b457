"""Mail that greets somebody who does not get it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from policies.conditions.kind import ConditionKind, shown
from policies.conditions.own_words import own_lines
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark, Place
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.tracing import trace
from policies.verdict import Text

_LINES = 8  # of those that are not empty; a salutation stands above everything else
_LONGEST_LINE = 80
_NAME = r"[\u3005\u3040-\u30ff\u3400-\u9fff]"
_JAPANESE = re.compile(
    rf"(?P<names>{_NAME}{{1,12}}(?: {_NAME}{{1,8}})?)\s?(?:様|さま|さん|先生|殿|君|部長|課長|社長|専務|常務|係長|主任|店長|所長|室長|取締役)"
    r"(?:[、,。!\s]|各位|$|へ)"
)
_ENGLISH = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))[ ,]+(?:(?:mr|mrs|ms|miss|dr|prof)\.? ?)?"
    r"(?P<names>[a-z'\u00c0-\u024f-]{2,40}(?: [a-z'\u00c0-\u024f-]{2,40}){0,2}?)(?:[ -]?(?:san|sama|sensei))?\s*[,:!.]?$"
)
# Local parts that are nobody's name.
_OFFICES = frozenset(
    "info contact sales support office mail admin webmaster inquiry order orders soumu eigyo keiri jinji".split()  # noqa: SIM905
)
_LEAST_LETTERS = 3
# Whoever reads is meant.
_ANYBODY = re.compile(
    r"担当|皆|各位|関係|お客|御中|みな|ご一同|一同|先方|客|あて先|宛先|管理者|責任者|代表|読者|会員|株主"
    r"|\b(?:all|team|sir|madam|sirs|customer|customers|everyone|everybody|colleague|colleagues|friend|friends|folks|guys|"
    r"partner|partners|there|support|member|members|both|ladies|gentlemen|user|users|hiring manager)\b"
)
_WRITING = re.compile(rf"{_NAME}")
_LATIN = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class _Greeting:
    """A name that is greeted, and its place in a folded line, which begins at `begin`."""

    name: str
    begin: int
    line: str
    start: int
    end: int


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    names = [greeting.name for greeting in _greetings(facts.content.body)]
    if not names or any(_may_be_meant(name, facts) for name in names):
        return None
    name = shown(names[0])
    return Text(f"宛名「{name}」が宛先にいない", f"“{name}”, who is greeted, is not among the recipients")


def _greetings(body: str) -> Iterator[_Greeting]:
    filled = ((begin, line, folded) for begin, line in own_lines(body) if (folded := fold_text(line)))
    for begin, line, folded in islice(filled, _LINES):
        if len(folded) > _LONGEST_LINE or _ANYBODY.search(folded):
            continue
        if found := _ENGLISH.match(folded):
            yield _Greeting(found["names"], begin, line, *found.span("names"))
        for japanese in _JAPANESE.finditer(folded):
            yield _Greeting(japanese["names"].replace(" ", ""), begin, line, *japanese.span("names"))


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for greeting in _greetings(facts.content.body):
        start, end = trace(greeting.line).span(greeting.start, greeting.end)
        yield Mark(place=Place.BODY, start=greeting.begin + start, end=greeting.begin + end)


def _may_be_meant(name: str, facts: Facts) -> bool:
    """Tell whether some recipient has this name, or is known by an address in other letters only, so that nobody can say."""
    names = {
        fold_recipient(address): fold_text(shown_as) for address, shown_as in facts.content.names.items()
    }
    addresses = {fold_recipient(each.address) for each in facts.recipients} | set(names)
    return any(_is_called(name, names.get(address, ""), address) for address in addresses)


def _is_called(name: str, shown_as: str, address: str) -> bool:
    known = shown_as.replace(" ", "")
    if _WRITING.search(name):
        # Kanji cannot be compared with an address. Two neighbours suffice: 営業部山田, 山田太郎 and 山田 are one.
        pairs = {name[start : start + 2] for start in range(max(1, len(name) - 1))}
        return not _WRITING.search(known) or any(pair in known for pair in pairs)
    local = address.rpartition("@")[0]
    if local in _OFFICES or len(_LATIN.sub("", local)) > len(local) - _LEAST_LETTERS:
        return True
    return any(part in known or part in local for part in re.split("[ -]", name) if len(part) > 1)


def _sentence(condition: Condition) -> Text:
    return Text("宛名の人が宛先にいない", "whoever is greeted is not among the recipients")


KIND = ConditionKind(
    code="salutation",
    label=Text("宛名と宛先の食い違い", "Salutation names somebody else"),
    help=Text(
        "本文の初めの宛名(「山田様」「Dear Tanaka」)の人が、宛先の表示名にもアドレスにもいないメールです。"
        "「ご担当者様」「各位」のような宛名と、名前を比べられない宛先があるメールは当てはまりません。",
        "The text begins with 山田様 or “Dear Tanaka”, and no recipient has that name, by display name or address. "
        "“Dear all” and its like do not count, nor does mail with a recipient whose name cannot be compared.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
)
