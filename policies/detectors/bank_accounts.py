"""Bank accounts of Japan, and IBAN."""

import re
from collections.abc import Iterator

from stdnum import iban

from policies.detectors.document import Document, Span

_ACCOUNT = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.:-])[0-9](?:[ ・_-]?[0-9]){6}(?![0-9A-Za-z])(?![.:-][0-9])(?! ?(?:円|号|便|個|枚|台|人|名(?!義)|点|件|冊))"
)
_OF_KIND = re.compile(
    r"(?:普通|当座|貯蓄|普\)|当\)|\b(?:ordinary|savings?|checking|current))(?:預金)?(?: ?(?:口座|account|acct))?(?:番号"
    r"| ?No\.?| ?number)?"
    r"[\s)）\]」:→/、,の・#-]{0,5}(?:番号|ナンバー|No\.?|number)?[\s:=→/・は#-]{0,5}(?P<number>[0-9](?:[ -]?[0-9]){6})"
    r"(?![0-9A-Za-z])(?![.:-][0-9])(?! ?(?:円|号|便|個|枚|台|人|名(?!義)|点|件|冊))",
    re.IGNORECASE,
)
_POST_BANK = re.compile(
    r"(?:ゆうちょ|郵貯|郵便貯金|通常貯金|口座"
    r"|振込)[^\x1e]{0,40}?記号[ :は]{0,3}(?P<symbol>1[0-9]{4})[\s、,・/-]{0,4}番号[ :は]{0,3}(?P<number>[0-9]{2,8})(?![0-9])"
)
_CELL = re.compile(r"[0-9]{5,12}")
_REACH_OF_BOOKING = 80  # characters
_LINE_END = re.compile(r"[\n\x1e]")
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
# Of bookkeeping: what stands behind 普通預金 is an amount.
_LEDGER = re.compile(
    r"仕訳|借方|貸方|残高|売掛|買掛|借入|勘定|計上|試算|振替|前払|未払|未収|預り金|定期預金[^\n]{0,20}合計|小計|売上|仕入|経費|現金"
)
_BOOKS = re.compile(r"(?:勘定科目|借方|貸方)[^\x1e]*\x1e")  # headers of their tables
_ACCOUNT_NAMED = re.compile(r"口座(?!残高)|銀行|信金|信用金庫|支店|本店|店番|名義|振込|引き?落と?し")
_BALANCE = re.compile(r"(?:残高|残|合計|増減|金額)[^0-9\n]{0,12}\Z")
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}(?![0-9A-Za-z])")


def bank_account(document: Document) -> Iterator[Span]:
    """口座番号: seven digits after the kind of account or its label, or below its header; up to eight at the post bank."""
    books = bool(_BOOKS.search(document.text)) and "口座" not in document.text
    for match in () if books else _OF_KIND.finditer(document.text):
        if not _is_amount(document, match.start("number")):
            yield Span("BANK_ACCOUNT", *match.span("number"))
    for match in _POST_BANK.finditer(document.text):
        yield Span("BANK_ACCOUNT", *match.span("number"))
    if _OF_BANKING.search(document.text):
        for match in _FOREIGN.finditer(document.text):
            yield Span("BANK_ACCOUNT", *match.span("number"))
    for match in () if books else _ACCOUNT.finditer(document.text):
        if document.says("BANK_ACCOUNT", *match.span()) and not _is_amount(document, match.start()):
            yield Span("BANK_ACCOUNT", *match.span())
    for cell, text in () if books else document.cells_of("BANK_ACCOUNT"):
        if _CELL.fullmatch(text.strip()) and text.strip().strip("0"):
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("BANK_ACCOUNT", start, start + len(text.strip()))


def _is_amount(document: Document, start: int) -> bool:
    """Tell whether it is what lies on an account, or is booked."""
    before = document.text[max(0, start - _REACH_OF_BOOKING) : start]
    behind = document.text[start : start + _REACH_OF_BOOKING]
    line = _LINE_END.split(before)[-1] + _LINE_END.split(behind, maxsplit=1)[0]
    booked = "預金" in before and _LEDGER.search(line) and not _ACCOUNT_NAMED.search(line)
    return bool(booked or _BALANCE.search(document.text, max(0, start - 20), start))


def iban_account(document: Document) -> Iterator[Span]:
    """An IBAN whose country, length and check digits fit, with or without a label."""
    for match in _IBAN.finditer(document.text):
        words = match.group().split(" ")
        for count in range(len(words), 0, -1):
            candidate = " ".join(words[:count])
            if iban.is_valid(candidate):
                yield Span("IBAN", match.start(), match.start() + len(candidate))
                break
