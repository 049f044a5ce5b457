"""The places of a message in which words are looked for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from policies.conditions.kind import shown
from policies.facts import Facts, text_of
from policies.marks import Mark, Place
from policies.parameters import Choice
from policies.parts import Part
from policies.verdict import Text

PLACES = {
    "both": Text("件名か本文", "the subject or the body"),
    "subject": Text("件名", "the subject"),
    "body": Text("本文", "the body"),
    "attachments": Text("添付の中身", "an attachment"),
    "everywhere": Text("件名か本文か添付の中身", "the subject, the body or an attachment"),
}
LABELS = {
    "both": Text("件名と本文", "subject and body"),
    "subject": Text("件名", "subject"),
    "body": Text("本文", "body"),
    "attachments": Text("添付の中身", "attachments"),
    "everywhere": Text("件名と本文と添付の中身", "subject, body and attachments"),
}
# For one condition. Nobody reads more.
MOST_MARKS = 100
CHOICES = tuple(Choice(code=code, label=label) for code, label in LABELS.items())
QUESTION = Text("調べる場所", "where to look")
READS: Mapping[str, Part] = {"attachments": Part.INSPECTION, "everywhere": Part.INSPECTION}


def folded_texts(facts: Facts, choice: str) -> Iterator[tuple[Text, str]]:
    """Yield each text in the places of `choice`, as `fold_text` folds it, and where it is."""
    if choice in {"subject", "both", "everywhere"}:
        yield PLACES["subject"], facts.folded_subject
    if choice in {"body", "both", "everywhere"}:
        yield PLACES["body"], facts.folded_body
    if choice in {"attachments", "everywhere"}:
        for name, text in facts.folded_attached_texts:
            yield _attachment(name), text


def plain_texts(facts: Facts, choice: str) -> Iterator[tuple[Text, str]]:
    """Yield the same texts as they are written."""
    if choice in {"subject", "both", "everywhere"}:
        yield PLACES["subject"], facts.content.subject
    if choice in {"body", "both", "everywhere"}:
        yield PLACES["body"], facts.content.body
    if choice in {"attachments", "everywhere"}:
        for name, text in facts.attached_texts:
            yield _attachment(name), text


@dataclass(frozen=True, slots=True)
class Site:
    """A text of a message in which marks can be put, as it is written and as `fold_text` folds it."""

    place: Place
    text: str
    folded: str
    name: str = ""
    piece: int = 0

    def mark(self, start: int, end: int) -> Mark:
        """Return the mark of what is written from `start` to `end`."""
        return Mark(place=self.place, name=self.name, piece=self.piece, start=start, end=end)


def sites(facts: Facts, choice: str) -> Iterator[Site]:
    """Yield the texts in the places of `choice` once more, for being marked."""
    if choice in {"subject", "both", "everywhere"}:
        yield Site(Place.SUBJECT, facts.content.subject, facts.folded_subject)
    if choice in {"body", "both", "everywhere"}:
        yield Site(Place.BODY, facts.content.body, facts.folded_body)
    if choice in {"attachments", "everywhere"}:
        numbered = (
            (number, piece)
            for number, piece in enumerate(facts.inspection.pieces)
            if piece.where.startswith("attachment:")
        )
        for (number, piece), (name, folded) in zip(numbered, facts.folded_attached_texts, strict=True):
            yield Site(Place.ATTACHMENT, text_of(piece), folded, name, number)


def spans(
    text: str, words: Iterable[tuple[str, re.Pattern[str]]], most: int = MOST_MARKS
) -> list[tuple[int, int]]:
    """Return where in a folded `text` the words stand, in order; each is a core (see wordlists.py) and its pattern."""
    return sorted(
        found.span()
        for core, pattern in words
        if core in text
        for found in islice(pattern.finditer(text), most)
    )


def _attachment(name: str) -> Text:
    return Text(f"添付「{shown(name)}」", f"attachment “{shown(name)}”")
