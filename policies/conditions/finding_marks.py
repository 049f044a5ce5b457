"""From what the detectors found to the places where it is written."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from mailhold.mime.pieces import Piece
from policies.detectors.folding import fold
from policies.facts import Facts, Finding
from policies.marks import Mark, Place

# How often one value is marked in the text of a mail whose table has it, and how long it is at most.
_MOST_TIMES = 3
_LONGEST_CELL = 200


def marks_of_findings(facts: Facts, findings: Iterable[Finding]) -> Iterator[Mark]:
    """Yield the marks of `findings`, in their order; those whose place nobody can tell have none."""
    pieces = facts.inspection.pieces
    rows: dict[int, list[int]] = {}
    for finding in findings:
        if not 0 <= finding.piece < len(pieces) or pieces[finding.piece].where != finding.where:
            continue
        piece = pieces[finding.piece]
        if not finding.table:
            yield from _in_text(facts, piece, finding)
        elif finding.where == Place.BODY:
            yield from _in_body(facts.content.body, _cell(piece, finding))
        elif not piece.text:
            starts = rows.setdefault(finding.piece, _starts_of_rows(piece))
            yield _in_table(piece, finding, starts[finding.start])


def _in_text(facts: Facts, piece: Piece, finding: Finding) -> Iterator[Mark]:
    if finding.where.startswith("attachment:"):
        yield _attached(finding, finding.start, finding.end)
    # The same text has been read twice: once for the words, once for the data.
    elif piece.text == (facts.content.subject if finding.where == Place.SUBJECT else facts.content.body):
        yield Mark(place=Place(finding.where), start=finding.start, end=finding.end)


def _in_body(body: str, cell: str) -> Iterator[Mark]:
    """Yield where the cell of a table of HTML stands in the text: the same datum, wherever it is by itself."""
    words = cell.split() if len(cell) <= _LONGEST_CELL else []
    if words:
        pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)")
        for found in islice(pattern.finditer(body), _MOST_TIMES):
            yield Mark(place=Place.BODY, start=found.start(), end=found.end())


def _in_table(piece: Piece, finding: Finding, row: int) -> Mark:
    """Return the mark in the text of the table (see `policies.facts.text_of`) whose row begins at `row`."""
    cell = _cell(piece, finding)
    start = row + sum(len(each) + 1 for each in piece.rows[finding.start][: finding.end])
    folded = fold(cell)
    at = folded.text.find(finding.value)
    # What was put together from several places, or brought into another form, is nowhere in the cell as it is.
    first, last = folded.span(at, at + len(finding.value)) if at >= 0 else (0, len(cell))
    return _attached(finding, start + first, start + last)


def _cell(piece: Piece, finding: Finding) -> str:
    return piece.rows[finding.start][finding.end]


def _starts_of_rows(piece: Piece) -> list[int]:
    return [0, *accumulate(sum(map(len, row)) + max(1, len(row)) for row in piece.rows)]


def _attached(finding: Finding, start: int, end: int) -> Mark:
    name = finding.where.partition(":")[2]
    return Mark(place=Place.ATTACHMENT, name=name, piece=finding.piece, start=start, end=end)
