"""Tables that were typed, or printed, as lines of text: a header line, and rows below it until an empty line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.detectors.document import Cell
from policies.detectors.tables import kind_of_header
from policies.detectors.vocabulary import OTHER

_SEPARATORS = tuple(re.compile(pattern) for pattern in (r"\t", r"\|", r" {2,}", r"[,;、]", r" "))
_SPACE = _SEPARATORS[-1]
_VALUE = re.compile(r"[0-9]{3}|@")
_LONGEST_HEADER = 200


@dataclass(frozen=True, slots=True)
class _Header:
    kinds: tuple[str, ...]
    separator: re.Pattern[str]


def typed_cells(folded: str) -> Iterator[Cell]:
    """Yield the cells below each header line. A row that divides otherwise than its header is one loose cell."""
    header: _Header | None = None
    start = 0
    for line in folded.split("\n"):
        found = _header_of(line)
        if found or not line.strip():
            header = found
        elif header:
            yield from _cells(line, start, header)
        start += len(line) + 1


def _header_of(line: str) -> _Header | None:
    if len(line) > _LONGEST_HEADER or _VALUE.search(line):
        return None
    for separator in _SEPARATORS:
        words = separator.split(line.strip(" |"))
        if len(words) < 2:
            continue
        kinds = tuple(kind_of_header(word) for word in words)
        known = sum(kind not in ("", OTHER) for kind in kinds)
        if known >= 2 and all(kind or not word.strip() for kind, word in zip(kinds, words, strict=True)):
            return _Header(kinds, separator)
    return None


def _cells(line: str, start: int, header: _Header) -> Iterator[Cell]:
    parts = _divided(line, header.separator)
    if len(parts) != len(header.kinds) or header.separator is _SPACE:
        if _VALUE.search(line):
            yield Cell(start, start + len(line), frozenset(header.kinds), loose=header.kinds)
        return
    for (first, last), kind in zip(parts, header.kinds, strict=True):
        yield Cell(start + first, start + last, frozenset({kind} if kind else ()))


def _divided(line: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    left = len(line) - len(line.lstrip(" |"))
    right = len(line.rstrip(" |"))
    parts: list[tuple[int, int]] = []
    for match in separator.finditer(line, left, right):
        parts.append((left, match.start()))
        left = match.end()
    return [*parts, (left, right)]
