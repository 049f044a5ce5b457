"""Credit cards: Luhn's formula, the ranges of issuers, and none of the numbers that are published for testing."""

import re
from collections.abc import Iterator

from stdnum import luhn

from policies.detectors.digits import GAP, stands_alone, valid_numbers
from policies.detectors.document import Document, Span
from policies.detectors.vocabulary import OTHER

_CARD = re.compile(rf"(?<![0-9A-Za-z])(?<![0-9][.-])[2-6](?:{GAP}[0-9]){{13,18}}(?![0-9A-Za-z])(?![.-][0-9])")
# First digits of an issuer (from, up to), and how many digits its cards have.
_ISSUERS = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),  # Mastercard
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),  # American Express
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (300, 305, (14,)),  # Diners Club
    (3095, 3095, (14,)),  # Diners Club
    (36, 36, (14,)),  # Diners Club
    (38, 39, (14, 16)),  # Diners Club
    (6011, 6011, (16, 19)),  # Discover
    (644, 649, (16, 19)),  # Discover
    (65, 65, (16, 19)),  # Discover
    (62, 62, (16, 17, 18, 19)),  # UnionPay
)
# Published by card schemes and payment services for their sandboxes.
_TEST_NUMBERS = """
4111111111111111 4012888888881881 4242424242424242 4000056655665556 4222222222222 4000000000000002
4000000000000077 4000000000003220 4000002500003155 4000003920000003 4005519200000004 4009348888881881
4500600000000061 4917610000000000 4988438843884305 4166676667666746 4646464646464644 4444333322221111
4462030000000000 4917300800000000 4484070000000000 5555555555554444 5105105105105100 5200828282828210
5424000000000015 5454545454545454 5431111111111111 5100290029002909 5555341244441115 5136333333333335
2223003122003222 2223000048400011 2222400070000005 2222410740360010 378282246310005 371449635398431
378734493671000 370000000000002 343434343434343 341111111111111 374251018720018 3530111333300000
3566002020360505 3566111111111113 3569990010095841 3528000000000007 3540599999991047 30569309025904
38520000023237 36227206271667 36148900647913 3056930009020004 36070500001020 6011111111111117
6011000990139424 6011000000000012 6011601160116611 6500000000000002 6200000000000005 6200000000000047
"""
_FOR_TESTING = frozenset(_TEST_NUMBERS.split())
# Who names a telephone or a person beside a card speaks of something else.
_SHORTER = frozenset({"PHONE", "POSTAL_CODE", "BIRTHDATE", "PERSON", "EMAIL", "ADDRESS"})

# Until when it is valid tells a card from any other number: "(11/26)" right behind, or a word of validity with it.
_MONTH = r"(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-9][0-9](?![0-9/-])"
_VALIDITY = (
    r"(?:\b(?:exp(?:ir(?:es|y|ation|ing))?|valid|thru|through|until|till|good (?:thru|through|until))\b\.?"
    r"(?: (?:until|till|thru|through|to|date|end))?|(?:有効)?期限(?:は|が)?|有効)"
)
_EXPIRES_BEHIND = re.compile(
    rf" ?[(\[]{_MONTH}[)\]]|[^0-9\n\x1e\x1f]{{0,12}}{_VALIDITY}[ :=]{{0,3}}{_MONTH}|[^0-9\n\x1e\x1f]{{0,4}}{_MONTH} ?(?:まで|有効|期限)",
    re.IGNORECASE,
)
_EXPIRES_BEFORE = re.compile(rf"{_VALIDITY}[ :=]{{0,3}}{_MONTH}[^0-9\n\x1e\x1f]{{0,16}}\Z", re.IGNORECASE)
_REACH_OF_EXPIRY = 48  # characters before the number
# "The card on the order should be …": with an expiry beside it, the order is only what it pays for.
_PAID_WITH = re.compile(
    r"(?:\b(?P<card>cards?)\b|\b(?:paid|pay|paying|charged?|billed?)(?: \w+){0,3} (?:with|by|to|on|using)\b)[^0-9\n\x1e\x1f.]{0,40}\Z",
    re.IGNORECASE,
)
# 「カード表面の数字：…」: digits of a card are its number, whatever they are called.
_DIGITS_ON = re.compile(
    r"(?P<card>カード)[ぁ-ん一-鿿]{0,12}(?:数字|数列|(?:16|14|15) ?(?:桁|けた|ケタ))[^0-9\n\x1e\x1f]{0,6}\Z"
    r"|\b(?:digits|figures) (?:[a-z]+ ){0,4}(?:on|of)(?: [a-z]+){0,5}? (?P<plastic>cards?)\b[^0-9\n\x1e\x1f.]{0,6}\Z",
    re.IGNORECASE,
)


def credit_card(document: Document) -> Iterator[Span]:
    """A number that could be charged, unless a label or header says that it is something else."""
    for start, end in valid_numbers(document.text, _CARD, is_card):
        alone = stands_alone(document.text, start, end)
        unsaid = alone and document.is_open("CREDIT_CARD", start, end, besides=_SHORTER)
        said = document.says("CREDIT_CARD", start, end) or _spoken_of(document, _DIGITS_ON, start)
        if unsaid or said or _expires(document, start, end):
            yield Span("CREDIT_CARD", start, end)


def _expires(document: Document, start: int, end: int) -> bool:
    """Tell whether it stands beside a number until when it is valid, and nothing says that it is no card."""
    text = document.text
    dated = _EXPIRES_BEHIND.match(text, end) or _EXPIRES_BEFORE.search(
        text, max(0, start - _REACH_OF_EXPIRY), start
    )
    return bool(dated) and (
        not document.says_other("CREDIT_CARD", start, end)
        or document.kind_at(start, end) in _SHORTER
        or _spoken_of(document, _PAID_WITH, start)
    )


def _spoken_of(document: Document, words: re.Pattern[str], start: int) -> bool:
    """Tell whether such words lead to this place; a cell says itself what it holds, and a gift card is none."""
    cell = document.cell(start)
    match = words.search(document.text, max(0, start - _REACH_OF_EXPIRY), start)
    if not match or (cell and cell.kinds):
        return False
    card = next((name for name, word in match.groupdict().items() if word), "")
    return not card or not document.names(OTHER, match.start(card) + 1, match.end(card))


def is_card(number: str) -> bool:
    """Tell whether an issuer could have given out these digits, and they are not for testing."""
    issued = any(
        len(number) in lengths and first <= int(number[: len(str(first))]) <= last
        for first, last, lengths in _ISSUERS
    )
    return issued and luhn.is_valid(number) and number not in _FOR_TESTING and len(set(number)) > 2
