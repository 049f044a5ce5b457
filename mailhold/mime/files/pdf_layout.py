"""The lines of a PDF page as they lie on the paper, with its tables: cells beside each other, divided by tabs.

A PDF says where each piece of text stands, and nothing of rows and columns. Many programs write a table cell by cell, so
that its text alone loses which value stands below which header. Here pieces of one height become a line, places where
several lines begin anew become columns, and lines that are closer than the rows of their table become one row.
"""

import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_FEWEST_LINES = 2  # that make a column
_MOST_PIECES = 20_000  # of one page; beyond, its text stays as it is
_LONGEST_CELL = 25  # characters, in the middle of all: longer ones are two columns of prose
_WIDE = frozenset("WFA")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with the place of its beginning, in points from the lower left corner, and the size of its font."""

    x: float
    y: float
    size: float
    text: str

    @property
    def end(self) -> float:
        """Where it ends, by the usual widths of characters."""
        return self.x + self.size * sum(_width(character) for character in self.text)


@dataclass(slots=True)
class _Line:
    y: float
    size: float
    pieces: list[Piece]

    def starts(self) -> list[float]:
        return [piece.x for piece in self.pieces]


def laid_out(pieces: Sequence[Piece]) -> str:
    """Return the text of a page that holds tables, line by line; "" for a page without them."""
    if len(pieces) > _MOST_PIECES:
        return ""
    lines = [_joined(line) for line in _lines(pieces)]
    blocks = list(_blocks(lines))
    if not any(_is_table(block) for block in blocks):
        return ""
    written: list[str] = []
    for block in blocks:
        written += _table(block) if _is_table(block) else [_prose(line) for line in block]
    return "\n".join(written)


def _width(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in _WIDE else 0.5


def _lines(pieces: Iterable[Piece]) -> list[_Line]:
    lines: list[_Line] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.y, piece.x)):
        if lines and abs(lines[-1].y - piece.y) <= 0.4 * piece.size:
            lines[-1].pieces.append(piece)
        else:
            lines.append(_Line(piece.y, piece.size, [piece]))
    for line in lines:
        line.pieces.sort(key=lambda piece: piece.x)
    return lines


def _joined(line: _Line) -> _Line:
    """Join what follows without a gap: a word that was written in several pieces."""
    joined: list[Piece] = []
    for piece in line.pieces:
        last = joined[-1] if joined else None
        if last and not piece.text[:1].isspace() and abs(piece.x - last.end) <= 0.25 * piece.size:
            joined[-1] = Piece(last.x, last.y, last.size, last.text + piece.text)
        else:
            joined.append(piece)
    return _Line(line.y, line.size, joined)


class _Block:
    """Lines that belong together, and where their pieces begin."""

    def __init__(self, line: _Line) -> None:
        self.lines = [line]
        self._single = len(line.pieces) == 1
        self._starts = set(map(round, line.starts()))
        self._first = min(self._starts)

    def takes(self, line: _Line) -> bool:
        """Take `line` if it goes on with this block: tables end, and begin, where lines of one piece meet lines of several."""
        if not self._goes_on(line):
            return False
        self.lines.append(line)
        self._single = self._single and len(line.pieces) == 1
        self._starts.update(map(round, line.starts()))
        self._first = min(self._first, round(line.pieces[0].x))
        return True

    def _goes_on(self, line: _Line) -> bool:
        if self.lines[-1].y - line.y > 4 * line.size:
            return False
        if len(line.pieces) > 1:
            return not self._single or (len(self.lines) == 1 and self._hangs_over(line))
        # A lone piece is of a table where it begins as a column does, other than the first.
        start = round(line.pieces[0].x)
        return self._single or (start in self._starts and start != self._first)

    def _hangs_over(self, line: _Line) -> bool:
        """Tell whether the one line that is here is the beginning of a cell of `line`, which stands at its foot."""
        return bool(self._starts & set(map(round, line.starts()[1:])))


def _blocks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    block: _Block | None = None
    for line in lines:
        if block and block.takes(line):
            continue
        if block:
            yield block.lines
        block = _Block(line)
    if block:
        yield block.lines


def _is_table(block: Sequence[_Line]) -> bool:
    several = [line for line in block if len(line.pieces) >= 2]
    if len(several) < _FEWEST_LINES or len(_columns(block)) < 2:
        return False
    return statistics.median(len(piece.text) for line in several for piece in line.pieces) <= _LONGEST_CELL


def _columns(block: Sequence[_Line]) -> list[float]:
    """Return where columns begin: places at which two lines or more begin a piece."""
    counted = Counter(round(start) for line in block for start in line.starts())
    columns: list[float] = []
    for start in sorted(counted):
        if columns and start - columns[-1] <= 2:
            continue
        if counted[start] + counted.get(start + 1, 0) >= _FEWEST_LINES:
            columns.append(start)
    return columns


def _table(block: Sequence[_Line]) -> list[str]:
    columns = _columns(block)
    rows: list[list[str]] = []
    last: _Line | None = None
    for line in block:
        cells = _cells(line, columns)
        if last and _continues(last, line, len(columns)):
            rows[-1] = [_continued(before, more) for before, more in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
        last = line
    return ["\t".join(row) for row in rows]


def _cells(line: _Line, columns: Sequence[float]) -> list[str]:
    cells = [""] * len(columns)
    for piece in line.pieces:
        at = max((number for number, start in enumerate(columns) if start <= piece.x + 2), default=0)
        text = " ".join(piece.text.split("\t")).strip()
        cells[at] = f"{cells[at]} {text}" if cells[at] and text else cells[at] or text
    return cells


def _continues(above: _Line, below: _Line, columns: int) -> bool:
    """Tell whether two lines are of one row: as close as the lines of a text, and one of them fills few columns."""
    few = min(len(above.pieces), len(below.pieces))
    return above.y - below.y <= 1.45 * above.size and 2 * few <= columns


def _continued(before: str, more: str) -> str:
    if not before or not more:
        return before or more
    words = before[-1].isascii() and more[0].isascii() and before[-1].isalpha() and more[0].isalpha()
    return f"{before} {more}" if words and "@" not in before else before + more


def _prose(line: _Line) -> str:
    written = line.pieces[0].text
    for before, piece in zip(line.pieces, line.pieces[1:], strict=False):
        gap = piece.x - before.end
        spaced = gap > 0.15 * piece.size and not written[-1:].isspace() and not piece.text[:1].isspace()
        written += (" " if spaced else "") + piece.text
    return written.strip()
