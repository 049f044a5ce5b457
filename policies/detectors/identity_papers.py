"""Driver's licences and passports of Japan."""

import re
from collections.abc import Iterator

from policies.detectors.digits import checked, grouped
from policies.detectors.document import Document, Span

_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ABBREVIATIONS = frozenset({"ID", "NO", "SN", "PN", "CD", "PO", "ER", "VER"})
_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[ -]?[0-9](?:[ -]?[0-9]){6}(?![0-9A-Za-z])(?!-[0-9])", re.IGNORECASE
)


def driver_license(document: Document) -> Iterator[Span]:
    """運転免許証番号: twelve digits, the eleventh a check digit, the last counts reissues."""
    return checked(document, "DRIVER_LICENSE", grouped(12), is_license)


def is_license(number: str) -> bool:
    """Tell whether twelve digits can be a Japanese driver's licence."""
    if len(number) != 12:
        return False
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11
    return int(number[10]) == (0 if rest <= 1 else 11 - rest)


def passport(document: Document) -> Iterator[Span]:
    """旅券番号: two letters and seven digits, no check digit; said to be one by its label or header."""
    for match in _PASSPORT.finditer(document.text):
        series = match.group()[:2].upper() not in _ABBREVIATIONS
        unsaid = series and "PASSPORT" in document.topics and document.is_open("PASSPORT", *match.span())
        if unsaid or document.says("PASSPORT", *match.span()):
            yield Span("PASSPORT", *match.span())
