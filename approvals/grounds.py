"""Why a mail is on hold, as pages show it: each reason with the places in the mail that it speaks of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from approvals.marked import Excerpt, Passage, Run, Span, excerpt, passages, runs, shows
from approvals.marking import HoldMarks
from mailhold.mime.parse import ParsedMessage
from policies.conditions.places import MOST_MARKS

EXCERPTS_SHOWN = 2
# Signs before or after a mark by which it is the same in the text and in the HTML, and how many must be there.
_SURROUNDINGS = 12
_TELLING = 4

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """An attachment that a reason speaks of.

    `times` is 0 where the file itself is meant; `index` is None where several have its name.
    """

    name: str
    index: int | None
    times: int = 0
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A reason.

    `places` counts its marks in the texts, the first of which are in `excerpts`; with `many` there may be more.
    """

    number: int
    text: str
    excerpts: tuple[Excerpt, ...] = ()
    places: int = 0
    many: bool = False
    files: tuple[FilePlaces, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedMail:
    """A mail with its reasons and what they mark; `html` shows what only the HTML says.

    `files` are the reasons of each attachment, by its index, `recipients` those of a recipient, by folded address.
    """

    grounds: tuple[Ground, ...]
    subject: tuple[Run, ...]
    body: tuple[Run, ...]
    html: tuple[Passage, ...]
    files: Mapping[int, tuple[int, ...]]
    recipients: Mapping[str, tuple[int, ...]]

    @property
    def body_is_marked(self) -> bool:
        """Tell whether something in the text is marked."""
        return any(run.numbers for run in self.body)


def marked_mail(reasons: Sequence[str], marks: HoldMarks, parsed: ParsedMessage) -> MarkedMail:
    """Return the mail whose `reasons` (texts that are equal are one) have these `marks`."""
    marks = replace(marks, html=tuple(_only_in_html(marks, parsed.text)))
    numbers: dict[str, int] = {}
    for reason in reasons:
        numbers.setdefault(reason, len(numbers) + 1)
    shown = _numbered(marks, [numbers[reason] for reason in reasons])
    indexes = _indexes(parsed)
    grounds = tuple(_ground(number, text, shown, parsed, indexes) for text, number in numbers.items())
    in_subject = {span.number for span in shown.subject}
    return MarkedMail(
        grounds=grounds,
        subject=runs(parsed.subject, shown.subject),
        body=runs(parsed.text, shown.body, in_subject),
        html=passages(
            shown.html_text, shown.html, in_subject | {span.number for span in shown.body}, short=0
        ),
        files=_turned({ground.number: _known(ground.files) for ground in grounds}),
        recipients=_turned(shown.recipients),
    )


def _only_in_html(marks: HoldMarks, text: str) -> Iterator[Span]:
    """Yield those marks of the HTML whose words do not stand in the text too, after or before the same words."""
    packed = _packed(text) if marks.html else ""
    for span in marks.html:
        before = _packed(marks.html_text[max(0, span.start - _SURROUNDINGS) : span.start])
        hit = _packed(marks.html_text[span.start : span.end])
        after = _packed(marks.html_text[span.end : span.end + _SURROUNDINGS])
        # Where the HTML begins or ends, nothing on that side tells one place from another.
        sides = [before + hit] * (len(before) >= _TELLING) + [hit + after] * (len(after) >= _TELLING)
        if not any(side in packed for side in sides or [before + hit + after]):
            yield span


def _packed(text: str) -> str:
    return "".join(text.split())


def _numbered(marks: HoldMarks, numbers: Sequence[int]) -> HoldMarks:
    """Return `marks` with the numbers that pages show; reasons with one number are put together."""

    def spans(found: Iterable[Span]) -> tuple[Span, ...]:
        return tuple(replace(span, number=numbers[span.number]) for span in found)

    attachments: dict[int, dict[str, int]] = {}
    for number, counts in marks.attachments.items():
        mine = attachments.setdefault(numbers[number], {})
        for name, times in counts.items():
            mine[name] = max(times, mine.get(name, 0))
    return replace(
        marks,
        subject=spans(marks.subject),
        body=spans(marks.body),
        html=spans(marks.html),
        attachments=attachments,
        files=_together(marks.files, numbers),
        recipients=_together(marks.recipients, numbers),
    )


def _together(names: Mapping[int, tuple[str, ...]], numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for number, mine in names.items():
        found[numbers[number]] = tuple(dict.fromkeys((*found.get(numbers[number], ()), *mine)))
    return found


def _indexes(parsed: ParsedMessage) -> dict[str, int | None]:
    """Return the index of each attachment by its name, None for a name that several have."""
    found: dict[str, int | None] = {}
    for attachment in parsed.attachments:
        found[attachment.name] = None if attachment.name in found else attachment.index
    return found


def _ground(
    number: int, text: str, marks: HoldMarks, parsed: ParsedMessage, indexes: Mapping[str, int | None]
) -> Ground:
    texts = ((parsed.subject, marks.subject), (parsed.text, marks.body), (marks.html_text, marks.html))
    written = [
        (whole, span)
        for whole, spans in texts
        for span in sorted(spans, key=lambda span: span.start)
        if span.number == number
    ]
    counts = marks.attachments.get(number, {})
    many = len(written) + sum(counts.values()) >= MOST_MARKS
    files = [
        *(FilePlaces(name, indexes[name]) for name in marks.files.get(number, ()) if name in indexes),
        *(FilePlaces(name, indexes[name], times, many) for name, times in counts.items() if name in indexes),
    ]
    return Ground(
        number=number,
        text=text,
        excerpts=_excerpts(written),
        places=len(written),
        many=many,
        files=tuple(files),
    )


def _excerpts(written: Sequence[tuple[str, Span]]) -> tuple[Excerpt, ...]:
    """Return the first excerpts that each show a mark anew; the same words twice say nothing more."""
    found: dict[Excerpt, tuple[str, Span]] = {}
    for whole, span in written:
        if len(found) == EXCERPTS_SHOWN:
            break
        if not any(text is whole and shows(text, first, span) for text, first in found.values()):
            others = [other for text, other in written if text is whole]
            found.setdefault(excerpt(whole, span, others), (whole, span))
    return tuple(found)


def _known(files: Iterable[FilePlaces]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(file.index for file in files if file.index is not None))


def _turned(found: Mapping[int, Iterable[Key]]) -> dict[Key, tuple[int, ...]]:
    turned: dict[Key, list[int]] = {}
    for number, keys in found.items():
        for key in keys:
            turned.setdefault(key, []).append(number)
    return {key: tuple(numbers) for key, numbers in turned.items()}
