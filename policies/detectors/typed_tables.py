"""Tables that were typed, or printed, as lines of text: a header line, and rows below it until an empty line."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from policies.detectors.document import UNKNOWN, Cell
from policies.detectors.tables import (
    are_family_names,
    are_western_names,
    holds,
    holds_no_person,
    kind_of_column,
    kind_of_header,
    kinds_in,
    kinds_of_headers,
)
from policies.detectors.vocabulary import OTHER
from policies.detectors.western_columns import may_name_persons

_TAB, _BAR, _WIDE, _SLASH, _COMMA, _SPACE = _SEPARATORS = tuple(
    re.compile(pattern) for pattern in (r"\t", r"\|", r" {2,}", r"(?<![^ ])/(?![^ ])", r"[,;、]", r" ")
)
_PLAIN = (_TAB, _BAR)  # that stand in no prose
_MOST_EMPTY = 3
_COMMA_OUTSIDE_QUOTES = re.compile(rf'"[^"\n]{{0,200}}"|(?P<cut>{_COMMA.pattern})')
_LONGEST_ALIGNED = 500  # characters of a line whose parts are looked up by their places
_VALUE = re.compile(r"[0-9]{3}|@")
_LETTER = re.compile(r"[^\W\d_]|[〒℡☎]")
_QUOTED = re.compile(r" {0,200}(?:> ?){0,9} *")
_COUNTED = re.compile(r"[(\[]?[0-9]{1,3}[)\]] {1,3}|[0-9]{1,3}\. {1,3}(?=[^0-9])")
_BLANKS = "> \t"
_LONGEST_HEADER = 200
_LONGEST_WORD = 24


@dataclass(frozen=True, slots=True)
class _Header:
    kinds: tuple[str, ...]
    separator: re.Pattern[str]
    columns: tuple[int, ...]  # where its words begin
    words: tuple[str, ...] = ()


def typed_cells(folded: str, narrowed: Collection[int] = ()) -> Iterator[Cell]:
    """Yield the cells below each header line. A row that divides otherwise than its header is one loose cell.

    `narrowed` are the places of letters that were twice as wide before they were folded.
    """
    header: _Header | None = None
    rows: list[list[Cell]] = []
    start = empty = 0  # `empty` lines stand before this one
    lines = folded.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        found = _header_of(line, below, start, narrowed)
        if found or not line.strip(_BLANKS):
            empty = 0 if found else empty + 1
            follows = found or (header if empty < _MOST_EMPTY else None)
        elif header and empty and not _goes_on(line, header):
            follows = None
        else:
            follows, empty = header, 0
        if follows is not header:
            yield from _completed(folded, rows, header)
            header, rows = follows, []
        if found:
            yield from _words_of_header(line, start, found)
        elif header and line.strip(_BLANKS):
            rows.append(list(_cells(line, start, header, narrowed)))
        start += len(line) + 1
    yield from _completed(folded, rows, header)


def _words_of_header(line: str, start: int, header: _Header) -> Iterator[Cell]:
    """Yield the words of a header line as cells of their own: none is the value of the one before."""
    for column, (first, last) in enumerate(_divided(line, header.separator)):
        if last > first:
            yield Cell(start + first, start + last, frozenset({UNKNOWN}), column=column)


def _completed(folded: str, rows: Sequence[Sequence[Cell]], header: _Header | None) -> Iterator[Cell]:
    """Yield the cells of a table, those of columns with unknown headers as what they hold."""
    unknown: dict[int, list[Cell]] = {}
    persons: dict[int, list[Cell]] = {}
    named: dict[int, list[Cell]] = {}
    for row in rows:
        for cell in row:
            if UNKNOWN in cell.kinds:
                unknown.setdefault(cell.column, []).append(cell)
            elif "PERSON" in cell.kinds and not cell.loose:
                persons.setdefault(cell.column, []).append(cell)
            elif header and OTHER in cell.kinds and may_name_persons(header.words[cell.column]):
                named.setdefault(cell.column, []).append(cell)
            else:
                yield cell
    western = _western_columns(folded, rows, header, (*unknown, *persons, *named)) if header else frozenset()
    for column, cells in named.items():
        yield from (
            replace(cell, kinds=frozenset({"PERSON"})) if column in western else cell for cell in cells
        )
    for column, cells in persons.items():
        texts = [folded[cell.start : cell.end] for cell in cells]
        things = column not in western and (holds_no_person(texts) or are_family_names(texts))
        yield from (replace(cell, kinds=frozenset({UNKNOWN})) if things else cell for cell in cells)
    beside = {kind for row in rows[:1] for cell in row for kind in cell.kinds}
    for column, cells in unknown.items():
        texts = [folded[cell.start : cell.end] for cell in cells]
        kind = "PERSON" if column in western else kind_of_column(texts, beside)
        yield from (replace(cell, kinds=frozenset({kind or UNKNOWN})) for cell in cells)


def _western_columns(
    folded: str, rows: Sequence[Sequence[Cell]], header: _Header, places: Collection[int]
) -> frozenset[int]:
    """Return which of the columns at these places hold names of persons that nobody knows."""
    columns: dict[int, list[str]] = {}
    for cell in (cell for row in rows for cell in row if not cell.loose):
        columns.setdefault(cell.column, []).append(folded[cell.start : cell.end])
    return frozenset(
        column
        for column in places
        if are_western_names(header.words[column], columns.get(column, ()), column, columns.values())
    )


def _goes_on(line: str, header: _Header) -> bool:
    """Tell whether a line behind empty ones is still a row of the table."""
    return header.separator in _PLAIN and len(_divided(line, header.separator)) == len(header.kinds)


def _header_of(line: str, below: str, place: int, narrowed: Collection[int]) -> _Header | None:
    if len(line) > _LONGEST_HEADER or _VALUE.search(line) or not _LETTER.search(line):
        return None
    for separator in _SEPARATORS:
        parts = _divided(line, separator) if separator.search(line) else []
        if len(parts) < 2:
            continue
        words = [line[start:end].strip(' "') for start, end in parts]
        kinds = kinds_of_headers(words)
        known = sum(kind not in ("", OTHER) for kind in kinds)
        if any(kinds) and _is_header(words, kinds, known, below, separator):
            return _Header(
                kinds,
                separator,
                tuple(_column(line, start, place, narrowed) for start, _ in parts),
                tuple(words),
            )
    return None


def _is_header(
    words: Sequence[str], kinds: Sequence[str], known: int, below: str, separator: re.Pattern[str]
) -> bool:
    """Tell whether each word is one of headers; some may be unknown where the line below falls into as many parts."""
    if separator is _SPACE and (len(set(kinds)) < 2 or _is_one_label(words)):
        return False
    complete = all(kind or not word for kind, word in zip(kinds, words, strict=True))
    if known >= 2 and complete:
        return True
    if (
        separator is _SPACE
        or not (_VALUE.search(below) or separator in _PLAIN)
        or not _fits(len(_divided(below, separator)), len(words), separator)
    ):
        return False
    some = known >= 2 or 2 * sum(map(bool, kinds)) > len(words)
    values = zip(kinds, (below[start:end] for start, end in _divided(below, separator)), strict=False)
    if separator in _PLAIN and any(kind not in ("", OTHER) and holds(kind, cell) for kind, cell in values):
        return True
    return complete or (some and all(len(word) <= _LONGEST_WORD for word in words))


def _fits(parts: int, words: int, separator: re.Pattern[str]) -> bool:
    """As many parts as words; columns that are aligned by blanks may be empty here and there."""
    return parts == words or (separator is _WIDE and words - 2 <= parts < words and parts >= 2)


def _is_one_label(words: Sequence[str]) -> bool:
    """Tell whether the words are one label, as "Contact phone" is; 氏名 電話 are two."""
    label = " ".join(words).strip("■●◆▼□○・*:[]()【】 ")
    return len(words) == 2 and label.isascii() and bool(kind_of_header(label))


def _cells(line: str, start: int, header: _Header, narrowed: Collection[int]) -> Iterator[Cell]:
    parts = _divided(line, header.separator)
    if header.separator is _TAB and 2 <= len(parts) < len(header.kinds):
        parts += [(0, 0)] * (len(header.kinds) - len(parts))  # the last cells are empty
    if len(parts) != len(header.kinds) and header.separator is _WIDE and len(line) <= _LONGEST_ALIGNED:
        parts = _below_columns(line, parts, header, start, narrowed)
    if len(parts) != len(header.kinds) or header.separator is _SPACE:
        enough = len(parts) >= len(header.kinds) or (
            header.separator is not _SPACE and 2 * len(parts) >= len(header.kinds)
        )
        if _VALUE.search(line) and enough:
            yield Cell(start, start + len(line), frozenset(header.kinds), loose=header.kinds)
        return
    for column, ((first, last), kind) in enumerate(zip(parts, header.kinds, strict=True)):
        if last > first:
            yield Cell(start + first, start + last, kinds_in(kind or UNKNOWN), column=column)


def _below_columns(
    line: str, parts: list[tuple[int, int]], header: _Header, place: int, narrowed: Collection[int]
) -> list[tuple[int, int]]:
    """Put each part below the word that begins at its place, and leave the other columns empty."""
    placed: dict[int, tuple[int, int]] = {}
    for part in parts:
        column = _column(line, part[0], place, narrowed)
        nearest = min(range(len(header.columns)), key=lambda at: abs(header.columns[at] - column))
        if abs(header.columns[nearest] - column) > 1 or nearest in placed:
            return parts
        placed[nearest] = part
    return [placed.get(at, (0, 0)) for at in range(len(header.columns))]


def _column(line: str, position: int, place: int, narrowed: Collection[int]) -> int:
    """Return how far to the right a place stands in letters of one width, of which Japanese ones take two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line[:position])
    return position + wide + sum(place + at in narrowed for at in range(position) if narrowed)


def _divided(line: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    quoted_from = _QUOTED.match(line)  # a mail that is answered
    left, right = quoted_from.end() if quoted_from else 0, len(line.rstrip(" "))
    counted = _COUNTED.match(line, left) if separator is _COMMA else None
    left = counted.end() if counted else left
    if separator is _BAR:  # around a row as well as between its cells
        left += line.startswith("|", left)
        right -= line.endswith("|", left, right)
    quoted = separator is _COMMA and '"' in line
    parts: list[tuple[int, int]] = []
    for match in (_COMMA_OUTSIDE_QUOTES if quoted else separator).finditer(line, left, right):
        if not quoted or match.group("cut"):
            parts.append((left, match.start()))
            left = match.end()
    parts.append((left, right))
    return [_trimmed(line, *part, quoted=quoted) for part in parts]


def _trimmed(line: str, start: int, end: int, *, quoted: bool) -> tuple[int, int]:
    """Leave out the blanks around a cell, and its quotes."""
    text = line[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    whole = quoted and end - start >= 2 and line[start] == '"'
    return (start + 1, end - 1) if whole else (start, max(start, end))
