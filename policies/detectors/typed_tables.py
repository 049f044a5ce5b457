"""Tables that were typed, or printed, as lines of text: a header line, and rows below it until an empty line."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.detectors.document import Cell
from policies.detectors.tables import kinds_of_headers
from policies.detectors.vocabulary import OTHER

_TAB, _BAR, _WIDE, _SLASH, _COMMA, _SPACE = _SEPARATORS = tuple(
    re.compile(pattern) for pattern in (r"\t", r"\|", r" {2,}", r" / ", r"[,;、]", r" ")
)
_PLAIN = (_TAB, _BAR)  # that stand in no prose
_MOST_EMPTY = 3
_QUOTED = re.compile(r'"[^"\n]{0,200}"')
_VALUE = re.compile(r"[0-9]{3}|@")
_LONGEST_HEADER = 200
_LONGEST_WORD = 24


@dataclass(frozen=True, slots=True)
class _Header:
    kinds: tuple[str, ...]
    separator: re.Pattern[str]
    columns: tuple[int, ...]  # where its words begin


def typed_cells(folded: str) -> Iterator[Cell]:
    """Yield the cells below each header line. A row that divides otherwise than its header is one loose cell."""
    header: _Header | None = None
    start = empty = 0  # `empty` lines stand before this one
    lines = folded.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        found = _header_of(line, below)
        if found or not line.strip():
            empty = 0 if found else empty + 1
            header = found or (header if empty < _MOST_EMPTY else None)
        elif header:
            if empty and not _goes_on(line, header):
                header = None
            else:
                yield from _cells(line, start, header)
            empty = 0
        start += len(line) + 1


def _goes_on(line: str, header: _Header) -> bool:
    """Tell whether a line behind empty ones is still a row of the table."""
    return header.separator in _PLAIN and len(_divided(line, header.separator)) == len(header.kinds)


def _header_of(line: str, below: str) -> _Header | None:
    if len(line) > _LONGEST_HEADER or _VALUE.search(line):
        return None
    for separator in _SEPARATORS:
        parts = _divided(line, separator)
        if len(parts) < 2:
            continue
        words = [line[start:end].strip(' "') for start, end in parts]
        kinds = kinds_of_headers(words)
        known = sum(kind not in ("", OTHER) for kind in kinds)
        if known and _is_header(words, kinds, known, below, separator):
            return _Header(kinds, separator, tuple(_column(line, start) for start, _ in parts))
    return None


def _is_header(
    words: Sequence[str], kinds: Sequence[str], known: int, below: str, separator: re.Pattern[str]
) -> bool:
    """Tell whether each word is one of headers; some may be unknown where the line below falls into as many parts."""
    complete = all(kind or not word for kind, word in zip(kinds, words, strict=True))
    if known >= 2 and complete:
        return True
    if separator is _SPACE or not _VALUE.search(below) or len(_divided(below, separator)) != len(words):
        return False
    return complete or (known >= 2 and all(len(word) <= _LONGEST_WORD for word in words))


def _cells(line: str, start: int, header: _Header) -> Iterator[Cell]:
    parts = _divided(line, header.separator)
    if len(parts) != len(header.kinds) and header.separator is _WIDE:
        parts = _below_columns(line, parts, header)
    if len(parts) != len(header.kinds) or header.separator is _SPACE:
        enough = header.separator is _SPACE or 2 * len(parts) >= len(header.kinds)
        if _VALUE.search(line) and enough:
            yield Cell(start, start + len(line), frozenset(header.kinds), loose=header.kinds)
        return
    for (first, last), kind in zip(parts, header.kinds, strict=True):
        if last > first:
            yield Cell(start + first, start + last, frozenset({kind} if kind else ()))


def _below_columns(line: str, parts: list[tuple[int, int]], header: _Header) -> list[tuple[int, int]]:
    """Put each part below the word that begins at its place, and leave the other columns empty."""
    placed: dict[int, tuple[int, int]] = {}
    for part in parts:
        column = _column(line, part[0])
        nearest = min(range(len(header.columns)), key=lambda at: abs(header.columns[at] - column))
        if abs(header.columns[nearest] - column) > 1 or nearest in placed:
            return parts
        placed[nearest] = part
    return [placed.get(at, (0, 0)) for at in range(len(header.columns))]


def _column(line: str, position: int) -> int:
    """Return how far to the right a place stands in letters of one width, of which Japanese ones take two."""
    return position + sum(unicodedata.east_asian_width(character) in "WF" for character in line[:position])


def _divided(line: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    left, right = len(line) - len(line.lstrip(" ")), len(line.rstrip(" "))
    if separator is _BAR:  # around a row as well as between its cells
        left += line.startswith("|", left)
        right -= line.endswith("|", left, right)
    quoted = [match.span() for match in _QUOTED.finditer(line)] if separator is _COMMA else []
    parts: list[tuple[int, int]] = []
    for match in separator.finditer(line, left, right):
        if not any(start < match.start() < end for start, end in quoted):
            parts.append((left, match.start()))
            left = match.end()
    parts.append((left, right))
    return [_within_quotes(line, *part) for part in parts] if quoted else parts


def _within_quotes(line: str, start: int, end: int) -> tuple[int, int]:
    return (start + 1, end - 1) if line[start:end].startswith('"') and end - start >= 2 else (start, end)
