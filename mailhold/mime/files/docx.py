"""Word documents: paragraphs, tables as rows, headers, footers, notes, text boxes, comments and recorded deletions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.package import Package, refuse_unknown
from mailhold.mime.files.safexml import walk

_PARTS = (
    (r"word/document\d*\.xml", "", False),
    (r"word/(?:header|footer)\d*\.xml", "header or footer", False),
    (r"word/(?:footnotes|endnotes)\.xml", "notes", False),
    (r"word/comments\.xml", "comments", True),
    (r"word/glossary/document\.xml", "building blocks", True),
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def read_docx(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the texts and tables of all stories of the document."""
    package = Package(content, job)
    main = package.related("", "officeDocument")
    if not package.names(_PARTS[0][0]):
        refuse_unknown(package, main[0] if main else "word/document.xml")
    for name in main:
        if not re.fullmatch(_PARTS[0][0], name):
            yield from _part(package, name, "", hidden=False)  # no program asks for the usual name
    for pattern, label, hidden in _PARTS:
        for name in package.names(pattern):
            yield from _part(package, name, label, hidden=hidden)
    yield from package.extras()


def _part(package: Package, name: str, label: str, *, hidden: bool) -> Iterator[Found]:
    story = _Story()
    try:
        walk(package.read(name), story, package.job)
    except Unread as unread:
        yield Mark(problem=unread.problem)
    path = (label,) if label else ()
    yield from package.job.prose("\n".join(story.paragraphs), *path, hidden=hidden)
    for number, rows in enumerate(story.tables, 1):
        yield from package.job.table(rows, *path, f"table {number}", hidden=hidden)
    yield from package.job.prose("\n".join(story.hidden), *path, "hidden", hidden=True)


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None  # the paragraphs of the cell that is open


@dataclass(slots=True)
class _Story:
    """Paragraphs end innermost first, so that a text box stands before the paragraph that holds it."""

    paragraphs: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    _open: list[list[str]] = field(default_factory=list)
    _nested: list[_Table] = field(default_factory=list)
    _text: str = ""  # the element whose text is gathered
    _vanishes: bool = False
    _in_run: bool = False
    _unseen: list[str] = field(default_factory=list)
    _fallback: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Fallback" or self._fallback:
            # The same once more, for programs that know less.
            self._fallback += 1
        elif name in {"t", "delText", "instrText"}:
            self._text = name
        elif name in _BREAKS:
            self._add(_BREAKS[name])
        elif name == "p":
            self._open.append([])
        elif name == "r":
            self._vanishes, self._in_run = False, True
        elif name in {"vanish", "webHidden"} and self._in_run:
            self._vanishes = attributes.get("w:val", "1") not in {"0", "false", "off"}
        elif name == "tbl":
            self._nested.append(_Table())
        elif self._nested and name == "tr":
            self._nested[-1].rows.append([])
        elif self._nested and name == "tc":
            self._nested[-1].cell = []

    def end(self, name: str) -> None:
        if self._fallback:
            self._fallback -= 1
        elif name in {"t", "delText", "instrText"}:
            self._text = ""
        elif name == "p" and self._open:
            self._end_paragraph("".join(self._open.pop()))
        elif name == "r":
            self._vanishes = self._in_run = False
        elif name == "tbl" and self._nested:
            self.tables.append(self._nested.pop().rows)
        elif name == "tc" and self._nested:
            table = self._nested[-1]
            if table.rows and table.cell is not None:
                table.rows[-1].append(" ".join(filter(None, table.cell)))
            table.cell = None

    def data(self, text: str) -> None:
        if self._fallback or not self._text:
            return
        if self._text == "t" and not self._vanishes:
            self._add(text)
        else:
            self._unseen.append(text)

    def _add(self, text: str) -> None:
        if self._open:
            self._open[-1].append(text)

    def _end_paragraph(self, text: str) -> None:
        if self._unseen:
            self.hidden.append("".join(self._unseen))
            self._unseen = []
        cell = self._nested[-1].cell if self._nested else None
        if cell is not None:
            cell.append(text.strip())
        else:
            self.paragraphs.append(text)
