"""Workbooks: every sheet, also those that are hidden or "very hidden", with what their cells show."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.charsets import clean
from mailhold.mime.files.cells import column_number, shown_number
from mailhold.mime.files.found import Found, Mark, Passage, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.package import Package, refuse_unknown
from mailhold.mime.files.safexml import walk
from mailhold.mime.pieces import Problem

_MOST_COLUMNS = 16_384
_LONGEST_FORMAT = 255  # that Excel takes
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_WORD_PARTS = (
    (r"xl/(?:comments|threadedComments/threadedComment)\d*\.xml", "comments", True),
    (r"xl/drawings/drawing\d+\.xml", "drawings", False),
    (r"xl/pivotCache/pivotCache(?:Definition|Records)\d+\.xml", "pivot cache", True),
    (r"xl/externalLinks/externalLink\d+\.xml", "external link", True),
)


def read_xlsx(content: bytes, job: Job) -> Iterator[Found]:
    """Yield each sheet as a table, then comments, text boxes, and what caches keep of other tables."""
    package = Package(content, job)
    book, name = _Book(), next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
    walk(refuse_unknown(package, name), book, job)
    strings, formats = _strings(package, name), _formats(package, name)
    targets = package.relations(name)
    for sheet in book.sheets:
        reading = _Sheet(job, strings, formats, epoch_1904=book.epoch_1904)
        yield from _sheet(package, targets.get(sheet.relation, ""), sheet, reading)
    for pattern, label, hidden in _WORD_PARTS:
        for name in package.names(pattern):
            yield from package.words(name, label, hidden=hidden)
    yield from package.extras()


def _sheet(package: Package, name: str, sheet: "_Listed", reading: "_Sheet") -> Iterator[Found]:
    content = package.read(name)
    if not content:
        yield Mark(problem=Problem.DAMAGED)
        return
    ended = None
    try:
        walk(content, reading, package.job)
    except Unread as unread:
        ended = unread
    if sheet.hidden or not (reading.hidden_rows or reading.hidden_columns):
        yield from _grid(reading.rows, sheet)
    else:
        yield from _grid(_visible(reading), sheet)
        yield from _grid(_unseen(reading), sheet, hidden=True)
    if ended:
        raise ended


def _grid(rows: list[list[str]], sheet: "_Listed", *, hidden: bool = False) -> Iterator[Found]:
    """Yield the rows as they were counted while they were read."""
    kept = tuple(tuple(map(clean, row)) for row in rows if any(row))
    if kept:
        yield Passage(path=(sheet.name,), rows=kept, hidden=hidden or sheet.hidden)


def _visible(reading: "_Sheet") -> list[list[str]]:
    return [
        [cell for column, cell in enumerate(row) if column not in reading.hidden_columns]
        for number, row in enumerate(reading.rows)
        if number not in reading.hidden_rows
    ]


def _unseen(reading: "_Sheet") -> list[list[str]]:
    """Return the hidden rows whole under the first row, which mostly names the columns, and else the hidden columns."""
    unseen: list[list[str]] = []
    for number, row in enumerate(reading.rows):
        if number in reading.hidden_rows or (number == 0 and reading.hidden_rows):
            unseen.append(row)
        elif reading.hidden_columns:
            unseen.append(
                [cell if column in reading.hidden_columns else "" for column, cell in enumerate(row)]
            )
    return unseen


def _strings(package: Package, book: str) -> list[str]:
    shared = _Shared(package.job)
    for name in package.related(book, "sharedStrings") or ["xl/sharedStrings.xml"]:
        if content := package.read(name):
            walk(content, shared, package.job)
    return shared.strings


def _formats(package: Package, book: str) -> list[str]:
    """Return for each cell style its number format, or "date" for one of those built in."""
    styles = _Styles()
    for name in package.related(book, "styles") or ["xl/styles.xml"]:
        if content := package.read(name):
            walk(content, styles, package.job)
    return [
        "yyyy-mm-dd"
        if number in _DATE_FORMATS and number not in styles.custom
        else styles.custom.get(number, "")
        for number in styles.used
    ]


@dataclass(frozen=True, slots=True)
class _Listed:
    name: str
    relation: str
    hidden: bool


@dataclass(slots=True)
class _Book:
    sheets: list[_Listed] = field(default_factory=list)
    epoch_1904: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            state = attributes.get("state", "visible")
            self.sheets.append(_Listed(attributes.get("name", ""), relation, state != "visible"))
        elif name == "workbookPr":
            self.epoch_1904 = attributes.get("date1904") in {"1", "true"}

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _Shared:
    """The shared strings, without the readings (furigana) that stand beside them."""

    job: Job
    strings: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _reading: bool = False
    _phonetic: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._reading = not self._phonetic
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.job.take_cells(1)
            self.strings.append("".join(self._parts))
            self._parts = []

    def data(self, text: str) -> None:
        if self._reading:
            self._parts.append(text)


@dataclass(slots=True)
class _Styles:
    custom: dict[int, str] = field(default_factory=dict)
    used: list[int] = field(default_factory=list)
    _in_cells: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = attributes.get("formatCode", "")[:_LONGEST_FORMAT]
            self.custom[_integer(attributes.get("numFmtId"))] = code
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self.used.append(_integer(attributes.get("numFmtId")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def data(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _Sheet:
    job: Job
    strings: list[str]
    formats: list[str]
    epoch_1904: bool
    rows: list[list[str]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    _column: int = 0
    _kind: str = ""
    _style: int = 0
    _value: list[str] = field(default_factory=list)
    _reading: bool = False
    _phonetic: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "t"}:
            self._reading = not self._phonetic
        elif name == "row":
            if attributes.get("hidden") in {"1", "true"}:
                self.hidden_rows.add(len(self.rows))
            self.rows.append([])
        elif name == "rPh":
            self._phonetic = True
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            last = min(_integer(attributes.get("max")), _MOST_COLUMNS)
            self.hidden_columns.update(range(_integer(attributes.get("min")) - 1, last))
        elif name in {"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}:
            self._value, self._reading = [], True

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._reading = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._phonetic = False
        elif name.endswith(("Header", "Footer")) and self._reading:
            self._reading = False
            self.rows.append(["".join(self._value)])

    def data(self, text: str) -> None:
        if self._reading:
            self._value.append(text)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        row = self.rows[-1] if self.rows else []
        self._column = column_number(attributes.get("r", ""), len(row))
        self._kind = attributes.get("t", "n")
        self._style = _integer(attributes.get("s"))
        self._value = []

    def _end_cell(self) -> None:
        text = self._shown("".join(self._value))
        if not text or not self.rows or self._column >= _MOST_COLUMNS:
            return
        row = self.rows[-1]
        missing = max(0, self._column - len(row))
        self.job.take_cells(missing + 1)
        self.job.take_characters(len(text))
        row.extend([""] * missing)
        row.append(text)

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            index = _integer(value)
            return self.strings[index] if index < len(self.strings) else ""
        if self._kind in {"inlineStr", "str", "e"}:
            return value
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        code = self.formats[self._style] if self._style < len(self.formats) else ""
        return shown_number(value, code, epoch_1904=self.epoch_1904)


def _integer(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else 0
