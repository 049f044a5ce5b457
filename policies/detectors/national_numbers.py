"""Numbers that a state gives: Individual and Corporate Number of Japan, Social Security number of the USA."""

import re
from collections.abc import Iterator

from stdnum.jp import cn, in_
from stdnum.us import ssn

from policies.detectors.digits import bare, checked, grouped, in_every_line
from policies.detectors.document import Document, Span

_INVOICE_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])T ?-?(?P<number>[0-9](?:[ -]?[0-9]){12})(?![0-9A-Za-z])(?![.:-][0-9])"
)
_SSN = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.-])[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{4}(?![0-9A-Za-z])(?![.-][0-9])"
)


def my_number(document: Document) -> Iterator[Span]:
    """個人番号: twelve digits, the last a check digit."""
    yield from checked(document, "MY_NUMBER", grouped(12), _individual)
    yield from in_every_line(document, "MY_NUMBER", grouped(12), _individual)


def _individual(number: str) -> bool:
    return bool(in_.is_valid(number))


def corporate_number(document: Document) -> Iterator[Span]:
    """法人番号: thirteen digits, the first a check digit; with T before it, the number of a qualified invoice issuer."""
    yield from checked(
        document, "CORPORATE_NUMBER", grouped(13, before=r"(?<![0-9A-SU-Za-z])(?<![0-9][.:-])"), _corporate
    )
    for match in _INVOICE_NUMBER.finditer(document.text):
        harmless = document.directly_other("CORPORATE_NUMBER", *match.span())
        if not harmless and _corporate(bare(match.group())):
            yield Span("CORPORATE_NUMBER", *match.span("number"))


def _corporate(number: str) -> bool:
    return bool(cn.is_valid(number))


def us_ssn(document: Document) -> Iterator[Span]:
    """Nine digits, of ranges that are given out; said to be one by its label or header."""
    for match in _SSN.finditer(document.text):
        if not _given_out(bare(match.group())):
            continue
        divided = not match.group().isdigit()
        unsaid = divided and "US_SSN" in document.topics and document.is_open("US_SSN", *match.span())
        if unsaid or document.says("US_SSN", *match.span()):
            yield Span("US_SSN", *match.span())


def _given_out(number: str) -> bool:
    return bool(ssn.is_valid(number))
