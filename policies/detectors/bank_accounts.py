"""Bank accounts of Japan, and IBAN."""

import re
from collections.abc import Iterator

from stdnum import iban

from policies.detectors.document import Document, Span

_ACCOUNT = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.:-])[0-9](?:[ ・_-]?[0-9]){6}(?![0-9A-Za-z])(?![.:-][0-9])(?! ?(?:円|号|便|個|枚|台|人|名|点|件|冊))"
)
_OF_KIND = re.compile(
    r"(?:普通|当座|貯蓄|普\)|当\)|\b(?:ordinary|savings?|checking|current))(?:預金)?(?: ?(?:口座|account|acct))?(?:番号"
    r"| ?No\.?| ?number)?"
    r"[\s)）\]」:→/、,の・#-]{0,5}(?:番号|ナンバー|No\.?|number)?[\s:=→/・は#-]{0,5}(?P<number>[0-9](?:[ -]?[0-9]){6})"
    r"(?![0-9A-Za-z])(?![.:-][0-9])(?! ?(?:円|号|便|個|枚|台|人|名|点|件|冊))",
    re.IGNORECASE,
)
_POST_BANK = re.compile(
    r"(?:ゆうちょ|郵貯|郵便貯金|通常貯金|口座"
    r"|振込)[^\x1e]{0,40}?記号[ :は]{0,3}(?P<symbol>1[0-9]{4})[\s、,・/-]{0,4}番号[ :は]{0,3}(?P<number>[0-9]{2,8})(?![0-9])"
)
_CELL = re.compile(r"[0-9]{5,12}")
# Abroad accounts are longer; "your account 12345678" alone may be that of a customer.
_FOREIGN = re.compile(
    r"\b(?:account|acct|a/c)\b\.?(?: ?(?:numbers?|nos?\b\.?|num\b|#))?(?: is| was)?[ :.#=\x1f-]{0,4}"
    r"(?P<number>[0-9](?:[ -]?[0-9]){6,11})(?![0-9A-Za-z])(?![.:-][0-9])",
    re.IGNORECASE,
)
_OF_BANKING = re.compile(
    r"\b(?:banks?|wire|remit\w*|refunds?|deposit|routing|ABA|swift|BIC|sort code|checking|savings|beneficiary|payee|payroll)\b",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}(?![0-9A-Za-z])")


def bank_account(document: Document) -> Iterator[Span]:
    """口座番号: seven digits after the kind of account or its label, or below its header; up to eight at the post bank."""
    for match in _OF_KIND.finditer(document.text):
        yield Span("BANK_ACCOUNT", *match.span("number"))
    for match in _POST_BANK.finditer(document.text):
        yield Span("BANK_ACCOUNT", *match.span("number"))
    if _OF_BANKING.search(document.text):
        for match in _FOREIGN.finditer(document.text):
            yield Span("BANK_ACCOUNT", *match.span("number"))
    for match in _ACCOUNT.finditer(document.text):
        if document.says("BANK_ACCOUNT", *match.span()):
            yield Span("BANK_ACCOUNT", *match.span())
    for cell, text in document.cells_of("BANK_ACCOUNT"):
        if _CELL.fullmatch(text.strip()) and text.strip().strip("0"):
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("BANK_ACCOUNT", start, start + len(text.strip()))


def iban_account(document: Document) -> Iterator[Span]:
    """An IBAN whose country, length and check digits fit, with or without a label."""
    for match in _IBAN.finditer(document.text):
        words = match.group().split(" ")
        for count in range(len(words), 0, -1):
            candidate = " ".join(words[:count])
            if iban.is_valid(candidate):
                yield Span("IBAN", match.start(), match.start() + len(candidate))
                break
