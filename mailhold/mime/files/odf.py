"""OpenDocument texts, sheets and presentations."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.package import Package, refuse_unknown
from mailhold.mime.files.safexml import walk
from mailhold.mime.pieces import Problem

_MOST_REPEATED = 1_000
_HIDDEN_PARTS = frozenset({"annotation", "notes", "tracked-changes"})


def read_odf(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the texts and tables of the document, and those of its headers and footers."""
    package = Package(content, job)
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        yield Mark(encrypted=True, problem=Problem.ENCRYPTED)
        return
    refuse_unknown(package, "content.xml")
    for name, label in (("content.xml", ""), ("styles.xml", "header or footer")):
        yield from _part(package, name, label)
    if package.names(r"(?:Basic|Scripts)/.+"):
        yield Mark(macros=True)


def _part(package: Package, name: str, label: str) -> Iterator[Found]:
    content = package.read(name)
    if not content:
        return
    document = _Document(package.job)
    try:
        walk(content, document, package.job)
    except Unread as unread:
        yield Mark(problem=unread.problem)
    path = (label,) if label else ()
    yield from package.job.prose("\n".join(document.paragraphs), *path)
    yield from package.job.prose("\n".join(document.hidden), *path, "hidden", hidden=True)
    for number, table in enumerate(document.tables, 1):
        name = table.name or f"table {number}"
        yield from package.job.table(table.rows, *path, name, hidden=table.style in document.hidden_styles)
        yield from package.job.table(table.hidden, *path, name, hidden=True)


@dataclass(slots=True)
class _Table:
    name: str
    style: str
    rows: list[list[str]] = field(default_factory=list)
    hidden: list[list[str]] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    cell: list[str] | None = None
    repeated: int = 1
    row_hidden: bool = False


@dataclass(slots=True)
class _Document:
    job: Job
    paragraphs: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    tables: list[_Table] = field(default_factory=list)
    hidden_styles: set[str] = field(default_factory=set)
    _open: list[list[str]] = field(default_factory=list)
    _nested: list[_Table] = field(default_factory=list)
    _style: str = ""
    _unseen: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in {"p", "h"}:
            self._open.append([])
        elif name in {"tab", "line-break", "s"}:
            self._add({"tab": "\t", "line-break": "\n", "s": " "}[name])
        elif name in _HIDDEN_PARTS:
            self._unseen += 1
        elif name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self.hidden_styles.add(self._style)
        elif name == "table":
            self._nested.append(
                _Table(attributes.get("table:name", ""), attributes.get("table:style-name", ""))
            )
        elif self._nested and name == "table-row":
            table = self._nested[-1]
            table.row, table.row_hidden = [], attributes.get("table:visibility", "visible") != "visible"
        elif self._nested and name in {"table-cell", "covered-table-cell"}:
            table = self._nested[-1]
            table.cell, table.repeated = [], _count(attributes.get("table:number-columns-repeated"))

    def end(self, name: str) -> None:
        if name in {"p", "h"} and self._open:
            self._end_paragraph("".join(self._open.pop()))
        elif name in _HIDDEN_PARTS:
            self._unseen -= 1
        elif name == "table" and self._nested:
            self.tables.append(self._nested.pop())
        elif self._nested and name == "table-row":
            table = self._nested[-1]
            (table.hidden if table.row_hidden else table.rows).append(_without_end(table.row))
        elif self._nested and name in {"table-cell", "covered-table-cell"}:
            self._end_cell(self._nested[-1])

    def data(self, text: str) -> None:
        self._add(text)

    def _add(self, text: str) -> None:
        if self._open:
            self._open[-1].append(text)

    def _end_paragraph(self, text: str) -> None:
        cell = self._nested[-1].cell if self._nested else None
        if self._unseen:
            self.hidden.append(text)
        elif cell is not None:
            cell.append(text)
        else:
            self.paragraphs.append(text)

    def _end_cell(self, table: _Table) -> None:
        text = " ".join(filter(None, table.cell or ()))
        self.job.take_cells(table.repeated)
        table.row.extend([text] * table.repeated)
        table.cell = None


def _count(value: str | None) -> int:
    return (
        max(1, min(int(value), _MOST_REPEATED))
        if value and value.isascii() and value.isdigit() and len(value) < 9
        else 1
    )


def _without_end(row: list[str]) -> list[str]:
    """Return the row without the empty cells that fill it up to the edge of the sheet."""
    last = len(row)
    while last and not row[last - 1]:
        last -= 1
    return row[:last]
