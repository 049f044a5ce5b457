"""PDF: the text of pages, notes, form fields, and attached files. Pages are counted, loops seen, time is watched."""

import io
import logging
from collections.abc import Iterator
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.pieces import Problem

# What it warns of holds pieces of the files, which no log may keep.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

_BROKEN = (
    PyPdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    OSError,
    ArithmeticError,
)
_MOST_NODES = 20_000
_MOST_NOTES = 5_000


def read_pdf(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text page by page, then notes and fields, then attached files."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            yield from _opened(reader, job)
        root = reader.root_object
    except DependencyError as error:
        raise Unread(Problem.UNSUPPORTED) from error
    except _BROKEN as error:
        raise Unread(Problem.DAMAGED) from error
    yield from _pages(reader, root, job)
    yield from _parts_of_root(root, job)


def _opened(reader: PdfReader, job: Job) -> Iterator[Found]:
    """Open the document with no password, as most that are only protected, or with one of those known."""
    if reader.decrypt(""):
        return
    for password in job.passwords[: job.limits.passwords]:
        job.check_time()
        if reader.decrypt(password):
            yield Mark(encrypted=True, opened=True)
            return
    yield Mark(encrypted=True)
    raise Unread(Problem.ENCRYPTED)


def _pages(reader: PdfReader, root: DictionaryObject, job: Job) -> Iterator[Found]:
    for number, page in enumerate(_page_objects(root, job), 1):
        if number > job.limits.pdf_pages:
            raise Unread(Problem.TOO_LARGE)
        text = problem = ""
        try:
            text = _page_text(reader, page, job)
        except Unread as unread:
            problem = unread.problem
        except _BROKEN:
            problem = Problem.DAMAGED
        yield from job.prose(text, f"page {number}")
        yield from job.prose("\n".join(_notes(page, job)), f"page {number} notes", hidden=True)
        if problem:
            yield Mark(problem=problem)


def _page_objects(root: DictionaryObject, job: Job) -> Iterator[DictionaryObject]:
    """Yield the pages below the root, each node of the tree once. What a node hands down stands in its pages."""
    pending: list[tuple[Any, dict[str, Any]]] = [(root.get("/Pages"), {})]
    seen: set[int] = set()
    while pending:
        reference, inherited = pending.pop()
        job.check_time()
        number = getattr(reference, "idnum", 0)
        node = _resolved(reference)
        if not isinstance(node, DictionaryObject) or (number and number in seen):
            raise Unread(Problem.DAMAGED)
        seen.add(number)
        if len(seen) > _MOST_NODES:
            raise Unread(Problem.TOO_LARGE)
        handed = inherited | {key: node[key] for key in ("/Resources", "/MediaBox") if key in node}
        children = _resolved(node.get("/Kids"))
        if isinstance(children, ArrayObject):
            pending.extend((child, handed) for child in reversed(children))
        else:
            yield DictionaryObject({**handed, **node})


def _page_text(reader: PdfReader, node: DictionaryObject, job: Job) -> str:
    page = PageObject(reader)
    page.update(node)

    def watch(*_: object) -> None:
        job.check_time()

    return page.extract_text(visitor_operand_before=watch)


def _notes(page: DictionaryObject, job: Job) -> Iterator[str]:
    """Yield the texts of annotations, and the values of fields."""
    annotations = _resolved(page.get("/Annots"))
    for reference in (annotations if isinstance(annotations, ArrayObject) else ())[:_MOST_NOTES]:
        job.check_time()
        annotation = _resolved(reference)
        if isinstance(annotation, DictionaryObject):
            for key in ("/Contents", "/V"):
                value = _resolved(annotation.get(key))
                if isinstance(value, str):
                    yield value


def _parts_of_root(root: DictionaryObject, job: Job) -> Iterator[Found]:
    names = _resolved(root.get("/Names"))
    if not isinstance(names, DictionaryObject):
        return
    pending, seen = [_resolved(names.get("/EmbeddedFiles"))], 0
    while pending:
        node = pending.pop()
        seen += 1
        job.check_time()
        if seen > _MOST_NOTES:
            raise Unread(Problem.TOO_LARGE)
        if isinstance(node, DictionaryObject):
            pending.extend(map(_resolved, _array(node.get("/Kids"))))
            for specification in map(_resolved, _array(node.get("/Names"))):
                if isinstance(specification, DictionaryObject):
                    yield _attached(specification, job)


def _attached(specification: DictionaryObject, job: Job) -> Member:
    job.take_member()
    name = str(_resolved(specification.get("/UF")) or _resolved(specification.get("/F")) or "attached file")
    try:
        streams = _resolved(specification.get("/EF"))
        stream = _resolved(streams.get("/F")) if isinstance(streams, DictionaryObject) else None
        if not isinstance(stream, StreamObject):
            return Member(name=name, problem=Problem.DAMAGED)
        content = stream.get_data()
        job.take_bytes(len(content))
    except Unread as unread:
        return Member(name=name, problem=unread.problem)
    except _BROKEN:
        return Member(name=name, problem=Problem.DAMAGED)
    return Member(name=name, content=content)


def _array(value: Any) -> list[Any]:
    array = _resolved(value)
    return list(array) if isinstance(array, ArrayObject) else []


def _resolved(value: Any) -> Any:
    """Return what a reference leads to; None where that is broken."""
    try:
        return value.get_object() if hasattr(value, "get_object") else value
    except _BROKEN:
        return None
