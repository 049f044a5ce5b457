"""Plain text of whatever charset, and tables written as text."""

import codecs
import csv
import re
from collections.abc import Iterator

from mailhold.mime.charsets import codec_for, decode
from mailhold.mime.files.found import Found
from mailhold.mime.files.job import Job

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_DELIMITERS = "\t,;|"
_LONGEST_FIELD = 1_000_000
_SNIFFED_LINES = 30
# In a sentence or a date a space follows, in an amount three digits.
_BETWEEN_COLUMNS = re.compile(r",(?! |(?<=[0-9],)[0-9]{3}(?![0-9]))")
_LABELLED = re.compile(r"[^,:：=]{1,40}[:：=][^:：=]*")


def decode_text(raw: bytes, charset: str = "") -> str:
    """Return the text, as its byte order mark says, or as it looks, or as declared. Lines end in LF."""
    return _decoded(raw, charset).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(raw: bytes, charset: str) -> str:
    for mark, codec in _BOMS:
        if raw.startswith(mark):
            return decode(raw[len(mark) :], codec).text
    if wide := wide_codec(raw):
        return decode(raw, wide).text
    if charset and codec_for(charset) != "utf_8" and _is_utf8(raw):
        return raw.decode("utf-8")  # bytes that are UTF-8 by chance are rarer than labels that are wrong
    return decode(raw, charset or None).text


def _is_utf8(raw: bytes) -> bool:
    if raw.isascii():
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(raw) - len(raw.translate(None, bytes(range(128, 256)))) >= 6


def wide_codec(raw: bytes) -> str:
    """Return the byte order of UTF-16 without a mark, told by the NUL beside each ASCII character; "" for other text."""
    sample = raw[:_SAMPLE]
    if len(sample) < 4 or len(raw) % 2 or b"\0" not in sample:
        return ""
    # Japanese text has few ASCII characters, but its line ends and digits are.
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 4 > max(even, odd) or max(even, odd) < max(2, len(sample) // 100):
        return ""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return ""
    strange = sum(1 for character in text if character < " " and character not in "\t\r\n\f")
    return codec if strange <= len(text) // 50 and _mostly_assigned(text) else ""


def _mostly_assigned(text: str) -> bool:
    """Tell whether the characters are of scripts that people write here, as in other bytes they are of all."""
    usual = sum(
        1
        for character in text
        if character < "\u0500" or "\u2000" <= character <= "\u9fff" or character > "\uff00"
    )
    return usual * 10 >= len(text) * 9


def read_text(raw: bytes, job: Job, charset: str = "") -> Iterator[Found]:
    """Yield the text, as a table where each of its lines has the same number of columns."""
    text = decode_text(raw[: 4 * job.limits.text_characters + 4], charset)
    delimiter = _delimiter(text, strict=True)
    if delimiter:
        yield from _table(text, delimiter, job)
    else:
        yield from job.prose(text)


def read_csv(raw: bytes, job: Job, charset: str = "") -> Iterator[Found]:
    """Yield the table, whatever delimiter it was written with; lines that make none are a table of one column."""
    text = decode_text(raw, charset)
    delimiter = _delimiter(text, strict=False)
    if delimiter in ("", ",") and _is_one_column(text):
        yield from job.table([line] if line else [] for line in text.split("\n"))
    else:
        yield from _table(text, delimiter or ",", job)


def _table(text: str, delimiter: str, job: Job) -> Iterator[Found]:
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from job.table(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error:
        yield from job.prose(text)


def _is_one_column(text: str) -> bool:
    """Tell whether the commas are those of sentences and dates: they stand in few lines, or all lines are label and value."""
    if "," not in text or '"' in text or _BETWEEN_COLUMNS.search(text):
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    divided = sum("," in line for line in lines)
    return 2 * divided < len(lines) or all(map(_LABELLED.fullmatch, lines))


def _delimiter(text: str, *, strict: bool) -> str:
    """Return the delimiter by which the first lines fall into columns; with `strict` all of them, and into three or more."""
    lines = [line for line in text[:50_000].split("\n")[:_SNIFFED_LINES] if line.strip()]
    if strict and len(lines) < 3:
        return ""
    best, most = "", 0
    for delimiter in _DELIMITERS:
        counts = [_outside_quotes(line).count(delimiter) for line in lines]
        common = max(set(counts), key=counts.count) if counts else 0
        if strict and (common < 2 or min(counts) < common or max(counts) > common):
            continue
        weight = common * counts.count(common)
        if weight > most:
            best, most = delimiter, weight
    return best


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2]) if '"' in line else line
