"""Whom a mail tells about: names behind words for roles, dates that are nobody's birth, and numbers that nobody answers."""

from dataclasses import dataclass
from datetime import date

import pytest

from policies.detectors.birthdates import lies_ahead
from policies.detectors.find import find
from policies.detectors.names import is_role

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def rows(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


def found(content: str | tuple[tuple[str, ...], ...]) -> str:
    piece = Piece(content) if isinstance(content, str) else Piece(rows=content)
    return "; ".join(f"{one.type} {one.value}" for one in find([piece], today=TODAY))


@pytest.mark.parametrize(
    "text",
    [
        "天皇誕生日：2025/02/23",
        "2025/02/23 天皇誕生日\n2025/03/20 春分の日",
        "King's Birthday    27 April 2025",
        "The Emperor’s birthday is on 23 February 2025.",
        "誕生日会：2025年5月8日",
        "お誕生日パーティーは2025年4月3日です",
        "誕生日休暇：2025年5月1日",
        "Birthday party on 12 March 2025 in the canteen",
        "Birthday cake: 3 May 2025",
        "会社の誕生日は1998年4月1日です",
        "生年月日：2031年4月1日",
        "DOB: 04/04/2035",
        rows("行事|誕生日会", "日付|2025/05/08"),
    ],
)
def test_a_birthday_in_the_name_of_something_else_or_still_to_come_is_no_date_of_birth(text):
    assert found(text) == ""


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("2031年4月1日", True),
        ("2026/11/25", False),  # it is the 25th already in the east
        ("2026/11/26", True),
        ("20270101", True),
        ("20260101", False),
        ("12/31/2026", True),
        ("31/12/2026", True),
        ("11/12/2026", False),  # may be the 12th of November
        ("March 4th, 2030", True),
        ("4 March 2020", False),
        ("令和9年1月1日", True),
        ("令和元年5月1日", False),
        ("S55.3.4", False),
        ("2026/02/31", False),
        ("1980(昭和55)年3月4日", False),
    ],
)
def test_whether_a_date_lies_ahead_is_read_in_all_ways_of_writing(text, ahead):
    assert lies_ahead(text, TODAY) is ahead


def test_a_real_date_of_birth_stays_one():
    assert found("佐藤健一の誕生日は1980年5月1日です") == "PERSON 佐藤健一; BIRTHDATE 1980年5月1日"


def test_without_a_day_to_compare_with_no_date_lies_ahead():
    assert [one.value for one in find([Piece("生年月日：2099年4月1日")])] == ["2099年4月1日"]


@pytest.mark.parametrize(
    "text",
    [
        "New hire is Ada Okafor",
        "New hire: Ada Okafor",
        "Our new colleague, Ada Okafor, joins us on Monday.",
        "New joiner - Ada Okafor",
        "New starter = Ada Okafor",
        "Our new team member is Ada Okafor.",
        "The applicant is Ada Okafor.",
        "Candidate / Ada Okafor",
        "Tenant → Ada Okafor",
    ],
)
def test_a_full_name_behind_an_english_word_for_persons_is_found(text):
    assert found(text) == "PERSON Ada Okafor"


@pytest.mark.parametrize(
    "text",
    [
        "対象者／{}",
        "該当者＝{}",
        "申込者 {}",
        "対象者は{}です。",
        "対象者→{}",
        "【対象者】{}",
        "該当者：{}",
        "申請者 - {}",
        "退職予定者／{}",
        "被相続人＝{}",
        "面接者　{}",
        "渡航者は{}となりました。",
    ],
)
@pytest.mark.parametrize("name", ["鵜飼 龍之介", "鵜飼龍之介"])
def test_a_full_name_behind_a_word_for_persons_is_found_whatever_joins_them(text, name):
    assert found(text.format(name)) == f"PERSON {name}"


@pytest.mark.parametrize(
    "text",
    [
        "対象者：正社員 契約社員",
        "対象者は全従業員です。",
        "発案者：鵜飼 龍之介",
        "発明者／鵜飼 龍之介",
        "出席者：鵜飼 龍之介、勅使河原 茜",
        "契約者：東京ガス",
        "対象者：山口県民",
        "対象者は渡航者です",
        "New hire: Laptop Setup",
        "New hire / Orientation Week",
        "The client is Harbor Foods.",
        "Our customers, Maple Grove and others, agree.",
        "講師：鵜飼 龍之介 氏",
        "────────────\n株式会社青葉\n担当：鵜飼 龍之介\nE-mail: a@own.example",
    ],
)
def test_who_works_on_it_and_what_is_no_name_is_left_alone(text):
    piece = Piece(text)
    assert find([piece], own_domains=frozenset({"own.example"}), today=TODAY) == []


@pytest.mark.parametrize(
    "word", ["渡航者", "乗務員", "契約主", "名義人", "ご利用の方", "申込者様", "渡航者 乗務員"]
)
def test_a_word_for_what_somebody_is_is_no_name(word):
    assert is_role(word)
    assert found(f"お名前：{word}\n携帯：090-3812-5567") == "PHONE 090-3812-5567"


@pytest.mark.parametrize("name", ["佐藤 直人", "阿玉澄人", "土方 歳三", "緒方 主税", "鵜飼 理人"])
def test_names_that_end_alike_are_names(name):
    assert not is_role(name)


def test_whose_passport_it_is_is_no_name():
    assert found("渡航者の旅券番号 TK1234567") == "PASSPORT TK1234567"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (rows("項目|内容", "備考|電話番号は090-3812-5567です。"), "PHONE 090-3812-5567"),
        (
            rows("氏名|備考", "鵜飼 龍之介|携帯は090-3812-5567、生年月日は1981/3/4"),
            "PERSON 鵜飼 龍之介; PHONE 090-3812-5567; BIRTHDATE 1981/3/4",
        ),
        (rows("日付|摘要", "2026/1/2|電話は03-3812-5567です"), "PHONE 03-3812-5567"),
        (rows("品番|備考", "03-3812-5567|なし", "03-3812-5568|なし"), ""),
        (rows("Drawing|Rev", "312-555-0142|A", "312-555-0143|B"), ""),
    ],
)
def test_the_prose_of_a_cell_says_what_its_number_is(table, expected):
    assert found(table) == expected


@pytest.mark.parametrize(
    "text",
    [
        "出願番号 0312 3456 7890 1234",
        "出願番号：0901 2345 6789 0123",
        "型番 03-3812-5567, 03-3812-5568, 03-3812-5569",
        "品番\n03-3812-5567\n03-3812-5568",
        "部品番号\n・03-3812-5567\n・03-3812-5568",
        "Part numbers: 312-555-0142, 312-555-0143 and 312-555-0144",
        "Gauge at weir 035-221-4410 reports normal levels.",
        "図面 03-3812-5567 を改訂",
        "5555-0101\n2",
    ],
)
def test_numbers_of_things_that_are_grouped_like_telephone_numbers_are_none(text):
    assert found(text) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("電話 03-5555-0101\n2", "03-5555-0101"),
        ("TEL 090-3812-5567\n2 個", "090-3812-5567"),
        ("090-3812-\n5567", "090-3812-\n5567"),
        ("柏の工場は 04-7488-0857", "04-7488-0857"),
    ],
)
def test_a_telephone_number_ends_where_it_is_complete(text, number):
    assert found(text) == f"PHONE {number}"


RARE = ("百目木 澪", "蔵渕 理人", "波瀬谷 紬希")
RARE_IN_LATIN = ("Thandiwe Nkosi", "Oluwaseun Adeyemi", "Zsófia Szűcs")


def persons(content: str | tuple[tuple[str, ...], ...]) -> list[str]:
    piece = Piece(content) if isinstance(content, str) else Piece(rows=content)
    return [one.value for one in find([piece]) if one.type == "PERSON"]


@pytest.mark.parametrize(
    "header",
    [
        *(
            "お客様名（漢字）",
            "ご担当",
            "受講者",
            "受講生",
            "患者様",
            "入居者",
            "保護者名",
            "会員名",
            "喪主",
            "落札者",
        ),
        *(
            "Attendee",
            "Tenant",
            "Guest name",
            "Beneficiary name",
            "Insured",
            "Employee",
            "Policyholder",
            "Pupil",
        ),
        *("Next of kin", "Parent", "Contact person", "Claimant"),
    ],
)
def test_names_that_nobody_knows_are_found_below_a_header_for_persons(header):
    names = RARE_IN_LATIN if header.isascii() else RARE
    numbers = [f"090-3812-556{number}" for number, _ in enumerate(names)]
    lines = ["\t".join(pair) for pair in zip(names, numbers, strict=True)]
    assert persons(((header, "Phone"), *zip(names, numbers, strict=True))) == [*names]
    assert persons("\n".join([f"{header}\tPhone", *lines])) == [*names]
    assert persons(((header, names[0]), ("Phone", numbers[0]))) == [names[0]]


@pytest.mark.parametrize("kana", ["フリガナ", "ふりがな", "ヨミ"])
@pytest.mark.parametrize("header", ["スタッフ", "選手", "新郎"])
def test_the_column_beside_the_reading_holds_names_whatever_it_is_called(header, kana):
    read = ("ドウメキ ミオ", "クラブチ リヒト", "ハゼヤ ツムギ")
    assert persons(
        ((header, kana, "備考"), *((name, how, "なし") for name, how in zip(RARE, read, strict=True)))
    ) == [*RARE]


def test_the_reading_of_family_and_given_name_is_no_second_name():
    table = rows("姓|名|セイ|メイ", "百目木|澪|ドウメキ|ミオ", "蔵渕|理人|クラブチ|リヒト")
    assert persons(table) == ["百目木 澪", "蔵渕 理人"]


@pytest.mark.parametrize("header", ["承認者", "点検者", "発表者", "事業者"])
def test_below_a_header_for_who_works_on_it_a_single_word_is_no_name(header):
    assert persons(((header, "件数"), ("総務", "12"), ("経理", "14"))) == []


def test_a_family_name_that_is_a_word_too_stays_one():
    assert persons("Name\tPhone\nLucy K. Parent\t090-3812-5567\nJohn Stone\t090-3812-5568") == [
        "Lucy K. Parent",
        "John Stone",
    ]
