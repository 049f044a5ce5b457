"""Presentations of PowerPoint 97 to 2003 (MS-PPT): all text atoms, those of notes marked as hidden."""

import struct
from collections.abc import Iterator

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.ole import embedded, streams
from mailhold.mime.pieces import Problem

_WIDE_TEXT, _NARROW_TEXT, _STRING, _NOTES = 0x0FA0, 0x0FA8, 0x0FBA, 0x03F0
_CONTAINER = 0x0F
_ENCRYPTED = b"\xdf\xc4\xd1\xf3"  # in the header of "Current User"
_HEADER = struct.Struct("<HHL")


def read_ppt(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text of the slides, then that of the notes. Encrypted presentations stay unread."""
    document, user = streams(content, "PowerPoint Document", "Current User")
    if user[12:16] == _ENCRYPTED:
        yield Mark(encrypted=True)
        raise Unread(Problem.ENCRYPTED)
    if len(document) < _HEADER.size or document[0] & _CONTAINER != _CONTAINER:
        raise Unread(Problem.DAMAGED)
    seen: list[str] = []
    notes: list[str] = []
    for kind, body, in_notes in _atoms(document, job):
        codec = "latin_1" if kind == _NARROW_TEXT else "utf-16-le"
        (notes if in_notes else seen).append(
            body.decode(codec, "replace").replace("\r", "\n").replace("\x0b", "\n")
        )
    yield from job.prose("\n".join(seen))
    yield from job.prose("\n".join(notes), "notes", hidden=True)
    yield from embedded(content)


def _atoms(document: bytes, job: Job) -> Iterator[tuple[int, bytes, bool]]:
    """Yield kind and content of the texts, and whether they stand in notes. Containers are walked into."""
    position, count, notes_end = 0, 0, 0
    while position + _HEADER.size <= len(document):
        version, kind, size = _HEADER.unpack_from(document, position)
        position += _HEADER.size
        count += 1
        if count % 5_000 == 0:
            job.check_time()
        if version & 0x0F == _CONTAINER:
            notes_end = position + size if kind == _NOTES else notes_end
            continue
        if kind in {_WIDE_TEXT, _NARROW_TEXT, _STRING}:
            yield kind, document[position : position + size], position < notes_end
        position += size
