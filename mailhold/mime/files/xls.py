"""Workbooks of Excel 97 to 2003 (MS-XLS): every sheet, also hidden ones, and comments. Encrypted ones stay unread."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.charsets import clean
from mailhold.mime.files.cells import shown_number
from mailhold.mime.files.found import Found, Mark, Passage, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.ole import embedded, streams
from mailhold.mime.pieces import Problem

_BOF, _CONTINUE, _FILEPASS, _BOUNDSHEET, _SST, _TXO = 0x809, 0x3C, 0x2F, 0x85, 0xFC, 0x1B6
_LABELSST, _LABEL, _NUMBER, _RK, _MULRK, _FORMULA, _STRING = 0xFD, 0x204, 0x203, 0x27E, 0xBD, 0x06, 0x207
_ROW, _COLINFO, _FORMAT, _XF, _DATE_1904 = 0x208, 0x7D, 0x41E, 0xE0, 0x22
_BIFF8 = 0x600
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_MOST_ROWS = 65_536


def read_xls(content: bytes, job: Job) -> Iterator[Found]:
    """Yield each sheet as a table, then the comments."""
    (book,) = streams(content, "Workbook")
    if not book:
        raise Unread(Problem.UNSUPPORTED)  # of Excel 95 or before
    if not book.startswith(_BOF.to_bytes(2, "little")):
        raise Unread(Problem.DAMAGED)
    reading = _Reading(job)
    ended: Unread | None = None
    try:
        reading.run(book)
    except Unread as unread:
        ended = unread
    except (struct.error, IndexError):
        ended = Unread(Problem.DAMAGED)
    yield from reading.found()
    if ended:
        yield Mark(encrypted=ended.problem == Problem.ENCRYPTED)
        raise ended
    yield from embedded(content)


@dataclass(slots=True)
class _Sheet:
    name: str
    hidden: bool
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def rows(self, *, seen: bool) -> Iterator[list[str]]:
        """Yield the rows; with `seen` only what is not hidden, else what is hidden, under the first row."""
        for number in sorted(self.cells):
            cells = self.cells[number]
            row_hidden = number in self.hidden_rows
            if seen and row_hidden:
                continue
            columns = [
                column
                for column in cells
                if row_hidden or not self.hidden_columns or (column in self.hidden_columns) != seen
            ]
            if columns and (seen or row_hidden or self.hidden_columns or number == min(self.cells)):
                yield [cells[column] if column in columns else "" for column in range(max(columns) + 1)]


@dataclass(slots=True)
class _Reading:
    job: Job
    strings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _sheets: dict[int, _Sheet] = field(default_factory=dict)  # by where they begin
    _sheet: _Sheet | None = None
    _formats: dict[int, str] = field(default_factory=dict)
    _styles: list[int] = field(default_factory=list)
    _epoch_1904: bool = False
    _waiting: tuple[int, int] | None = None  # the cell whose formula gives the text of the next record

    def run(self, book: bytes) -> None:
        position, count = 0, 0
        while position + 4 <= len(book):
            kind, size = struct.unpack_from("<HH", book, position)
            start = position + 4
            count += 1
            if count % 5_000 == 0:
                self.job.check_time()
            if kind == _BOF and struct.unpack_from("<H", book, start)[0] != _BIFF8:
                raise Unread(Problem.UNSUPPORTED)
            if kind == _BOF:
                self._sheet = self._sheets.get(position)
            elif kind == _FILEPASS:
                raise Unread(Problem.ENCRYPTED)
            elif kind == _SST:
                self.strings = list(_shared_strings(_chunks(book, position), self.job))
            elif kind == _TXO:
                self._note(_chunks(book, position))
            else:
                self._record(kind, book[start : start + size])
            position = start + size

    def found(self) -> Iterator[Found]:
        """Yield the tables and comments that were read."""
        for sheet in self._sheets.values():
            yield from self._table(sheet, seen=True)
            if sheet.hidden_rows or sheet.hidden_columns:
                yield from self._table(sheet, seen=False)
        yield from self.job.prose("\n".join(self.notes), "comments", hidden=True)

    def _table(self, sheet: _Sheet, *, seen: bool) -> Iterator[Found]:
        """Yield the rows; the cells were counted while they were read."""
        rows = tuple(tuple(map(clean, row)) for row in sheet.rows(seen=seen))
        if rows:
            yield Passage(path=(sheet.name,), rows=rows, hidden=sheet.hidden or not seen)

    def _record(self, kind: int, body: bytes) -> None:
        if kind == _BOUNDSHEET:
            place, state = struct.unpack_from("<LB", body)
            self._sheets[place] = _Sheet(_text(body[8:], body[6], body[7]), bool(state & 3))
        elif kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", body)
            self._formats[number] = _text(body[5:], length, wide)
        elif kind == _XF:
            self._styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _DATE_1904:
            self._epoch_1904 = body[:1] == b"\1"
        elif self._sheet:
            self._cell_record(self._sheet, kind, body)

    def _cell_record(self, sheet: _Sheet, kind: int, body: bytes) -> None:
        if kind == _LABELSST:
            row, column, _, index = struct.unpack_from("<HHHL", body)
            self._put(row, column, self.strings[index] if index < len(self.strings) else "")
        elif kind == _LABEL:
            row, column, _, length, wide = struct.unpack_from("<HHHHB", body)
            self._put(row, column, _text(body[9:], length, wide))
        elif kind == _NUMBER:
            row, column, style, value = struct.unpack_from("<HHHd", body)
            self._put(row, column, self._shown(value, style))
        elif kind == _RK:
            row, column, style, packed = struct.unpack_from("<HHHL", body)
            self._put(row, column, self._shown(_unpacked(packed), style))
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for index in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<HL", body, 4 + 6 * index)
                self._put(row, first + index, self._shown(_unpacked(packed), style))
        elif kind == _FORMULA:
            self._formula(body)
        elif kind == _STRING and self._waiting:
            length, wide = struct.unpack_from("<HB", body)
            self._put(*self._waiting, _text(body[3:], length, wide))
            self._waiting = None
        else:
            _hide(sheet, kind, body)

    def _formula(self, body: bytes) -> None:
        row, column, style = struct.unpack_from("<HHH", body)
        if body[12:14] != b"\xff\xff":
            self._put(row, column, self._shown(struct.unpack_from("<d", body, 6)[0], style))
        elif body[6] == 0:
            self._waiting = row, column

    def _put(self, row: int, column: int, text: str) -> None:
        if self._sheet and text and row < _MOST_ROWS:
            self.job.take_cells(1)
            self._sheet.cells.setdefault(row, {})[column] = text

    def _shown(self, value: float, style: int) -> str:
        number = self._styles[style] if style < len(self._styles) else 0
        code = self._formats.get(number, "yyyy-mm-dd" if number in _DATE_FORMATS else "")
        return shown_number(format(value, ".15g"), code, epoch_1904=self._epoch_1904)

    def _note(self, chunks: list[bytes]) -> None:
        (length,) = struct.unpack_from("<H", chunks[0], 10)
        if length and len(chunks) > 1:
            self.notes.append(_text(chunks[1][1:], length, chunks[1][0] if chunks[1] else 0))


def _hide(sheet: _Sheet, kind: int, body: bytes) -> None:
    """Note which rows and columns are not shown."""
    if kind == _ROW and body[12] & 0x20:
        sheet.hidden_rows.add(struct.unpack_from("<H", body)[0])
    elif kind == _COLINFO and body[8] & 1:
        first, last = struct.unpack_from("<HH", body)
        sheet.hidden_columns.update(range(first, min(last, 255) + 1))


def _chunks(book: bytes, position: int) -> list[bytes]:
    """Return the body of a record, and those of the records that continue it."""
    chunks = []
    kind = None
    while position + 4 <= len(book) and kind in {None, _CONTINUE}:
        _, size = struct.unpack_from("<HH", book, position)
        chunks.append(book[position + 4 : position + 4 + size])
        position += 4 + size
        kind = struct.unpack_from("<H", book, position)[0] if position + 4 <= len(book) else 0
    return chunks


def _text(raw: bytes, length: int, wide: int) -> str:
    return raw[: 2 * length].decode("utf-16-le", "replace") if wide & 1 else raw[:length].decode("latin_1")


def _unpacked(packed: int) -> float:
    """Return the number that four bytes stand for (section 2.5.218)."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))
    return value / 100 if packed & 1 else value


class _Continued:
    """Bytes over the borders of records."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks
        self._chunk = 0
        self._position = 0

    def left(self) -> int:
        """Return how many bytes the current record still has, going on to the next when it is used up."""
        while self._chunk < len(self._chunks) - 1 and self._position >= len(self._chunks[self._chunk]):
            self._chunk, self._position = self._chunk + 1, 0
        return len(self._chunks[self._chunk]) - self._position

    def take(self, count: int) -> bytes:
        """Return `count` bytes. Raises IndexError where there are not so many."""
        parts = []
        while count:
            here = min(count, self.left())
            if here <= 0:
                raise IndexError
            parts.append(self._chunks[self._chunk][self._position : self._position + here])
            self._position += here
            count -= here
        return b"".join(parts)

    def characters(self, length: int, wide: int) -> str:
        """Return a text; where a record ends within it, the next begins with a byte that says how wide it goes on."""
        parts = []
        while length:
            if self._position >= len(self._chunks[self._chunk]) and self._chunk < len(self._chunks) - 1:
                self.left()
                wide = self.take(1)[0]
            here = min(length, self.left() // (2 if wide & 1 else 1))
            if here <= 0:
                raise IndexError
            parts.append(_text(self.take(here * (2 if wide & 1 else 1)), here, wide))
            length -= here
        return "".join(parts)


def _shared_strings(chunks: list[bytes], job: Job) -> Iterator[str]:
    source = _Continued(chunks)
    _, count = struct.unpack("<LL", source.take(8))
    for _ in range(count):
        job.take_cells(1)
        length, flags = struct.unpack("<HB", source.take(3))
        runs = struct.unpack("<H", source.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<L", source.take(4))[0] if flags & 4 else 0
        yield source.characters(length, flags)
        source.take(4 * runs)
        source.take(min(extra, 1_000_000))
