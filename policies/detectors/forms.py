"""Forms that were typed line by line, where a value is divided among several: family and given name, parts of an address.

Labels of whole values need no cells; `policies.detectors.document` finds what they govern.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.detectors.document import Cell
from policies.detectors.tables import PART

_LINE = re.compile(
    rf"^[ \t・■●◆▼□○>*-]{{0,4}}(?P<bracket>[【\[(「]?)(?P<label>(?:(?:お|ご)?(?:氏名|名前|住所) ?\((?=[^()\n]{{1,10}}\)))?(?:{PART.pattern})\)?|(?P<NAME>名前|name))(?: ?\([^()\n]{{1,8}}\))?[】\])」]?[ \t]{{0,3}}"
    r"(?:[:=→\t>]|->| {2}|(?<=[】\])」])|\n(?=[ \t]))[ \t]{0,12}(?P<value>[^\n]{0,80})$",
    re.IGNORECASE | re.MULTILINE,
)
_NEAR = 24  # characters between the value of one line and that of the next


def form_cells(folded: str, others: Sequence[Cell] = ()) -> tuple[Cell, ...]:
    """Return `others` and the values of such lines that stand in none of them, in order."""
    taken = sorted(others, key=lambda cell: cell.start)
    return tuple(sorted([*taken, *_outside(_cells(folded), taken)], key=lambda cell: cell.start))


def _outside(cells: Iterator[Cell], taken: Sequence[Cell]) -> Iterator[Cell]:
    """Both are in order of place."""
    at = 0
    for cell in cells:
        while at < len(taken) and taken[at].end <= cell.start:
            at += 1
        if at >= len(taken) or taken[at].start >= cell.end:
            yield cell


def _cells(folded: str) -> Iterator[Cell]:
    last: Cell | None = None
    for match in _LINE.finditer(folded):
        start = match.start("value")
        cell = Cell(start, start + len(match.group("value").rstrip()), frozenset({_kind(match)}))
        if match.group("NAME"):
            if not last or "FAMILY_NAME" not in last.kinds or start - last.end > _NEAR:
                continue
            cell = replace(cell, kinds=frozenset({"GIVEN_NAME"}))
        if cell.end > cell.start:
            yield cell
        last = cell


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind, words in match.groupdict().items() if words and kind.isupper())
