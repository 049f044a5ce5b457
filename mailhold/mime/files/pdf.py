"""PDF: the text of pages, notes, form fields, and attached files. Pages are counted, loops seen, time is watched."""

import io
import logging
from collections.abc import Iterator
from typing import Any

from pypdf import Configuration, PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.pdf_layout import Piece, laid_out
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
    NotImplementedError,
)
_BOUNDS = Configuration(
    zlib_maximum_output_length=32_000_000,
    lzw_maximum_output_length=32_000_000,
    run_length_maximum_output_length=32_000_000,
    array_based_stream_maximum_output_length=32_000_000,
    stream_parsing_work_maximum_count=300_000,  # a stream is parsed whole before the clock is looked at
    xform_maximum_invocations_per_extraction=1_000,
    jbig2dec_binary=None,
)
# Encodings of Japanese fonts that differ only in their widths from one that the library knows.
_SAME_CODES = {
    f"/{variant}-{direction}": f"/90ms-RKSJ-{direction}"
    for variant in ("90msp-RKSJ", "90pv-RKSJ", "83pv-RKSJ", "Ext-RKSJ", "Add-RKSJ")
    for direction in "HV"
}
_READABLE_CODES = frozenset({"/90ms-RKSJ-H", "/90ms-RKSJ-V"})
_MOST_FONTS = 500
_MOST_NODES = 20_000
_MOST_NOTES = 5_000


def read_pdf(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text page by page, then notes and fields, then attached files."""
    try:
        with apply_configuration(_BOUNDS):
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
            job.opened_by.append(password)
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
        except LimitReachedError:
            problem = Problem.TOO_LARGE
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
    if not _fonts_are_readable(node.get("/Resources"), job):
        raise Unread(Problem.UNSUPPORTED)
    page = PageObject(reader)
    page.update(node)

    pieces: list[Piece] = []
    upright = True

    def watch(*_: object) -> None:
        job.check_time()

    def place(text: str, user: list[float], matrix: list[float], _font: object, size: float) -> None:
        nonlocal upright
        written = _without_nul(text).strip("\n")
        if written.strip():
            x, y, scale = _place(user, matrix)
            upright = upright and not (user[1] or user[2] or matrix[1] or matrix[2])
            pieces.append(Piece(x, y, max(1.0, abs(size * scale)), written))

    with apply_configuration(_BOUNDS):
        text = page.extract_text(visitor_operand_before=watch, visitor_text=place)
    return (laid_out(pieces) if upright else "") or _without_nul(text)


def _place(user: list[float], matrix: list[float]) -> tuple[float, float, float]:
    """Return the place of a text on the page, and by how much its font is enlarged."""
    x = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
    y = matrix[4] * user[1] + matrix[5] * user[3] + user[5]
    return x, y, matrix[3] * user[3]


def _without_nul(text: str) -> str:
    """Codes of two bytes that a font without widths leaves behind; no text holds it."""
    return text.replace("\0", "")


def _fonts_are_readable(resources: Any, job: Job) -> bool:
    """Tell whether the codes of all fonts of a page stand for known characters; else its text would be read as another.

    Fonts of many bytes a character need a table to Unicode, or one of the encodings that the library knows.
    """
    pending, seen = [resources], set[int]()
    while pending:
        reference = pending.pop()
        number = getattr(reference, "idnum", 0)
        holder = _resolved(reference)
        if not isinstance(holder, DictionaryObject) or (number and number in seen):
            continue
        seen.add(number or -len(seen))
        job.check_time()
        if len(seen) > _MOST_FONTS:
            raise Unread(Problem.TOO_LARGE)
        for font in map(_resolved, _values(holder.get("/Font"))):
            if isinstance(font, DictionaryObject) and not _font_is_readable(font):
                return False
        forms = map(_resolved, _values(holder.get("/XObject")))
        pending.extend(form.get("/Resources") for form in forms if isinstance(form, DictionaryObject))
    return True


def _font_is_readable(font: DictionaryObject) -> bool:
    if font.get("/Subtype") != "/Type0" or "/ToUnicode" in font:
        return True
    codes = _resolved(font.get("/Encoding"))
    if codes in _SAME_CODES:
        font[NameObject("/Encoding")] = NameObject(_SAME_CODES[codes])
        return True
    return isinstance(codes, str) and (
        codes in _READABLE_CODES or (codes.startswith("/Uni") and "UTF8" not in codes)
    )


def _values(mapping: Any) -> list[Any]:
    resolved = _resolved(mapping)
    return list(resolved.values()) if isinstance(resolved, DictionaryObject) else []


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
        with apply_configuration(_BOUNDS):
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
