"""Names in the words around papers: in whose name, as on which paper, and right before its number."""

import pytest

from tests.policies.detectors.test_people_by_kind import persons, rows

CALL = "電話は090-3812-5567です。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name (as on ID) - Magnus Nettleton", "Magnus Nettleton"),
        ("Name as on the passport is Elspeth Langford", "Elspeth Langford"),
        ("Name as on the passport - Odette Wadsworth", "Odette Wadsworth"),
        ("Name exactly as it appears on the card: Odette Wadsworth", "Odette Wadsworth"),
        ("該当する方の名前は東山光一です。", "東山光一"),
        ("本人の名前 → 平松孝之", "平松孝之"),
        ("普通預金1901672へ。名義は相馬柚希、生年月日は1986-07-08です。", "相馬柚希"),
        ("名義は相馬 柚希です。" + CALL, "相馬 柚希"),
        ("招へい状には花田　誠一、旅券番号NV5163329と書いてください。", "花田 誠一"),
        (
            "Payroll needs the social security number of Linus Penhaligon, which is 061-49-5887.",
            "Linus Penhaligon",
        ),
        ("氏名: 皆川修", "皆川修"),
        ("表には相馬 柚希、生年月日1986-07-08とあります。", "相馬 柚希"),
    ],
)
def test_words_around_papers_tell_whose_they_are(text, expected):
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "手元の保険証の記号・番号：55428-40088",
        "手元の保険証の記号・番号: 記号 42279 番号 52715",
        "手許の旅券の番号：NV5163329",
        "別紙の保険証の記号・番号：55428-40088",
        "同封の旅券の番号：NV5163329",
        "Name as on the box is Seal Ring",
        "Product name (as on label) - Seal Ring",
        "Name (as on ID) - see below",
        "名義は山田商店、" + CALL,
        "氏名: 皆様\n" + CALL,
        "名義は東京支社です。" + CALL,
        "名義は変更済み、" + CALL,
        "店舗名義は相馬柚希、" + CALL,
        "名義は相馬様、" + CALL,
        "書類は品川 本社、旅券番号NV5163329です。",
    ],
)
def test_words_that_point_firms_and_goods_are_nobody(text):
    assert not persons(text)


def test_a_label_with_its_name_behind_a_stroke_is_no_header_of_the_lines_below():
    lines = (
        "該当する方の名前／荒井 哲平",
        "パスポートのNo.…MM0907010",
        "本人の名前 → 平松孝之",
        "旅券：MV2193290",
    )
    assert persons(rows(*lines)) == "荒井 哲平; 平松孝之"


def test_two_headers_with_a_stroke_between_are_one_header():
    lines = ("社員名／氏名|電話", "荒井 哲平|090-3812-5567", "平松 孝之|090-3812-5568")
    assert persons(rows(*lines)) == "荒井 哲平; 平松 孝之"
