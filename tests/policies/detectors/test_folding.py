"""The folded text and the way back to the text as it was written."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from policies.detectors.folding import fold

# What mails are made of, and what folding changes: full width, half-width kana with marks, hyphens, spaces, nothing seen.
ALPHABET = "aZ09-ー・ ０９Ａｚ－―‐−\u3000\u00a0\u200b\ufeffｶﾞﾊﾟｱカ゛がか゚①㊙㈱№℡〒様氏\r\n\tｰ~〜ﬁé\u0301\u3099東\U00020bb7"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("０９０－１２３４－５６７８", "090-1234-5678"),
        ("03ー1234ー5678", "03-1234-5678"),
        ("マイナンバー", "マイナンバー"),
        ("ﾏｲﾅﾝﾊﾞｰ", "マイナンバー"),
        ("山田\u3000太郎", "山田 太郎"),
        ("a\u200bb\ufeffc\u00ad", "abc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("①090", "①090"),
        ("㊙資料", "㊙資料"),
        ("№１", "No.1"),
    ],
)
def test_what_is_written_in_many_ways_is_read_in_one(written, folded):
    assert fold(written).text == folded


@given(st.text(alphabet=ALPHABET, max_size=60), st.data())
def test_the_marked_text_folds_to_the_value(text, data):
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first <= last <= len(text)
    assert folded.text[start:end] in _widened(fold(text[first:last]).text, folded.text[start:end])


def _widened(marked: str, value: str) -> str:
    """A long vowel mark is a hyphen only with digits on both sides, which a cut may have taken away."""
    return marked if value in marked else marked.translate(str.maketrans("ー~〜", "---"))


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_the_places_of_single_characters_run_forward_through_the_whole_text(text):
    folded = fold(text)
    spans = [folded.span(at, at + 1) for at in range(len(folded.text))]
    assert [first for first, _ in spans] == sorted(first for first, _ in spans)
    if spans:
        hidden = unicodedata.normalize("NFKC", text[spans[-1][1] :])
        assert not fold(hidden).text.strip() or spans[-1][1] == len(text)


@given(st.text(max_size=200))
def test_any_text_folds(text):
    folded = fold(text)
    assert folded.span(0, len(folded.text))[1] <= len(text)


def test_a_text_of_ascii_stays_where_it_is():
    folded = fold("plain text 123")
    assert [folded.span(at, at + 1) for at in range(14)] == [(at, at + 1) for at in range(14)]
