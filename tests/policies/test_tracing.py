"""Folded texts lead back to the text as it was written: to the sign, whatever is written."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from policies.folding import fold_text
from policies.tracing import Stretch, Traced, trace, written

# What changes length, order or neighbours when it is folded, besides anything else.
_TRYING = "ｶﾞﾊﾟｳﾞがゔe\u0301\u0323ÅＡ１Ⅷ㍿㌔ﷺß\u0345İﬃ½´￣ \u3000\t\r\n\u2028\u200b한ᄒ\u1161\u11ab👩\u200d💻🇯🇵\ud83d\udc4d𝟘"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(_TRYING)), max_size=60)


@given(TEXTS)
@example("ﾞ")
@example(" \u0301")
@example("\u0345\n\u0345")
def test_a_traced_text_is_the_folded_text(text):
    assert trace(text).text == fold_text(text)


@given(TEXTS, st.data())
def test_what_is_marked_folds_to_what_was_found(text, data):
    traced = trace(text)
    if not traced.text:
        return
    start = data.draw(st.integers(0, len(traced.text) - 1))
    end = data.draw(st.integers(start + 1, len(traced.text)))
    first, last = traced.span(start, end)
    assert 0 <= first < last <= len(text)
    # Signs that became several, such as ㍿, are marked as a whole.
    assert traced.text[start:end].strip() in fold_text(text[first:last])


@given(
    st.lists(st.sampled_from(["ａ", "ｶﾞ", "e\u0301", "社", "Ⅷ", " ", "\u3000", "👍", "\u0301"]), max_size=30)
)
def test_neither_end_of_a_mark_can_be_left_out(signs):
    text = "".join(signs)
    traced = trace(text)
    for at, sign in enumerate(traced.text):
        first, last = traced.span(at, at + 1)
        assert sign in fold_text(text[first:last]) or sign == " "
        assert fold_text(text[first:last]) != fold_text(text[first : last - 1]) or text[last - 1].isspace()


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("これは ｼｬｶﾞｲﾋ です", "シャガイヒ", "ｼｬｶﾞｲﾋ"),
        ("これは か\u3099いひ です", "がいひ", "か\u3099いひ"),
        ("ＴＯＰ\u3000\u3000ＳＥＣＲＥＴ!", "top secret", "ＴＯＰ\u3000\u3000ＳＥＣＲＥＴ"),
        ("  top\r\n  secret", "top secret", "top\r\n  secret"),
        ("👩‍💻👍 SECRET", "secret", "SECRET"),
        ("cafe\u0301s", "café", "cafe\u0301"),
        ("STRASSE straße", "strasse", "STRASSE"),
        ("㍿山田", "株式会社山田", "㍿山田"),
        ("㍿山田", "会社", "㍿"),
        ("\ufefftop", "top", "top"),
        ("②社外秘①", "社外秘", "社外秘"),
        ("İstanbul", "istanbul", None),
    ],
)
def test_a_word_is_marked_as_it_is_written(text, word, marked):
    traced = trace(text)
    at = traced.text.find(word)
    assert (None if at < 0 else text[slice(*traced.span(at, at + len(word)))]) == marked


def test_every_sign_of_unicode_keeps_its_place():
    signs = [
        chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) not in {"Cn", "Co"}
    ]
    for sign in signs:
        text = f"か{sign}x"
        traced = trace(text)
        assert traced.text == fold_text(text)
        last = len(traced.text)
        assert (traced.span(0, 1)[0], traced.span(last - 1, last)[1]) == (0, 3)


def test_what_was_taken_out_leads_back_too():
    traced = trace("Ａ (not secret) Ｂ secret").without(re.compile(r"\(.*?\)"), "\n")
    assert traced.text == "a \n b secret"
    at = traced.text.index("secret")
    assert traced.span(at, at + 6) == (17, 23)
    assert traced.span(2, 3) == (2, 14)
    assert traced.without(re.compile("nothing"), "") is traced


def test_a_text_made_of_lines_is_folded_with_its_places():
    traced = Traced([Stretch("ＡＢ", 4, 6), Stretch("\n", 6, 6, even=False), Stretch("Ｃ", 20, 21)]).folded()
    assert (traced.text, traced.span(0, 2), traced.span(3, 4)) == ("ab c", (4, 6), (20, 21))
    assert written("ab").folded().text == "ab"


def test_a_long_text_is_traced_quickly():
    text = "お世話になっております。ＡＢＣ株式会社の Tanaka です。\r\n" * 5_000
    started = time.process_time()
    assert trace(text).text == fold_text(text)
    assert time.process_time() - started < 3
