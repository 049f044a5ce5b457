"""Everyday business mail that holds no personal data: nothing in it may alarm."""

from dataclasses import dataclass
from datetime import date

import pytest

from policies.detectors.find import find

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def rows(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


TEXTS = [
    # Lists of parts, goods and their numbers.
    "Line 20: 454-447-2450 Bracket, right   25 pcs\nLine 30: 410-983-7371 Screw M6x20     500 pcs",
    "旧品番 → 新品番\n03-2696-1069 → 03-8681-7320\n03-1011-1270 → 03-4720-2148\n\nサービス部品課",
    "these numbers are superseded:\n\n212-773-9067  ->  212-951-6984   seal ring\n415-678-3331  ->  415-559-6823   bearing\n703-851-7125  ->  no replacement",
    "Item 1   Ball valve DN50, part 031-312-5567   qty 4   EUR 120.00",
    "03-3812-5567 カバー 20個",
    "品目　078-892-2243　帳簿 428　実棚 779\n品目　097-210-4364　帳簿 848　実棚 223",
    "617-558-1527  shaft seal 4\n617-992-0754  coupling   1",
    "MX-2052     79   3       2024-06-04\n060-5814-9803  63   5    2026-05-13",
    "sensor 445-818-4854 replaced",
    "受注番号,行,品目,引当数,不足数\n1979607021,2,03-1972-2909,78,5",
    "Order,Line,Item,Open\n80567530,10,312-892-7800,78\n26847610,20,312-541-6713,55",
    # Who works on it, speaks, or sits in a meeting.
    "Attendees: Nancy Smith, James Young, Paris, Emily",
    "訪問先：佐藤食品株式会社（面談者：後藤部長、上野課長）",
    "JP 2024-188969 A   Sealing method              Applicant: Hokuto Seiko KK",
    "試験者　　清水隆\n承認者　　加藤 由美子",
    "検収金額：1,460,000円\n検収者：松本 翔太",
    "XJ-3858が後継です。担当者：技術部 太田",
    "作業責任者：加藤拓也（北斗電気工事）",
    "実施日：2026年3月6日　巡視者：神田 誠、遠藤 彩香",
    "開会挨拶　吉田 真由美\n13:45　講演1「中小企業のDX」　講師：松田 彩香 氏",
    # Birthdays that are none, of people long dead, and how to fill in a form.
    "We also celebrate Grace's birthday (February 25, 2024) with a cake.",
    "徳川家康の生年月日は1543年1月31日です。夏目漱石（1867年2月9日生まれ）も正解です。",
    "First name *\nMobile number, e.g. 07700 900123\nE-mail, e.g. jane@example.com",
    "電話番号（半角数字、例：03-3812-5567）",
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:30])
def test_a_clean_text_alarms_nobody(text):
    assert find([Piece(text)], today=TODAY) == []


TABLES = [
    rows(
        "Old No|New No|Name|Stock",
        "212-773-9067|212-951-6984|Seal ring|4",
        "415-632-1000|415-871-1145|Bearing|3",
        "703-962-2533|-|Spring|0",
    ),
    rows(
        "棚番|品目コード|品目名|帳簿数|担当",
        "A-12|4711234|ボルトM8|1200|佐藤",
        "A-13|4711235|ナットM8|1300|鈴木",
    ),
    rows(
        "回|日付|演題|講師|会場",
        "1|2026/3/4|古文書を読む|村上 翔太|大ホール",
        "2|2026/4/4|星空観察|石川誠|屋上",
    ),
]


@pytest.mark.parametrize("table", TABLES)
def test_a_clean_table_alarms_nobody(table):
    assert find([Piece(rows=table)], today=TODAY) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("電話番号の変更\n03-3812-5567 → 03-3812-5568", ["03-3812-5567", "03-3812-5568"]),
        ("Call or text 312-555-0142", ["312-555-0142"]),
        ("Ring me on 312-555-0142", ["312-555-0142"]),
        ("鵜飼 龍之介,35,03-3812-5567,12", ["03-3812-5567"]),
        ("Ada Okafor  312-555-0142  4", ["312-555-0142"]),
        ("佐藤さん 03-3812-5567 会費3000円", ["03-3812-5567"]),
        ("念のため 090-3812-5567、会費は3000円です", ["090-3812-5567"]),
        ("阿部 寛  090-3812-5567  4  5", ["090-3812-5567"]),
        ("携帯　090-3812-5567　控え 2", ["090-3812-5567"]),
        ("佐藤様 2個の携帯 090-3812-5567", ["090-3812-5567"]),
    ],
)
def test_telephone_numbers_in_like_lines_are_still_found(text, expected):
    assert [one.value for one in find([Piece(text)]) if one.type == "PHONE"] == expected


@pytest.mark.parametrize(
    "line", ["312-555-0142, ", "03-3812-5567 → 03-3812-5568\n", "対象者：鵜飼 龍之介 ", "対象者 "]
)
def test_the_time_that_many_such_lines_take_grows_with_their_number(line):
    import time

    def seconds(count: int) -> float:
        begun = time.process_time()
        find([Piece(line * count)], today=TODAY)
        return time.process_time() - begun

    seconds(100)  # whatever is prepared once
    assert seconds(4000) < 40 * max(seconds(400), 0.02)
