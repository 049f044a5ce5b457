"""Telephone numbers: Japanese and international ones by their shape, others by their label or header."""

import re
from collections.abc import Callable, Iterator

import phonenumbers

from policies.detectors.digits import bare
from policies.detectors.document import Document, Span

_GAP = r"[ .・/)(_-]{1,2}"
_EDGE = r"(?<![0-9A-Za-z+])(?<![0-9][./:-])(?<![A-Z]-)"
_END = r"(?![0-9A-Za-z@])(?![./:-][0-9])"
_INTERNATIONAL = re.compile(rf"(?<![0-9A-Za-z])\+ ?[1-9](?:[ .)(-]{{0,2}}[0-9]){{7,14}}{_END}")
_JAPANESE = re.compile(
    rf"{_EDGE}\(?0(?:[0-9]{{1,4}}{_GAP}[0-9]{{1,4}}{_GAP}[0-9]{{3,4}}|[0-9]{{9,10}}"
    rf"|[5789]0{_GAP}[0-9]{{8}}|[0-9]{{1,3}}{_GAP}[0-9]{{6,7}}"
    rf"|[5789]0\n?[ -]?[0-9]{{4}}[ -]?\n?[0-9]{{4}}){_END}"
)
_AMERICAN = re.compile(
    rf"{_EDGE}(?:1[ .-])?\(?[2-9][0-9]{{2}}\)?[ .-]{{0,2}}[0-9]{{3}}[ .-]?[0-9]{{4}}(?: ?x ?[0-9]{{1,5}})?{_END}"
)
_AMERICAN_ALONE = re.compile(r"\(?[2-9][0-9]{2}\)?[ .-]{1,2}[2-9][0-9]{2}[.-][0-9]{4}\Z")
# Broken by the end of a line wherever that fell.
_BROKEN = re.compile(rf"{_EDGE}[(+0-9][0-9 .)(-]{{0,15}}\n[0-9 .)(-]{{0,14}}[0-9]{_END}")
_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{8,9}")
# The last group has four digits, but for numbers that anybody may call free of charge.
_GROUPS = re.compile(
    r"\(?0(?:[0-9]{1,4}[^0-9]{1,2}[0-9]{1,4}[^0-9]{1,2}[0-9]{4}|(?:120|800|570|990)[^0-9]{1,2}[0-9]{3}[^0-9]{1,2}[0-9]{3})\Z"
)

_SEPARATED = re.compile(r"[0-9][ .)(-]")

_TO_CALL = re.compile(r" ?(?:まで|へ|に(?:て)?(?:お)?(?:電話|ご?連絡|問い?合わ?せ))")


def phone(document: Document) -> Iterator[Span]:
    """Yield telephone numbers that are labelled, or that no label contradicts and a numbering plan knows."""
    for pattern, known in (
        (_INTERNATIONAL, _is_international),
        (_JAPANESE, _is_japanese),
        (_AMERICAN, _is_american),
        (_BROKEN, _is_broken),
    ):
        for match in pattern.finditer(document.text):
            if _counts(document, match, known):
                yield Span("PHONE", *_trimmed(match))
    for cell, text in document.cells_of("PHONE"):
        if _WITHOUT_ZERO.fullmatch(text.strip()):  # a sheet that took it for a quantity
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("PHONE", start, start + len(text.strip()))


def _counts(document: Document, match: re.Match[str], known: Callable[[str], bool]) -> bool:
    if document.says("PHONE", *match.span()):
        return len(bare(match.group())) in range(9, 16)
    named = document.directly_other("PHONE", *match.span()) and not _TO_CALL.match(document.text, match.end())
    return not named and known(match.group())


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    """A bracket that only opens is not of the number."""
    start, end = match.span()
    return (start + 1, end) if match.group().startswith("(") and ")" not in match.group() else (start, end)


def _is_international(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _is_japanese(text: str) -> bool:
    """Grouped as telephone numbers are, in ranges that are given out. Digits in a row could be anything."""
    digits = bare(text)
    if not _GROUPS.match(text) and not (digits[:3] in ("090", "080", "070") and len(digits) == 11):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "JP"))
    except phonenumbers.NumberParseException:
        return False


def _is_broken(text: str) -> bool:
    """What stands on two lines is a number, grouped as numbers are, only together."""
    whole = text.replace("\n", "")
    if not _SEPARATED.search(whole):
        return False
    return _is_international(whole) if whole.startswith("+") else _is_japanese(whole) or _is_american(whole)


def _is_american(text: str) -> bool:
    if not _AMERICAN_ALONE.match(text):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, "US"))
    except phonenumbers.NumberParseException:
        return False
