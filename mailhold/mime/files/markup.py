"""HTML as prose, and its tables as rows. A table stands in the prose too, as it may be mere layout."""

import re
from collections.abc import Iterator

from mailhold.mime.files.found import Found, Mark, Rows
from mailhold.mime.files.job import Job
from mailhold.mime.files.text import decode_text
from mailhold.mime.htmltext import html_to_text
from mailhold.mime.pieces import Problem

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_TABLE_TAG = re.compile(r"<(/?)(table|tr|t[dh])(?=[\s/>])[^<>]{0,2000}>", re.IGNORECASE)
_MOST_TAGS = 200_000


def read_html(raw: bytes, job: Job, charset: str = "") -> Iterator[Found]:
    """Yield the text, then each table that is one."""
    declared = _META_CHARSET.search(raw[:4096])
    most = 4 * job.limits.text_characters
    html = decode_text(raw[:most], charset or (declared[1].decode("ascii") if declared else ""))
    yield from job.prose(html_to_text(html))
    for number, rows in enumerate(html_tables(html, job), 1):
        yield from job.table(rows, f"table {number}")
    if len(raw) > most:
        yield Mark(problem=Problem.TOO_LARGE)


def html_tables(html: str, job: Job) -> Iterator[Rows]:
    """Yield the innermost tables that have two rows and two columns or more. Ends quietly where time or cells end."""
    if "<t" not in html and "<T" not in html:
        return
    cells = 0
    for rows in _innermost(html):
        cells += sum(map(len, rows))
        if cells > job.limits.cells:
            return
        if len(rows) >= 2 and max(map(len, rows)) >= 2:
            yield tuple(rows)


def _innermost(html: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield the rows of each table that has no table within it."""
    rows: list[list[str]] | None = None
    cell_start: int | None = None

    def end_cell(at: int) -> None:
        nonlocal cell_start
        if rows and cell_start is not None:
            rows[-1].append(" ".join(html_to_text(html[cell_start:at]).split()))
        cell_start = None

    for number, tag in enumerate(_TABLE_TAG.finditer(html)):
        if number == _MOST_TAGS:
            return
        closing, name = tag[1], tag[2].lower()
        if rows is not None:
            end_cell(tag.start())
        if name == "table":
            if closing and rows is not None:
                yield [tuple(row) for row in rows if any(row)]
            rows = None if closing else []
        elif rows is not None and name == "tr" and not closing:
            rows.append([])
        elif rows is not None and name in {"td", "th"} and not closing:
            rows = rows or [[]]
            cell_start = tag.end()
