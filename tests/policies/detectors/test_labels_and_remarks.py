"""Labels with a remark on the form of their number, or on whose it is; cards that are told by their digits or their expiry."""

from collections import Counter
from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


FOUND = [
    ("旅券（英字2文字から始まる番号）はKU5336700です。", "PASSPORT KU5336700"),
    ("Passport (two letters and seven digits): KU5336700", "PASSPORT KU5336700"),
    ("免許証（12桁の番号）は301234567810です。", "DRIVER_LICENSE 301234567810"),
    ("Social Security no. of employee: 652-78-6199", "US_SSN 652-78-6199"),
    ("Social security number for the applicant - 652-78-6199", "US_SSN 652-78-6199"),
    ("SSN of the new hire: 652-78-6199", "US_SSN 652-78-6199"),
    ("Passport of applicant: KU5336700", "PASSPORT KU5336700"),
    ("カード表面の数字：4484-0712-3456-7897", "CREDIT_CARD 4484-0712-3456-7897"),
    ("カードに並んでいる16桁＝4484-0712-3456-7897", "CREDIT_CARD 4484-0712-3456-7897"),
    ("Digits on the front of the card: 4484-0712-3456-7897", "CREDIT_CARD 4484-0712-3456-7897"),
    (
        "The card on the order should be 4484-0712-3456-7897 (expiry 03/28).",
        "CREDIT_CARD 4484-0712-3456-7897",
    ),
    ("The order was paid with 4484-0712-3456-7897 (exp 03/28)", "CREDIT_CARD 4484-0712-3456-7897"),
]
CLEAN = [
    "図書カード表面の数字：4484-0712-3456-7897",
    "診察カードの数字：4484-0712-3456-7897",
    "Digits on the gift card: 4484-0712-3456-7897",
    "The gift card on the order is 4484-0712-3456-7897 (expiry 03/28).",
    "The serial on the order should be 4484-0712-3456-7897 (expiry 03/28).",
    "The order of the day is 652-78-6199.",
]


def _found(piece: Piece) -> Counter[str]:
    return Counter(f"{one.type} {one.value}" for one in find([piece]))


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=lambda text: text[:30])
def test_a_remark_beside_a_label_leaves_it_the_label(text, expected):
    assert _found(Piece(text)) == Counter([expected])


@pytest.mark.parametrize("text", CLEAN, ids=lambda text: text[:30])
def test_numbers_of_other_things_are_none(text):
    assert _found(Piece(text)) == Counter()


def test_who_an_account_is_for_is_still_a_person():
    assert _found(Piece("Account number for customer: John Smith")) == Counter(["PERSON John Smith"])
