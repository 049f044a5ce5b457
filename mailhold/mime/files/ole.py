"""The compound files (MS-CFB) in which old Office formats and encrypted new ones keep their streams."""

import io
import struct
from collections.abc import Iterator

import olefile

from mailhold.mime.files.found import Found, Mark, Unread
from mailhold.mime.pieces import Problem

# Storages that hold whole documents of other programs, by the names that Excel, Word and PowerPoint give them.
_EMBEDDED = ("MBD", "OBJECTPOOL/")


def streams(content: bytes, *names: str) -> list[bytes]:
    """Return the streams `names`, b"" for one that is not there. Raises Unread where the file is damaged."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            return [ole.openstream(name).read() if ole.exists(name) else b"" for name in names]
    except (OSError, ValueError, IndexError, TypeError, struct.error, olefile.olefile.OleFileError) as error:
        raise Unread(Problem.DAMAGED) from error


def outermost(content: bytes) -> frozenset[str]:
    """Return the names that stand at the root, not those of documents within. Raises Unread where the file is damaged."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            return frozenset(path[0] for path in ole.listdir(streams=True, storages=True))
    except (OSError, ValueError, IndexError, TypeError, struct.error, olefile.olefile.OleFileError) as error:
        raise Unread(Problem.DAMAGED) from error


def embedded(content: bytes) -> Iterator[Found]:
    """Yield that something stayed unread, where other documents lie within this one."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            paths = ["/".join(path).upper() for path in ole.listdir()]
    except (OSError, ValueError, IndexError, TypeError, struct.error, olefile.olefile.OleFileError) as error:
        raise Unread(Problem.DAMAGED) from error
    if any(path.startswith(_EMBEDDED) for path in paths):
        yield Mark(problem=Problem.UNSUPPORTED)
