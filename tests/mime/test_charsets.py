"""Bytes of every charset that Japanese mail holds, rightly and wrongly declared."""

import time

import pytest
from hypothesis import given, strategies as st

from mailhold.mime.charsets import Decoded, clean, codec_for, decode

JAPANESE = "日本語のテストです。よろしくお願いします。"


def jis(text):
    """Write characters of code page 932 as ISO-2022-JP with the vendor rows, as Outlook does."""
    pairs = bytearray()
    for character in text:
        lead, trail = character.encode("cp932")
        lead -= 0x40 if lead > 0xA0 else 0
        second_row = trail >= 0x9F
        pairs.append((lead - 0x81) * 2 + 0x21 + second_row)
        pairs.append(trail - 0x7E if second_row else trail - (0x1F if trail < 0x80 else 0x20))
    return b"\x1b$B" + bytes(pairs) + b"\x1b(B"


@pytest.mark.parametrize("text", ["①㈱", "髙﨑", "Ⅳ㎜", "見積書①", "纊褜鍈"])
def test_vendor_characters_come_out_of_iso_2022_jp(text):
    decoded = decode(jis(text), "iso-2022-jp")
    assert (decoded.text, decoded.problem) == (text, "")


@pytest.mark.parametrize("row", [(0xFA, 0x40), (0xFB, 0xFC), (0xFC, 0x4B)])
def test_the_ibm_rows_above_94_come_out_of_iso_2022_jp(row):
    character = bytes(row).decode("cp932")
    lead, trail = row[0] - 0x40, row[1]
    second_row = trail >= 0x9F
    first = (lead - 0x81) * 2 + 0x21 + second_row
    second = trail - 0x7E if second_row else trail - (0x1F if trail < 0x80 else 0x20)
    assert decode(b"\x1b$B" + bytes((first, second)) + b"\x1b(B", "iso-2022-jp").text == character


@pytest.mark.parametrize("charset", ["shift_jis", "Shift-JIS", "x-sjis", "windows-31j", "ms_kanji", "cp932"])
def test_shift_jis_is_read_as_windows_writes_it(charset):
    assert decode("①㈱髙～".encode("cp932"), charset).text == "①㈱髙～"


def test_euc_jp_holds_vendor_characters_and_half_width_katakana():
    assert decode(b"\xad\xa1\xad\xea\xfc\xe2\x8e\xb6\xa4\xa2\x8f\xb0\xa1z", "euc-jp").text == "①㈱髙ｶあ丂z"


@pytest.mark.parametrize("raw", [b"\x1b(I6E\x1b(B", b"\x0e6E\x0f", b"\xb6\xc5"])
def test_half_width_katakana_is_read_however_it_is_shifted(raw):
    assert decode(b"\x1b$B%F\x1b(B" + raw, "iso-2022-jp").text == "テｶﾅ"


def test_a_line_begins_in_ascii_even_after_a_missing_escape():
    assert decode(b"\x1b$BF|K\\\nplain", "iso-2022-jp").text == "日本\nplain"


@pytest.mark.parametrize("real", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
@pytest.mark.parametrize("declared", [None, "us-ascii", "utf-8", "x-no-such-charset"])
def test_japanese_is_recognised_under_a_wrong_label(real, declared):
    assert decode(JAPANESE.encode(real), declared).text == JAPANESE


@pytest.mark.parametrize("real", ["utf-8", "euc_jp", "iso2022_jp", "cp932"])
@pytest.mark.parametrize("declared", ["shift_jis", "euc-jp", "iso-8859-1", "windows-1252"])
def test_japanese_is_recognised_under_the_label_of_another_charset(real, declared):
    text = "お世話になっております。名簿をお送りします。\n氏名：山田太郎"
    assert decode(text.encode(real), declared).text == text


@pytest.mark.parametrize("declared", ["euc-jp", "shift_jis", "big5", "gb2312", "iso-8859-1", "koi8-r"])
def test_escapes_of_iso_2022_jp_never_stay_in_a_text(declared):
    assert decode("番号".encode("iso2022_jp"), declared) == Decoded("番号", "iso_2022_jp", "wrong_charset")


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("It’s what they don’t say – “yes”", "cp1252"),
        ("Señor Müller’s Straße, naïve café, déjà vu", "cp1252"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ ﾄｳｷｮｳﾄ", "cp932"),
        ("ｶﾅ､ﾓｼﾞ｡", "cp932"),
    ],
)
def test_what_is_declared_rightly_is_read_as_declared(text, codec):
    charset = {"cp1252": "iso-8859-1", "cp932": "shift_jis"}[codec]
    assert decode(text.encode(codec), charset) == Decoded(text, codec)


def test_utf_8_under_a_western_label_is_read():
    assert decode("Café".encode(), "iso-8859-1") == Decoded("Café", "utf_8", "wrong_charset")


def test_western_text_under_a_wrong_label_is_not_taken_for_japanese():
    text = "é café à la carte naïve"
    assert decode(text.encode("cp1252"), "utf-8").text == text


@pytest.mark.parametrize(
    ("raw", "charset", "problem"),
    [
        (JAPANESE.encode(), "utf-8", ""),
        (JAPANESE.encode("cp932"), "utf-8", "wrong_charset"),
        (JAPANESE.encode(), "x-nix", "unknown_charset"),
        (JAPANESE.encode() + b"\xe3\x81", "utf-8", "damaged"),
        (JAPANESE.encode("cp932"), None, ""),
    ],
)
def test_what_was_wrong_is_said(raw, charset, problem):
    assert decode(raw, charset).problem == problem


@pytest.mark.parametrize(
    ("text", "charset", "codec"),
    [
        ("你好", "gb2312", "gb18030"),
        ("測試", "Big5", "big5"),
        ("안녕", "ks_c_5601-1987", "cp949"),
        ("日本", "utf-16", "utf-16"),
        ("“x”", "iso-8859-1", "cp1252"),
        ("Привет", "koi8-r", "koi8-r"),
    ],
)
def test_other_charsets_are_read(text, charset, codec):
    assert decode(text.encode(codec), charset).text == text


def test_utf_7_gives_no_lone_surrogate():
    assert decode(b"+2AA-abc+MEI-", "utf-7").text == "\ufffdabcあ"


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "unicode_escape", "rot13", "zlib", "", "a\0b", "ü", "x" * 5000]
)
def test_names_that_are_no_charset_are_unknown(name):
    assert codec_for(name) == ""


def test_text_is_made_storable():
    assert clean("a\0b\ud800c日") == "a\ufffdb\ufffdc日"


@given(
    st.binary(max_size=300),
    st.none()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "iso-2022-jp",
            "shift_jis",
            "euc-jp",
            "utf-7",
            "utf-16",
            "utf-8",
            "gb2312",
            "hz",
            "iso-2022-kr",
            "big5",
        ]
    ),
)
def test_decoding_never_fails_and_is_storable(raw, charset):
    text = decode(raw, charset).text
    text.encode()
    assert "\0" not in text


@given(st.text(alphabet=st.characters(codec="cp932", exclude_characters="\0¢£¬‖−〜"), max_size=100))
def test_shift_jis_round_trips(text):
    raw = text.encode("cp932")
    assert decode(raw, "shift_jis").text == text


@pytest.mark.parametrize("charset", ["iso-2022-jp", "euc-jp", "shift_jis", "utf-8", "utf-7", "gb18030", None])
def test_bytes_that_are_no_text_at_all_cost_little(charset):
    raw = bytes(range(256)) * 8000
    started = time.process_time()
    decode(raw, charset)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("raw", "text"), [(b"\x42\x30\x80", "あ"), (b"\x42\x30", "あ"), (b"\xff\xfe\x42\x30", "あ")]
)
def test_utf_16_is_read_with_and_without_its_mark(raw, text):
    assert decode(raw, "UTF16").text == text
