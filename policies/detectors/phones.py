"""Telephone numbers: Japanese and international ones by their shape, others by their label or header."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import phonenumbers

from policies.detectors.digits import bare
from policies.detectors.document import LINE_ENDS, ROW_END, UNKNOWN, Document, Span, find_labels
from policies.detectors.names import NAME, is_known, is_possible
from policies.detectors.vocabulary import OTHER

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
# Complete before the end of the line: what follows is the next line's, a quantity or the number of a row.
_IS_NEXT_LINES = re.compile(r"[0-9][ .)-][0-9]{4}\n[ ]{0,3}[0-9]{1,2}\Z")
_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{8,9}")
# The last group has four digits, but for numbers that anybody may call free of charge.
_GROUPS = re.compile(
    r"\(?0(?:[0-9]{1,4}[^0-9]{1,2}[0-9]{1,4}[^0-9]{1,2}[0-9]{4}|(?:120|800|570|990)[^0-9]{1,2}[0-9]{3}[^0-9]{1,2}[0-9]{3})\Z"
)

_SEPARATED = re.compile(r"[0-9][ .)(-]")

# Between two numbers of one list: "型番 …、…", or one below the other.
_LISTED = re.compile(r"(?:[\s,、;/・&*-]|->|→){1,6}(?:(?:and|or|と|及び|および|または)[ ・]?)?")
_FEW = 3  # numbers of one line
_LONGEST_HEADER = 24
_REACH = 24
_LONGEST_LINE = 80  # characters to both sides that are looked at
_NUMBERS_OF = re.compile(
    r"(?!.*(?:TEL|tel|phone|fax|mobile)).+[^ぁ-ん](?:No\.?|NO\.?|#|番号|コード|ID|[Cc]ode|[Nn]umber)"
)
# Quantities and prices.
_GOODS = re.compile(
    r"(?<![0-9.])[0-9]{1,3}(?:,?[0-9]{3})? ?(?:pcs|pieces|pc|ea|units?|sets?|boxes|rolls|pallets|個|本|枚|台|箱|袋|ケース|セット|缶)(?![a-z一-鿿]|の携帯|の電話)"
    r"|\b(?:qty|quantity|ea)\b|数量|単価|[$€£¥][0-9 ]|\b(?:EUR|USD|JPY|GBP) ?[0-9]|[0-9]円",
    re.IGNORECASE,
)
# A small number that stands in a column of its own, or ends the line.
_COUNT = re.compile(
    r"(?:[,\t|;\x1f]| {2}) {0,3}[0-9]{1,4} {0,3}(?=[,\t|;\x1f]| {2}|\Z)|(?<=[^0-9-] )[0-9]{1,4}\Z"
)
_MOBILE = re.compile(r"\+|\(?0[5-9]0|0120|0800")
_PARTS_OF_LINE = re.compile(r"[,\t|;\x1f\n]| {2,}|(?<=[一-鿿ァ-ヶー]) (?=[0-9])")
_CALLED = re.compile(
    r"[@様氏]|さん|\b(?:Mr|Ms|Mrs|Dr)\b|株式会社|会社|病院|店|支[社店]|ext\b|内線", re.IGNORECASE
)
_NAME = re.compile(NAME)
_DIGIT = re.compile(r"[0-9]")
_REPLACED_BY = re.compile(r" {0,3}(?:->|=>|→|>) {0,3}(?P<other>[0-9][0-9() .-]{7,14}[0-9])")
_REPLACES = re.compile(r"(?P<other>[0-9][0-9() .-]{7,14}[0-9]) {0,3}(?:->|=>|→|>) {0,3}\Z")
_NATIONAL = phonenumbers.PhoneNumberFormat.NATIONAL
_TO_CALL = re.compile(r" ?(?:まで|へ|に(?:て)?(?:お)?(?:電話|ご?連絡|問い?合わ?せ))")


def phone(document: Document) -> Iterator[Span]:
    """Yield telephone numbers that are labelled, or that no label contradicts and a numbering plan knows."""
    things: list[re.Match[str]] = []  # numbers that are called something else
    for match, known in sorted(_candidates(document.text), key=lambda one: one[0].start()):
        if document.says("PHONE", *match.span()):
            counts = len(bare(match.group())) in range(9, 16)
        elif _is_named(document, match, things):
            counts = False
            if known is not _is_broken:
                things.append(match)
        else:
            counts = known(match.group())
        if counts and not _IS_NEXT_LINES.search(match.group()):
            yield Span("PHONE", *_trimmed(match))
    for cell, text in document.cells_of("PHONE"):
        if _WITHOUT_ZERO.fullmatch(text.strip()):  # a sheet that took it for a quantity
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("PHONE", start, start + len(text.strip()))


def _candidates(text: str) -> Iterator[tuple[re.Match[str], Callable[[str], bool]]]:
    for pattern, known in (
        (_INTERNATIONAL, _is_international),
        (_JAPANESE, _is_japanese),
        (_AMERICAN, _is_american),
        (_BROKEN, _is_broken),
    ):
        for match in pattern.finditer(text):
            yield match, known


def _is_named(document: Document, match: re.Match[str], things: Sequence[re.Match[str]]) -> bool:
    """Tell whether the number is called something else, itself or with the ones that it is listed with."""
    if _TO_CALL.match(document.text, match.end()):
        return False
    named = document.directly_other("PHONE", *match.span()) or document.below_other(match.start())
    return (
        named
        or any(_are_listed(document, thing, match) for thing in things[-_FEW:])
        or _is_below_thing(document, match.start())
        or _is_of_goods(document, match)
    )


def _are_listed(document: Document, one: re.Match[str], other: re.Match[str]) -> bool:
    """Tell whether two numbers stand beside each other, or both first in two lines, one below the other."""
    text = document.text
    if _LISTED.fullmatch(text, one.end(), other.start()):
        return True
    first, end = _line(text, one)
    second, _ = _line(text, other)
    heads = not text[first : one.start()].strip() and not text[second : other.start()].strip()
    return heads and second == end + 1 and _shape(one.group()) == _shape(other.group())


def _line(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return start and end of the line around a number, as far as it is looked at."""
    far, further = max(0, match.start() - _LONGEST_LINE), match.end() + _LONGEST_LINE
    start = max(text.rfind(end, far, match.start()) for end in LINE_ENDS) + 1
    ends = [at for at in (text.find(end, match.end(), further) for end in LINE_ENDS) if at >= 0]
    return start or far, min(ends, default=min(further, len(text)))


def _shape(text: str) -> str:
    return _DIGIT.sub("0", text.strip())


def _is_of_goods(document: Document, match: re.Match[str]) -> bool:
    """Tell whether the line tells of goods, in pieces and prices, or of a number that another one replaces."""
    start, end = _line(document.text, match)
    before, after = document.text[start : match.start()], document.text[match.end() : end]
    if _is_counted(before, after, match) and not _names_somebody(before, after):
        return True
    shape = _shape(match.group())
    beside = (
        _REPLACED_BY.match(document.text, match.end()),
        _REPLACES.search(document.text, max(start, match.start() - _REACH), match.start()),
    )
    replaced = any(other and _shape(other.group("other")) == shape for other in beside)
    return replaced and not document.names("PHONE", match.start() - _LONGEST_LINE, match.start())


def _is_counted(before: str, after: str, match: re.Match[str]) -> bool:
    """Tell whether the line counts or prices something: "617-558-1527  shaft seal  4". Mobile telephones need more."""
    counts = len(_COUNT.findall(before)) + len(_COUNT.findall(after))
    if _MOBILE.match(match.group()):
        return counts > 1
    return counts > 0 or bool(_GOODS.search(f"{before} {after}"))


def _names_somebody(before: str, after: str) -> bool:
    """Tell whether somebody is named who could be called."""
    if _CALLED.search(f"{before} {after}"):
        return True
    words = (word.strip() for word in _PARTS_OF_LINE.split(f"{before}\n{after}"))
    return any(
        _NAME.fullmatch(word) and (is_known(word) or (" " in word and is_possible(word)))
        for word in words
        if word
    )


def _is_below_thing(document: Document, start: int) -> bool:
    """Tell whether the column begins with the name of a thing, in a table of which no header is known."""
    cell = document.cell(start)
    end_of_first = document.text.find(ROW_END, 0, start)
    if not cell or (cell.kinds and UNKNOWN not in cell.kinds) or end_of_first < 0:
        return False
    firsts = takewhile(lambda first: first.start < end_of_first, document.cells)
    top = next((first for first in firsts if first.column == cell.column), cell)
    word = document.text[top.start : top.end].strip()
    if top is cell or len(word) > _LONGEST_HEADER:
        return False
    kinds = {label.kind for label in find_labels(word) if label.end == len(word)}
    return OTHER in kinds or (not kinds and bool(_NUMBERS_OF.fullmatch(word)))


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
        number = phonenumbers.parse(digits, "JP")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and _begins_as_written(text, number)


def _begins_as_written(text: str, number: phonenumbers.PhoneNumber) -> bool:
    """Tell whether the first group is the area's, or the service's: 035-221-4410 belongs to nobody, 03-5221-4410 does."""
    groups = re.findall(r"[0-9]+", text)
    if len(groups) < 3:
        return True
    # 04-7xxx is written so, though the plan has 0471.
    return phonenumbers.format_number(number, _NATIONAL).startswith(groups[0])


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
