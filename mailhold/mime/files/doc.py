"""Documents of Word 97 to 2003 (MS-DOC), by their table of pieces: body, notes, headers and comments in one."""

import re
import struct
from collections.abc import Iterator

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.ole import embedded, streams
from mailhold.mime.pieces import Problem

_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_COMPRESSED = 1 << 30
_CELL_END, _ROW_END = "\x07", "\x07\x07"
_CONTROLS = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\xa0": " "})
_MARKS = re.compile("[\x00-\x06\x08\x0e-\x1d]")


def read_doc(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text, and the tables as rows. Encrypted documents stay unread."""
    document, first, second = streams(content, "WordDocument", "0Table", "1Table")
    if len(document) < 0x1AA:
        raise Unread(Problem.DAMAGED)
    (flags,) = struct.unpack_from("<H", document, 0x0A)
    if flags & _ENCRYPTED:
        yield Mark(encrypted=True)
        raise Unread(Problem.ENCRYPTED)
    try:
        text = _text(document, second if flags & _SECOND_TABLE else first, job)
    except struct.error as error:
        raise Unread(Problem.DAMAGED) from error
    prose, rows = _without_tables(_MARKS.sub("", text))
    yield from job.prose(prose)
    yield from job.table(rows, "tables")
    yield from embedded(content)


def _text(document: bytes, table: bytes, job: Job) -> str:
    start, size = struct.unpack_from("<LL", document, 0x1A2)
    pieces = table[start : start + size]
    position = 0
    while pieces[position : position + 1] == b"\x01":  # formatting
        position += 3 + struct.unpack_from("<H", pieces, position + 1)[0]
    if pieces[position : position + 1] != b"\x02":
        raise Unread(Problem.DAMAGED)
    (length,) = struct.unpack_from("<L", pieces, position + 1)
    count = min((length - 4) // 12, len(pieces) // 12)
    places = struct.unpack_from(f"<{count + 1}L", pieces, position + 5)
    descriptors = position + 5 + 4 * (count + 1)
    texts = []
    for index in range(count):
        (where,) = struct.unpack_from("<L", pieces, descriptors + 8 * index + 2)
        texts.append(_piece(document, where, max(0, places[index + 1] - places[index])))
        job.take_bytes(len(texts[-1]))
    return "".join(texts)


def _piece(document: bytes, where: int, length: int) -> str:
    if where & _COMPRESSED:
        start = (where & ~_COMPRESSED) // 2
        return document[start : start + length].decode("cp1252", "replace")
    return document[where : where + 2 * length].decode("utf-16-le", "replace")


def _without_tables(text: str) -> tuple[str, list[list[str]]]:
    """Return the prose, and the rows: each cell ends with a mark, and each row with one more."""
    prose: list[str] = []
    rows: list[list[str]] = []
    for chunk in text.split(_ROW_END):
        head, mark, tail = chunk.partition(_CELL_END)
        before, _, cell = head.rpartition("\r")
        if not mark and chunk is not text and not chunk.strip():
            continue
        if mark:
            prose.append(before)
            rows.append([part.translate(_CONTROLS).strip() for part in (cell, *tail.split(_CELL_END))])
        else:
            prose.append(chunk)
    return "\n".join(prose).translate(_CONTROLS), rows
