"""Bytes of any declared charset to text: what Japanese mail really holds, and what is declared wrongly.

`decode` never raises. Japanese charsets are read as Windows reads them (code page 932 and its EUC and 7-bit forms), so
that the vendor characters of NEC and IBM (circled digits, ㈱, 髙) come out whichever way a message was encoded.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass
from encodings.aliases import aliases
from functools import cache, lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_CHARSET_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+()-]{0,39}")

# Python's own codecs that are safe and linear on hostile input. Left out on purpose: punycode and idna (quadratic),
# unicode_escape (not a charset), everything that is not text.
_PYTHON_CODECS = frozenset(
    [
        "ascii",
        "utf_8",
        "utf_7",
        "utf_16",
        "utf_16_be",
        "utf_16_le",
        "utf_32",
        "utf_32_be",
        "utf_32_le",
        "utf_8_sig",
        "gb18030",
        "hz",
        "big5hkscs",
        "cp950",
        "cp949",
        "johab",
        "iso2022_kr",
        "iso2022_jp_2",
        "latin_1",
        "iso8859_2",
        "iso8859_3",
        "iso8859_4",
        "iso8859_5",
        "iso8859_6",
        "iso8859_7",
        "iso8859_8",
        "iso8859_9",
        "iso8859_10",
        "iso8859_11",
        "iso8859_13",
        "iso8859_14",
        "iso8859_15",
        "iso8859_16",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "cp437",
        "cp850",
        "cp852",
        "cp855",
        "cp866",
        "cp874",
        "koi8_r",
        "koi8_u",
        "tis_620",
        "mac_roman",
        "mac_cyrillic",
        "viscii",
        "ptcp154",
        "shift_jis_2004",
        "euc_jis_2004",
    ]
)
# What people write, and a wider codec that holds the declared one whole.
_WIDER = {
    "us_ascii": "ascii",
    "latin_1": "cp1252",  # as browsers and mail programs do: bytes 80-9F are never control characters in mail
    "ascii": "ascii",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "big5": "cp950",
    "big5_tw": "cp950",
    "x_x_big5": "cp950",
    "euc_kr": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601_1989": "cp949",
    "windows_949": "cp949",
    "utf8": "utf_8",
    "utf_8_sig": "utf_8",
    "utf8mb4": "utf_8",
    "unicode_1_1_utf_8": "utf_8",
    "unicode_1_1_utf_7": "utf_7",
    "iso_2022_jp_2": "iso_2022_jp",
    "iso2022_jp": "iso_2022_jp",
    "iso2022_jp_1": "iso_2022_jp",
    "iso2022_jp_2": "iso_2022_jp",
    "iso2022_jp_3": "iso_2022_jp",
    "iso2022_jp_2004": "iso_2022_jp",
    "iso2022_jp_ext": "iso_2022_jp",
    "iso_2022_jp": "iso_2022_jp",
    "iso_2022_jp_1": "iso_2022_jp",
    "iso_2022_jp_3": "iso_2022_jp",
    "iso_2022_jp_2004": "iso_2022_jp",
    "iso_2022_jp_ms": "iso_2022_jp",
    "iso_2022_jp_ext": "iso_2022_jp",
    "csiso2022jp": "iso_2022_jp",
    "jis": "iso_2022_jp",
    "cp50220": "iso_2022_jp",
    "cp50221": "iso_2022_jp",
    "cp50222": "iso_2022_jp",
    "shift_jis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "x_sjis": "cp932",
    "ms_kanji": "cp932",
    "ms932": "cp932",
    "cp932": "cp932",
    "cp943": "cp932",
    "windows_31j": "cp932",
    "cswindows31j": "cp932",
    "windows_932": "cp932",
    "x_ms_cp932": "cp932",
    "x_mac_japanese": "cp932",
    "euc_jp": "euc_jp",
    "eucjp": "euc_jp",
    "x_euc_jp": "euc_jp",
    "eucjp_ms": "euc_jp",
    "eucjpms": "euc_jp",
    "cp51932": "euc_jp",
    "ujis": "euc_jp",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec it was read with, and what was wrong.

    `problem` is "", "unknown_charset" (guessed, as nobody knows the declared one), "wrong_charset" (guessed, as the
    bytes are not of the declared one) or "damaged" (some bytes could not be read and stand as U+FFFD).
    """

    text: str
    codec: str
    problem: str = ""


def clean(text: str) -> str:
    """Return `text` with U+FFFD for NUL and for lone surrogates, which no database takes."""
    if text.isascii():
        return text.replace("\0", REPLACEMENT) if "\0" in text else text
    return _UNSTORABLE.sub(REPLACEMENT, text)


@cache
def _known_codecs() -> dict[str, str]:
    known = {name: name for name in _PYTHON_CODECS}
    known |= {alias: codec for alias, codec in aliases.items() if codec in _PYTHON_CODECS}
    known |= {alias: _WIDER[codec] for alias, codec in aliases.items() if codec in _WIDER}
    return known | _WIDER


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str:
    """Return the codec that reads `charset`, or "" for an unknown name.

    Asks no `codecs.lookup`: that keeps every name it was ever asked for, and mail can make up names for ever.
    """
    name = charset.strip("\"' \t").lower()
    if not _CHARSET_NAME.fullmatch(name):
        return ""
    name = re.sub(r"[^a-z0-9]", "_", name)
    known = _known_codecs()
    return known.get(name) or known.get(name.removeprefix("x_")) or ""


def decode(raw: bytes, charset: str | None = None) -> Decoded:
    """Read `raw` as `charset`; where that is absent, unknown or plainly wrong, as what the bytes look like."""
    codec = codec_for(charset) if charset else "ascii"
    if not codec:
        guess = _guess(raw, "")
        return Decoded(clean(guess.text), guess.codec, "unknown_charset")
    if raw.isascii() and codec not in _SEVEN_BIT_CODECS:
        if b"\x1b" not in raw or not _JIS_ESCAPE.search(raw):
            return Decoded(clean(raw.decode("ascii")), codec)
        return Decoded(clean(_lenient(raw, "iso_2022_jp")), "iso_2022_jp", "wrong_charset" if charset else "")
    text = _strict(raw, codec)
    if text is not None:
        meant = _meant(raw, codec, text)
        return Decoded(clean(meant[1]), meant[0], "wrong_charset") if meant else Decoded(clean(text), codec)
    guess = _guess(raw, codec)
    if guess.codec == codec:
        return Decoded(clean(guess.text), codec, "damaged")
    return Decoded(clean(guess.text), guess.codec, guess.problem or ("wrong_charset" if charset else ""))


# In these bytes below 128 stand for more than ASCII.
_SEVEN_BIT_CODECS = frozenset(
    {
        "iso_2022_jp",
        "iso2022_jp_2",
        "iso2022_kr",
        "hz",
        "utf_7",
        "utf_16",
        "utf_16_be",
        "utf_16_le",
        "utf_32",
        "utf_32_be",
        "utf_32_le",
    }
)
_WESTERN = frozenset({"cp1252", "iso8859_15"})
_PIECE = 64 * 1024
_HOPELESS = 20_000
_UTF_16_MARKS = frozenset({b"\xff\xfe", b"\xfe\xff"})
_SEVEN_BIT = bytes(range(128))
_C1_CONTROLS = dict.fromkeys(range(0x80, 0xA0), REPLACEMENT)


def _strict(raw: bytes, codec: str) -> str | None:
    """Return the text, or None where some byte is not of this codec."""
    if codec == "iso_2022_jp" and not raw.isascii() and b"\x1b" not in raw:
        return None
    if codec in _OWN:
        text = _lenient(raw, codec)
        return None if REPLACEMENT in text else text
    try:
        return raw.decode(codec)
    except UnicodeError:
        return None


def _meant(raw: bytes, codec: str, text: str) -> tuple[str, str] | None:
    """Return the codec that was meant and its text, where the declared one reads every byte, but as nobody writes."""
    if codec in _WESTERN:
        candidates = [other for other in ("utf_8", "euc_jp", "cp932") if not raw.isascii()]
    elif codec == "cp932" and 2 * len(_HALF_WIDTH.findall(text, 0, _PIECE)) > _beyond_ascii(text):
        candidates = ["euc_jp"]
    else:
        return None
    for other in candidates:
        reading = _strict(raw, other)
        if reading is not None and (other == "utf_8" or _speaks_japanese(reading)):
            return other, reading
    return None


def _speaks_japanese(text: str) -> bool:
    """Tell by its kana: kanji alone come out of Western letters and apostrophes too."""
    kana = len(_KANA.findall(text, 0, _PIECE))
    return kana >= _FEW_KANA and 10 * kana >= _beyond_ascii(text)


def _beyond_ascii(text: str) -> int:
    """Return how many characters at the beginning of `text` are not ASCII."""
    return len(_BEYOND_ASCII.findall(text, 0, _PIECE))


def _lenient(raw: bytes, codec: str) -> str:
    """Return the text, with U+FFFD for what cannot be read.

    Every replaced byte costs a microsecond: after 20,000 of them this is no text, and the rest is shown as Latin.
    """
    if codec == "utf_16" and raw[:2] not in _UTF_16_MARKS:
        # Programs that leave the mark out write little-endian; this one codec gives up instead.
        codec = "utf_16_le"
    read = _OWN.get(codec) or getincrementaldecoder(codec)("replace").decode
    if len(raw) <= _PIECE:
        return read(raw)
    texts: list[str] = []
    position = damage = 0
    while position < len(raw) and damage < _HOPELESS:
        # A line end is never inside a character of the codecs that are read without memory of the piece before.
        end = raw.rfind(b"\n", position, position + _PIECE) + 1 or position + _PIECE
        texts.append(read(raw[position:end]))
        damage += texts[-1].count(REPLACEMENT)
        position = end
    texts.append(raw[position:].decode("latin_1").translate(_C1_CONTROLS))
    return "".join(texts)


def _guess(raw: bytes, declared: str) -> Decoded:
    """Return the reading with the least damage; between equals the declared one, then UTF-8."""
    if raw.isascii():
        codec = "iso_2022_jp" if _JIS_ESCAPE.search(raw) else "ascii"
        return Decoded(_lenient(raw, codec), codec)
    sample = raw[:_PIECE]
    likely = [
        codec for codec in dict.fromkeys((declared, "utf_8", "cp932", "euc_jp")) if codec not in {"", "ascii"}
    ]
    damage, codec = min(
        ((_damage(_lenient(sample, codec)), codec) for codec in likely), key=lambda reading: reading[0]
    )
    if damage * 4 > len(sample.translate(None, _SEVEN_BIT)) and declared in {
        "",
        "ascii",
        "utf_8",
        "iso_2022_jp",
    }:
        return Decoded(_lenient(raw, "cp1252"), "cp1252")
    text = _lenient(raw, codec)
    return Decoded(text, codec, "damaged" if REPLACEMENT in text else "")


def _damage(text: str) -> float:
    """Return how unlikely a reading is: unreadable characters count full, half-width katakana a little.

    EUC-JP read as code page 932 is mostly valid, and full of half-width katakana, which people seldom write.
    """
    return text.count(REPLACEMENT) + len(_HALF_WIDTH.findall(text)) / 4 + len(_PRIVATE.findall(text)) / 2


_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_BEYOND_ASCII = re.compile("[^\0-\x7f]")
_FEW_KANA = 3
_PRIVATE = re.compile("[\ue000-\uf8ff\x80-\x9f]")


# JIS X 0208 in its three dresses. All go through one table made of code page 932, which holds the vendor rows.

_JIS_ESCAPE = re.compile(rb"\x1b(?:\$[@AB]|\$\([@A-DOPQ]|\([BJIH])")
_JIS_SWITCH = re.compile(rb"\x1b(?:\$[@AB]|\$\([@A-DOPQ]|\([A-Za-z]|&@)|[\x0e\x0f\n]")
_EUC_RUNS = re.compile(
    rb"((?:[\xa1-\xfe]{2})+)|((?:\x8e[\xa1-\xdf])+)|((?:\x8f[\xa1-\xfe]{2})+)|([\x00-\x7f]+)|.", re.DOTALL
)
_TWO_BYTE_CODECS = {b"A": "gb2312", b"C": "euc_kr", b"O": "euc_jis_2004", b"Q": "euc_jis_2004"}
_HIGH_BIT = bytes(byte | 0x80 for byte in range(256))


@cache
def _jis_table() -> dict[int, str]:
    """Return JIS X 0208 code (two bytes, as one number) to character, vendor rows 13, 89-92 and 115-119 included."""
    table: dict[int, str] = {}
    for first in range(0x21, 0x98):
        lead = ((first - 0x21) >> 1) + 0x81
        lead += 0x40 if lead > 0x9F else 0
        for second in range(0x21, 0x7F):
            trail = second + 0x7E if first % 2 == 0 else second + (0x20 if second >= 0x60 else 0x1F)
            table[first << 8 | second] = bytes((lead, trail)).decode("cp932", "replace")[:1]
    return table


class _JisTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return REPLACEMENT


@cache
def _jis_characters() -> _JisTable:
    return _JisTable(_jis_table())


def _from_jis(pairs: bytes) -> str:
    """Read pairs of 7-bit bytes: each pair is taken for one UTF-16 unit, and the units are looked up in C."""
    odd = REPLACEMENT if len(pairs) % 2 else ""
    return pairs[: len(pairs) // 2 * 2].decode("utf-16-be", "replace").translate(_jis_characters()) + odd


def _decode_jis(raw: bytes) -> str:
    """Read ISO-2022-JP and its relatives (RFC 1468, RFC 1554, CP50220-50222). A line always begins in ASCII."""
    pieces: list[str] = []
    read: Callable[[bytes], str] = _single_bytes
    position = 0
    for switch in _JIS_SWITCH.finditer(raw):
        if switch.start() > position:
            pieces.append(read(raw[position : switch.start()]))
        position = switch.end()
        mark = switch.group()
        if mark == b"\n":
            pieces.append("\n")
        read = _reader_after(mark)
    pieces.append(read(raw[position:]))
    return "".join(pieces)


def _reader_after(mark: bytes) -> Callable[[bytes], str]:
    if mark in {b"\x0e", b"\x1b(I"}:
        return _half_width
    if not mark.startswith(b"\x1b$"):
        return _single_bytes
    final = mark[-1:]
    if final in b"@B":
        return _double_bytes
    if final == b"D":
        return lambda piece: _by_codec(piece, "euc_jp", b"\x8f")
    if final == b"P":
        return lambda piece: _by_codec(piece, "euc_jis_2004", b"\x8f")
    return lambda piece: _by_codec(piece, _TWO_BYTE_CODECS[final], b"")


def _single_bytes(piece: bytes) -> str:
    return piece.decode("ascii") if piece.isascii() else piece.decode("cp932", "replace")


def _half_width(piece: bytes) -> str:
    return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in piece).decode("cp932", "replace")


def _double_bytes(piece: bytes) -> str:
    """Read pairs; what cannot be part of one (blanks, tabs, CR left inside by folding) stands for itself."""
    if not _BLANKS.search(piece):
        return _from_jis(piece)
    return "".join(
        run.decode("ascii") if run[0] < 0x21 else _from_jis(run) for run in _BLANK_RUNS.findall(piece)
    )


_BLANKS = re.compile(rb"[\x00-\x20]")
_BLANK_RUNS = re.compile(rb"[\x00-\x20]+|[^\x00-\x20]+")


def _by_codec(piece: bytes, codec: str, prefix: bytes) -> str:
    high = piece.translate(_HIGH_BIT)
    return b"".join(prefix + high[at : at + 2] for at in range(0, len(high), 2)).decode(codec, "replace")


def _decode_euc(raw: bytes) -> str:
    """Read EUC-JP with the vendor rows that Windows writes into it (code page 51932)."""
    return "".join(map(_euc_run, _EUC_RUNS.finditer(raw)))


def _euc_run(found: re.Match[bytes]) -> str:
    run = found.group()
    if found.lastindex == 1:
        return _from_jis(bytes(byte & 0x7F for byte in run))
    if found.lastindex == 2:
        return run[1::2].decode("cp932", "replace")
    if found.lastindex == 3:
        return run.decode("euc_jp", "replace")
    return run.decode("ascii", "replace")


def _decode_cp932(raw: bytes) -> str:
    """Read Shift_JIS as code page 932; the 2004 edition of Shift_JIS where only that fits."""
    try:
        return raw.decode("cp932")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("shift_jis_2004")
    except UnicodeDecodeError:
        return raw.decode("cp932", "replace")


_OWN: dict[str, Callable[[bytes], str]] = {
    "iso_2022_jp": _decode_jis,
    "euc_jp": _decode_euc,
    "cp932": _decode_cp932,
}
