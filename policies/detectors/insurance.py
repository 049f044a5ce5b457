"""Health insurance and pension of Japan."""

import re
from collections.abc import Iterator
from itertools import pairwise

from stdnum import luhn

from policies.detectors.digits import bare, grouped
from policies.detectors.document import Document, Span

_MIDDLE = (
    r"(?:[ \t・/,.、_-]{0,3}|[\s・/,.、_()「」【】〔〕<>\[\]-]{0,4}(?:(?:健康)?保険証|被保険者証?|資格確認書|組合員証|加入者証?|健保)?(?:の)?番号[ \x1f)」】〕>\]]{0,12}(?:[:は]|が)?[ \x1f「(]{0,3}"
    r"| ?の ?|,? ?(?:and )?(?:the )?(?:number|no\.|#)(?: is)?[ :]{1,3})"
)
_SYMBOL_AND_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9][.-])[0-9]{{1,8}}{_MIDDLE}[0-9]{{1,8}}(?:[ (]*枝番\)? ?[:は]? ?[0-9]{{1,2}})?(?![0-9A-Za-z])(?!-[0-9])"
)
_SYMBOL = re.compile(r"記号[ :はが)」】〕>\]]{0,12}\Z")
_WORDS_BETWEEN = re.compile(r"[^0-9]+")
_PENSION = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.-])[0-9]{4}[ ./・_-]{0,2}\n?[0-9]{6}(?![0-9A-Za-z])(?!\.[0-9])"
    r"(?!-[0-9](?![0-9]{3}(?![0-9-])))"  # the four digits of 年金コード may follow
)
_OF_INSURANCE = re.compile(
    r"保険|健保|けんぽ|共済|被扶養|(?:組合員|加入者)証|資格確認書|insur", re.IGNORECASE
)
_REACH_OF_SYMBOL = 16  # characters before the number
_PART = re.compile(r"[0-9]{1,8}")
_FEWEST_DIGITS = 5


def insurer(document: Document) -> Iterator[Span]:
    """保険者番号: eight digits, the last a check digit as in Luhn's formula."""
    for match in grouped(8).finditer(document.text):
        number = bare(match.group())
        if number.strip("0") and luhn.is_valid(number) and document.says("HEALTH_INSURANCE", *match.span()):
            yield Span("HEALTH_INSURANCE", *match.span())


def insured(document: Document) -> Iterator[Span]:
    """被保険者記号・番号: a symbol and a number of any length, without a check digit; known by label or header alone."""
    yield from _side_by_side(document)
    insurance = bool(_OF_INSURANCE.search(document.text))
    for match in _SYMBOL_AND_NUMBER.finditer(document.text):
        if len(bare(match.group())) >= _FEWEST_DIGITS and _is_said(document, match, of_insurance=insurance):
            yield Span("HEALTH_INSURANCE_ID", *match.span(), _joined(match.group()))


def _joined(text: str) -> str:
    """Return symbol and number as one value where words stand between them; "" where none do."""
    between = any(character.isalpha() for character in text)
    return _WORDS_BETWEEN.sub("-", text) if between else ""


def _side_by_side(document: Document) -> Iterator[Span]:
    """Symbol and number in two neighbouring columns."""
    cells = list(document.cells_of("HEALTH_INSURANCE_ID"))
    for (symbol, first), (number, second) in pairwise(cells):
        if (
            number.start == symbol.end + 1
            and _PART.fullmatch(first.strip())
            and _PART.fullmatch(second.strip())
        ):
            value = f"{first.strip()}-{second.strip()}"
            yield Span("HEALTH_INSURANCE_ID", symbol.start, number.end, value)


def _is_said(document: Document, match: re.Match[str], *, of_insurance: bool) -> bool:
    """By the label, or by the words 記号 and 番号 around the two parts in a message about insurance."""
    if document.says("HEALTH_INSURANCE_ID", *match.span()):
        return not match.group().isdigit() or of_insurance
    about = of_insurance or bool(document.topics & {"HEALTH_INSURANCE", "HEALTH_INSURANCE_ID"})
    start = match.start()
    return (
        about
        and "番号" in match.group()
        and bool(_SYMBOL.search(document.text, max(0, start - _REACH_OF_SYMBOL), start))
    )


def pension(document: Document) -> Iterator[Span]:
    """基礎年金番号: four digits and six, without a check digit; known by label or header alone."""
    for match in _PENSION.finditer(document.text):
        directly = document.text.endswith("年金", 0, match.start())
        if directly or document.says("PENSION_NUMBER", *match.span()):
            yield Span("PENSION_NUMBER", *match.span())
