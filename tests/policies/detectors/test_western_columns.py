"""Columns of western names that nobody knows: told by their header, or by the private mail in the same rows."""

import pytest

from policies.detectors.find import find
from tests.policies.detectors.test_people_by_kind import Piece, persons, rows

NAMES = ("Magnus Cartwright", "Orson O'Fairbanks", "Hamish McAllister", "Saoirse Lloyd-Yardley")
GOODS = ("Seal Ring", "Harbor Lamp", "Drive Shaft", "Copper Valve")
PRIVATE = ("kubo89@proton.me", "kaji22@outlook.jp", "onishi11@nifty.com", "kubota61@gmail.com")
OF_FIRMS = ("a@harbor-lamps.example", "b@rings.example", "c@shafts.example", "d@valves.example")
PHONES = ("212-692-2795", "602-300-3758", "404-567-7852", "919-848-5702")


def table(header: str, *columns: tuple[str, ...]) -> tuple[str, ...]:
    return (header, *("|".join(row) for row in zip(*columns, strict=True)))


def expected(names: tuple[str, ...]) -> str:
    return "; ".join(names)


@pytest.mark.parametrize(
    "lines",
    [
        table("Member name|Reply email", NAMES, PRIVATE),
        table("Runner name|Best email", NAMES, OF_FIRMS),
        table("Name of runner|Phone", NAMES, PHONES),
        table("Runner's name|Phone", NAMES, PHONES),
        table("Contact person|Phone", NAMES, PHONES),
        table("Name|Email", NAMES, PRIVATE),
        table("Name|Phone", NAMES, PHONES),
        table("Who|Email", NAMES, PRIVATE),
        table("Lead name|Email contact", NAMES, PRIVATE),
        table("First and family name|Email contact|Contact telephone", NAMES, PRIVATE, PHONES),
        table("Name as registered|Email (personal)", NAMES, PRIVATE),
        table("Size ordered|Name in full|Main email", tuple("SMLX"), NAMES, PRIVATE),
    ],
)
def test_two_or_three_words_with_capitals_below_a_word_for_persons_are_persons(lines):
    assert persons(rows(*lines)) == expected(NAMES)
    assert persons("\n".join(line.replace("|", "\t") for line in lines)) == expected(NAMES)


@pytest.mark.parametrize("word", ["Member name", "Passenger's name", "Name of the participant", "Attendee"])
def test_a_word_for_persons_is_enough_where_nothing_else_is_told_of_them(word):
    assert persons(rows(*table(f"{word}|Tickets", NAMES, tuple("1232")))) == expected(NAMES)


def test_persons_may_stand_in_the_second_column():
    days = ("2025-01-01", "2025-02-02", "2025-03-03", "2025-04-04")
    lines = table("Last order|Contact person|Email of contact|Phone (mobile)", days, NAMES, PRIVATE, PHONES)
    assert persons(rows(*lines)) == expected(NAMES)


@pytest.mark.parametrize(
    "word",
    [
        "Product",
        "Company",
        "File",
        "Bank",
        "Branch",
        "Course",
        "Host",
        "User",
        "Brand",
        "Event",
        "City",
        "Project",
        "Vendor",
        "Hotel",
    ],
)
def test_names_of_firms_goods_places_and_programs_are_no_persons(word):
    assert not persons(rows(*table(f"{word} name|Email", GOODS, PRIVATE)))
    assert not persons(rows(*table(f"Name of {word.lower()}|Email", GOODS, PRIVATE)))


@pytest.mark.parametrize(
    "lines",
    [
        table("Name|Quantity", GOODS, tuple("1232")),
        table("Flower name|Quantity", GOODS, tuple("1232")),
        table("Shop|Phone", GOODS, PHONES),
        table("Shop|Email", GOODS, OF_FIRMS),
        table("Where|Phone", GOODS, PHONES),
        table("Treatment|Email", ("Deep Tissue",) * 4, PRIVATE),
        table("Member name|Email", ("Harbor Foods Ltd", "Blue Bank", "Rose Hotel", "Acme Trading"), PRIVATE),
    ],
)
def test_words_with_capitals_are_no_persons_where_nothing_tells_so(lines):
    assert not persons(rows(*lines))
    assert not persons("\n".join(line.replace("|", "\t") for line in lines))


def test_the_addresses_beside_are_found_as_before():
    found = find([Piece(rows=rows(*table("Member name|Reply email", NAMES, PRIVATE)))])
    assert [one.value for one in found if one.type == "EMAIL"] == list(PRIVATE)
