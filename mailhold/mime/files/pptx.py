"""Presentations: slides with their tables, speaker notes, comments, and what stands on the masters."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.package import Package, refuse_unknown
from mailhold.mime.files.safexml import walk

_PARTS = (
    (r"ppt/slides/slide\d+\.xml", "slide", False),
    (r"ppt/notesSlides/notesSlide\d+\.xml", "notes", True),
    (r"ppt/comments/[^/]+\.xml", "comments", True),
    (r"ppt/slideMasters/slideMaster\d+\.xml", "master", False),
)


def read_pptx(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the texts and tables, a slide at a time."""
    package = Package(content, job)
    main = next(iter(package.related("", "officeDocument")), "ppt/presentation.xml")
    refuse_unknown(package, main)
    slides = package.related(main, "slide")
    for pattern, label, hidden in _PARTS:
        names = package.names(pattern)
        if label == "slide":
            names += [name for name in slides if name not in names]  # no program asks for the usual names
        for number, name in enumerate(names, 1):
            yield from _slide(package, name, f"{label} {number}", hidden=hidden)
    yield from package.extras()


def _slide(package: Package, name: str, label: str, *, hidden: bool) -> Iterator[Found]:
    slide = _Slide()
    try:
        walk(package.read(name), slide, package.job)
    except Unread as unread:
        yield Mark(problem=unread.problem)
    hidden = hidden or slide.hidden
    yield from package.job.prose("\n".join(slide.paragraphs), label, hidden=hidden)
    for number, rows in enumerate(slide.tables, 1):
        yield from package.job.table(rows, label, f"table {number}", hidden=hidden)


@dataclass(slots=True)
class _Slide:
    paragraphs: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    hidden: bool = False
    _paragraph: list[str] = field(default_factory=list)
    _cell: list[str] | None = None
    _reading: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in {"t", "text"}:
            self._reading = True
        elif name == "br":
            self._paragraph.append("\n")
        elif name == "sld":
            self.hidden = attributes.get("show") in {"0", "false"}
        elif name == "tbl":
            self.tables.append([])
        elif name == "tr" and self.tables:
            self.tables[-1].append([])
        elif name == "tc":
            self._cell = []

    def end(self, name: str) -> None:
        if name in {"t", "text"}:
            self._reading = False
        if name in {"p", "text"}:
            (self.paragraphs if self._cell is None else self._cell).append("".join(self._paragraph))
            self._paragraph = []
        elif name == "tc":
            if self.tables and self.tables[-1] and self._cell is not None:
                self.tables[-1][-1].append(" ".join(filter(None, self._cell)))
            self._cell = None

    def data(self, text: str) -> None:
        if self._reading:
            self._paragraph.append(text)
