"""The marks of a hold's reasons: stored with the decision that they explain, and read where the mail is shown.

Stored are numbers of signs and names that are stored anyhow, never what is written there. They hold for one revision and
for the very texts that were judged; where a page would show another text, there is no mark rather than a wrong one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from approvals.marked import Span
from mailhold.directory.models import fold_address
from mailhold.mime.parse import ParsedMessage, judged_text
from policies.facts import Facts
from policies.marks import Mark, Place
from policies.verdict import Reason

# Of all reasons of a hold together.
MOST_STORED = 300
_IN_TEXTS = frozenset({Place.SUBJECT, Place.BODY})


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMarks:
    """The marks of a message's reasons, and by what its texts are known again."""

    marks: Mapping[Reason, tuple[Mark, ...]]
    texts: str


NO_MARKS = JudgedMarks(marks={}, texts="")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMarks:
    """Where the reasons of a hold, by their numbers from 0, are in its mail. `html` is for what only the HTML says.

    `attachments` counts the places within each file, `files` are meant themselves; both by name, `recipients` by folded
    address.
    """

    subject: tuple[Span, ...] = ()
    body: tuple[Span, ...] = ()
    html: tuple[Span, ...] = ()
    html_text: str = ""
    attachments: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    files: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    recipients: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def judged_marks(facts: Facts, marks: Mapping[Reason, tuple[Mark, ...]]) -> JudgedMarks:
    """Return `marks` with what their texts are known by; nothing of the message is read that was not read before."""
    if not any(mark.place in _IN_TEXTS for found in marks.values() for mark in found):
        return JudgedMarks(marks=marks, texts="")
    return JudgedMarks(marks=marks, texts=digest_of_texts(facts.content.subject, facts.content.body))


def digest_of_texts(subject: str, body: str) -> str:
    """Return by what two texts are known again; whoever has only the database cannot try guesses on it."""
    return salted_hmac("approvals.marking", f"{subject}\0{body}", algorithm="sha256").hexdigest()[:32]


def marks_as_json(
    judged: JudgedMarks, reasons: Sequence[Reason], addresses: Iterable[str], revision_id: UUID
) -> dict[str, Any]:
    """Return the marks of a hold's `reasons` as they are stored with it; nothing where there are none.

    A place is the number of its reason, what it is, and where: start and end, or a name, or a name and how often.
    """
    there = frozenset(addresses)
    places = [
        [number, *place]
        for number, reason in enumerate(reasons)
        for place in _places(judged.marks.get(reason, ()), there)
    ]
    if not places:
        return {}
    return {"revision": str(revision_id), "texts": judged.texts, "places": places[:MOST_STORED]}


def _places(marks: Sequence[Mark], addresses: frozenset[str]) -> Iterator[tuple[str | int, ...]]:
    within = Counter(mark.name for mark in marks if mark.place is Place.ATTACHMENT)
    for mark in marks:
        if mark.place in _IN_TEXTS:
            yield mark.place.value, mark.start, mark.end
        elif mark.place is Place.FILE or (mark.place is Place.RECIPIENT and mark.name in addresses):
            yield mark.place.value, mark.name
    for name, times in within.items():
        yield Place.ATTACHMENT.value, name, times


def marks_of_hold(stored: Mapping[str, Any], revision_id: UUID, parsed: ParsedMessage) -> HoldMarks:
    """Return what is `stored` with a hold whose revision, parsed, is `parsed`; nothing where that is not what was judged."""
    if stored.get("revision") != str(revision_id):
        return HoldMarks()
    places = stored["places"]
    text = judged_text(parsed)
    if not constant_time_compare(stored["texts"], digest_of_texts(parsed.subject, text)):
        places = [place for place in places if place[1] not in _IN_TEXTS]
    # What the HTML says besides stands below the text, after a line end.
    border = len(parsed.text) + 1
    body = tuple(_spans(places, Place.BODY))
    return HoldMarks(
        subject=tuple(_spans(places, Place.SUBJECT)),
        body=tuple(span for span in body if span.end < border),
        html=tuple(
            Span(span.number, span.start - border, span.end - border) for span in body if span.start >= border
        ),
        html_text=text[border:],
        attachments=_counts(places),
        files=_names(places, Place.FILE),
        recipients=_names(places, Place.RECIPIENT),
    )


def _spans(places: Iterable[Sequence[Any]], wanted: Place) -> Iterator[Span]:
    for number, place, *where in places:
        if place == wanted:
            yield Span(number, *where)


def _counts(places: Iterable[Sequence[Any]]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for number, place, *where in places:
        if place == Place.ATTACHMENT:
            found.setdefault(number, {})[where[0]] = where[1]
    return found


def _names(places: Iterable[Sequence[Any]], wanted: Place) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    for number, place, *where in places:
        if place == wanted:
            found.setdefault(number, {})[
                fold_address(where[0]) if wanted == Place.RECIPIENT else where[0]
            ] = None
    return {number: tuple(names) for number, names in found.items()}
