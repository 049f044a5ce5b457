"""What the marks of a message's reasons look like on the page for trying: its texts, cut around them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from approvals.marked import Passage, Run, Span, passages, runs
from mailhold.mime.pieces import InspectedFile, Piece
from policies.facts import Facts, text_of
from policies.marks import Mark, Place
from policies.verdict import Reason

# Of all reasons together, and texts of attachments.
MOST_SHOWN = 300
MOST_ATTACHED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedText:
    """A text of an attachment, around its marks. `path` leads to it; `lined` where its lines are those of the file."""

    path: tuple[str, ...]
    hidden: bool
    lined: bool
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedFile:
    """An attachment that is meant itself, by the reasons with these numbers; `first` are those that mark nothing before."""

    name: str
    numbers: tuple[int, ...]
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """A message with what its reasons mark, in the order in which it is shown. `numbers` has those that mark something."""

    numbers: Mapping[Reason, int]
    subject: tuple[Run, ...]
    body: tuple[Passage, ...]
    files: tuple[MarkedFile, ...]
    attached: tuple[AttachedText, ...]
    more: bool  # than are shown


def places_of(facts: Facts, marks: Mapping[Reason, Sequence[Mark]]) -> Places:
    """Return the places that `marks` point at; recipients are not among them, as the page tells of each by itself."""
    pointing = {
        reason: mine
        for reason, found in marks.items()
        if (mine := [mark for mark in found if mark.place is not Place.RECIPIENT])
    }
    numbers = {reason: number for number, reason in enumerate(pointing, 1)}
    every = [(numbers[reason], mark) for reason, mine in pointing.items() for mark in mine]
    kept = every[:MOST_SHOWN]
    in_subject, in_body = _spans(kept, Place.SUBJECT), _spans(kept, Place.BODY)
    begun = {span.number for span in in_subject}
    begun_in_texts = begun | {span.number for span in in_body}
    files = _files(kept, begun_in_texts)
    attached = _attached(facts, kept, begun_in_texts | {number for file in files for number in file.numbers})
    return Places(
        numbers=numbers,
        subject=runs(facts.content.subject, in_subject),
        body=passages(facts.content.body, in_body, begun),
        files=files,
        attached=attached[:MOST_ATTACHED],
        more=len(every) > MOST_SHOWN or len(attached) > MOST_ATTACHED,
    )


def _spans(marks: Iterable[tuple[int, Mark]], place: Place) -> list[Span]:
    return [Span(number, mark.start, mark.end) for number, mark in marks if mark.place is place]


def _attached(facts: Facts, marks: Sequence[tuple[int, Mark]], begun: set[int]) -> tuple[AttachedText, ...]:
    of_pieces: dict[int, list[tuple[int, Mark]]] = {}
    for number, mark in marks:
        if mark.place is Place.ATTACHMENT:
            of_pieces.setdefault(mark.piece, []).append((number, mark))
    found = []
    for at, mine in sorted(of_pieces.items()):
        piece, spans = facts.inspection.pieces[at], _spans(mine, Place.ATTACHMENT)
        found.append(
            AttachedText(
                path=piece.path,
                hidden=piece.hidden,
                lined=_is_lined(piece, facts.inspection.files),
                passages=passages(text_of(piece), spans, begun),
            )
        )
        begun = begun | {span.number for span in spans}
    return tuple(found)


def _is_lined(piece: Piece, files: Iterable[InspectedFile]) -> bool:
    """Tell whether the lines of `piece` are those of the file: tables lose empty rows, documents have paragraphs."""
    return bool(piece.text) and any(
        file.path == piece.path and file.detected_type.startswith("text/plain") for file in files
    )


def _files(marks: Iterable[tuple[int, Mark]], begun: set[int]) -> tuple[MarkedFile, ...]:
    found: dict[str, dict[int, None]] = {}
    for number, mark in marks:
        if mark.place is Place.FILE:
            found.setdefault(mark.name, {})[number] = None
    files = []
    for name, numbers in found.items():
        first = tuple(number for number in numbers if number not in begun)
        files.append(MarkedFile(name=name, numbers=tuple(numbers), first=first))
        begun = begun | set(first)
    return tuple(files)
