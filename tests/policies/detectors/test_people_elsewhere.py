"""People in the forms, tables and lists of other authors: split columns, unknown headers, aligned text, broken lines."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def rows(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


def found(piece: Piece) -> str:
    return "; ".join(f"{one.type} {one.value}" for one in find([piece]))


TEXTS = [
    # Parts of names and addresses on lines of their own.
    ("姓：鵜飼\n名：龍之介\n携帯：090-3812-5567", "PERSON 鵜飼 龍之介; PHONE 090-3812-5567"),
    ("■苗字\n　鵜飼\n■名前\n　龍之介", "PERSON 鵜飼 龍之介"),
    ("Surname: Okafor\nGiven name: Ada", "PERSON Okafor Ada"),
    (
        "【都道府県】大阪府\n【市区町村】堺市堺区\n【番地】柳之町東9-13-8\n【建物名】メゾン3F",
        "ADDRESS 大阪府堺市堺区柳之町東9-13-8メゾン3F",
    ),
    # Tables that were typed.
    (
        "| 備考 | ご芳名 | 携帯 |\n| 済 | 鵜飼 龍之介 | 090-3812-5567 |\n|  | 勅使河原 茜 | 080-3344-1199 |",
        "PERSON 鵜飼 龍之介; PHONE 090-3812-5567; PERSON 勅使河原 茜; PHONE 080-3344-1199",
    ),
    (
        "Joined / Guest / Mobile\n2019/04/01 / Ada Okafor / 312-555-0142",
        "PERSON Ada Okafor; PHONE 312-555-0142",
    ),
    (
        '氏名,誕生日,携帯\n鵜飼 龍之介,"March 4, 1981",090-3812-5567',
        "PERSON 鵜飼 龍之介; BIRTHDATE March 4, 1981; PHONE 090-3812-5567",
    ),
    (
        "氏名          電話（携帯）    備考    生年月日\n鵜飼 龍之介   ０９０－３８１２－５５６７          1981/3/4\n",
        "PERSON 鵜飼 龍之介; PHONE 090-3812-5567; BIRTHDATE 1981/3/4",
    ),
    # Five names or more.
    (
        "参加者：鵜飼 龍之介、勅使河原 茜、マリア・ガルシア、佐藤 健一、山田 くみ子",
        "PERSON 鵜飼 龍之介; PERSON 勅使河原 茜; PERSON マリア・ガルシア; PERSON 佐藤 健一; PERSON 山田 くみ子",
    ),
    (
        "Attendees: Ada Okafor, David Miller, Emma van der Berg, John O'Neil and Maria Rossi.",
        "PERSON Ada Okafor; PERSON David Miller; PERSON Emma van der Berg; PERSON John O'Neil; PERSON Maria Rossi",
    ),
    # Labels that nobody listed.
    ("乗車人 → 鵜飼 龍之介\n電話 → 090-3812-5567", "PERSON 鵜飼 龍之介; PHONE 090-3812-5567"),
    ("宛名　　オリビア・ブラウン\n携帯　　090-3812-5567", "PERSON オリビア・ブラウン; PHONE 090-3812-5567"),
    ("氏名(ローマ字可)：阿部桃子\n携帯：090-3812-5567", "PERSON 阿部桃子; PHONE 090-3812-5567"),
    # Numbers and addresses.
    ("折り返しは 090-3812-\n5567 までお願いします。", "PHONE 090-3812-\n5567"),
    ("荷物は名張市奈垣2丁目7番6号へお願いします。", "ADDRESS 名張市奈垣2丁目7番6号"),
    ("住所：東京都港区愛宕MORIタワー1-2-2", "ADDRESS 東京都港区愛宕MORIタワー1-2-2"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_people_are_found_in_what_others_typed(text, expected):
    assert found(Piece(text)) == expected


TABLES = [
    (
        rows("氏|名|都道府県|市区町村|番地|建物名", "鵜飼|龍之介|奈良県|桜井市|辻6-7|サンハイツ2F"),
        "PERSON 鵜飼 龍之介; ADDRESS 奈良県桜井市辻6-7サンハイツ2F",
    ),
    (
        rows("Last name|First name|DOB (YYYY-MM-DD)", "Okafor|Ada|1981-03-04", "Miller|David|1979-11-30"),
        "PERSON Okafor Ada; BIRTHDATE 1981-03-04; PERSON Miller David; BIRTHDATE 1979-11-30",
    ),
    (
        rows("住所1|住所2|携帯", "奈良県桜井市辻6-7|サンハイツ2F|090-3812-5567"),
        "ADDRESS 奈良県桜井市辻6-7サンハイツ2F; PHONE 090-3812-5567",
    ),
    (
        rows("乗り手|携帯|入社日", "佐藤 健一|090-3812-5567|2019/04/01", "高橋 茜|080-3344-1199|2020/04/01"),
        "PERSON 佐藤 健一; PHONE 090-3812-5567; PERSON 高橋 茜; PHONE 080-3344-1199",
    ),
    (
        rows(
            "氏名（姓）|氏名（名）|住所（都道府県）|住所（市区町村）|住所（番地）",
            "鵜飼|茜|奈良県|桜井市|辻6-7",
        ),
        "PERSON 鵜飼 茜; ADDRESS 奈良県桜井市辻6-7",
    ),
    (
        rows("苗字|鵜飼", "名前|龍之介", "携帯|090-3812-5567"),
        "PERSON 鵜飼 龍之介; PHONE 090-3812-5567",
    ),
]


@pytest.mark.parametrize(("table", "expected"), TABLES)
def test_people_are_found_in_columns_that_divide_them(table, expected):
    assert sorted(found(Piece(rows=table)).split("; ")) == sorted(expected.split("; "))


CLEAN = [
    Piece("山田電機、佐藤商店、高橋工務店、渡辺製作所、田中運輸に見積を依頼しました。"),
    Piece("長野、千葉、宮崎、福島、石川の五県が対象です。"),
    Piece("Washington, Jackson, Lincoln, Madison and Houston branches are open."),
    Piece("(1)\n商品名：山田椅子\n品番：KK-1393\n納期：2025/04/09"),
    Piece("Product\tSKU\tLaunch\nFord\t865-477-4721\t1999-01-02\nCarter\t687-727-3149\t2001-02-03"),
    Piece("部品名,図番,個数\nブラケット,048-4878-173,3\nシャフト,039-9747-243,5"),
    Piece("電話機の型番は VT-03-6215-4471 です。"),
    Piece("兵庫県庁前の石碑は西明7-7-18と刻まれています。"),
    Piece("株式会社みらい設計（担当：五百旗頭）"),
    Piece(rows=rows("Name|Type|Default", "user_id|integer|0", "First Login|date|null", "Read Me|text|x")),
    Piece(rows=rows("Name|Size|Modified", "report.docx|1226 KB|2024-03-01", "Read Me|1 KB|2024-05-12")),
    Piece(rows=rows("入社日|在籍|更新日", "2019/04/01|120|2024/04/01", "2020/04/01|98|2024/04/01")),
]


@pytest.mark.parametrize("piece", CLEAN)
def test_what_only_looks_like_people_is_none(piece):
    assert find([piece]) == []


@pytest.mark.parametrize(
    "line", ["0-\n", "氏名：山田 太郎\n", "山田太郎、", "a / ", '"a,', "ア・", "Ab ", "氏名    電話\n"]
)
def test_time_grows_with_the_length_alone(line):
    """A text of the longest size stays far below the ten seconds that a message may take."""
    import time

    begun = time.process_time()
    find([Piece(line * (100_000 // len(line)))])
    assert time.process_time() - begun < 5
