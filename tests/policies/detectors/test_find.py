"""Where values are found, what is left out, and that nothing written in a mail breaks the search."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings, strategies as st

from policies.detectors.find import MOST_CHARACTERS, TYPES, find, searched_whole
from policies.detectors.folding import fold


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


WORDS = st.sampled_from(
    [
        "氏名",
        "お名前:",
        "マイナンバー",
        "個人番号：",
        "電話",
        "住所",
        "〒",
        "カード番号",
        "パスワード:",
        "口座",
        "普通",
        "保険者番号",
        "記号",
        "番号",
        "生年月日",
        "621498320257",
        "６２１４-８３２０-２５７０",
        "4484",
        "0712",
        "3456",
        "7897",
        "090-1234-5678",
        "150-0002",
        "東京都渋谷区渋谷2-21-1",
        "kX9#vLq2",
        "大野",
        "健一",
        "様",
        "です",
        "は",
        "。",
        "\n",
        "\t",
        "(",
        ")",
        "社外秘",
        "confidential",
        "ではありません",
        "not",
        "a@b.example",
        "GB82WEST12345698765432",
        "S55.3.4",
        "ー",
        "・",
        "\x1e",
        "\x1f",
    ]
)


def test_the_exact_place_is_given_in_the_text_as_it_was_written():
    text = "ご連絡先：０９０ー１２３４ー５６７８（携帯）"
    found = find([Piece("件名", where="subject"), Piece(text)])
    assert [
        (one.type, one.value, one.where, one.piece, text[one.start : one.end], one.table) for one in found
    ] == [("PHONE", "090-1234-5678", "body", 1, "０９０ー１２３４ー５６７８", False)]


def test_in_a_table_the_place_is_row_and_column():
    rows = (("お名前", "電話番号"), ("大野 健一", "090-1234-5678"))
    found = find([Piece(rows=rows, where="attachment:list.csv")])
    assert {(one.type, one.start, one.end, one.table) for one in found} == {
        ("PERSON", 1, 0, True),
        ("PHONE", 1, 1, True),
    }


def test_addresses_of_the_company_itself_are_no_finding():
    piece = Piece("ask alice@Mailhold.example, bob@sub.mailhold.example or carol@partner.example")
    found = find([piece], own_domains=frozenset({"mailhold.example"}))
    assert [one.value for one in found] == ["carol@partner.example"]


def test_only_the_types_that_are_asked_for_come_back():
    piece = Piece("〒150-0002 東京都渋谷区渋谷2-21-1\nTEL 03-3456-7890")
    assert [one.type for one in find([piece], types=frozenset({"PHONE"}))] == ["PHONE"]
    assert {one.type for one in find([piece])} <= TYPES


def test_a_label_in_the_subject_speaks_for_a_bare_number_in_the_body():
    pieces = [Piece("マイナンバーの件", where="subject"), Piece("以下です。\n621498320257")]
    assert [(one.type, one.where) for one in find(pieces)] == [("MY_NUMBER", "body")]
    assert find(pieces[1:]) == []


def test_a_secret_that_a_slide_cuts_off_counts_once():
    whole = "ghp_DJdoVpcKBUJizDpblMlmAeO3JiLMAYDZ5x74"
    pieces = [
        Piece(f"token: {whole[:37]}", where="attachment:a.pptx"),
        Piece(f"token: {whole}", where="attachment:a.pptx"),
    ]
    assert [one.value for one in find(pieces)] == [whole]


def test_what_is_beyond_the_bound_is_not_searched_and_that_is_told():
    short, long = Piece("TEL 03-3456-7890"), Piece("あ" * MOST_CHARACTERS + "TEL 03-3456-7890")
    assert searched_whole([short])
    assert not searched_whole([short, long])
    assert not find([long])


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=40))
def test_no_mixture_of_words_breaks_the_search_and_each_place_holds_its_value(words):
    text = "".join(words)
    for one in find([Piece(text)]):
        assert fold(text[one.start : one.end]).text.strip() in (
            one.value.strip(),
            fold(one.value).text.strip(),
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=5).map(tuple), max_size=6).map(tuple))
def test_no_table_breaks_the_search(rows):
    for one in find([Piece(rows=rows)]):
        assert rows[one.start][one.end]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text):
    find([Piece(text)])


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1\n",
        "漢",
        "東京都渋谷区",
        "氏名:",
        "パスワード",
        "Aa ",
        "a@",
        "eyJaaaaaaaaaa.eyJ",
        "(",
        "confidential ",
    ],
)
def test_the_time_grows_with_the_text_and_no_more(unit, monkeypatch):
    text = unit * (60_000 // len(unit))
    assert _seconds(text) < 12 * max(_seconds(text[: len(text) // 4]), 0.02)


def _seconds(text: str) -> float:
    import time

    begun = time.process_time()
    find([Piece(text)])
    return time.process_time() - begun
