"""XML in one pass, without entities of its own, and without anything fetched."""

from typing import Protocol
from xml.parsers import expat

from mailhold.mime.files.found import Unread
from mailhold.mime.files.job import Job
from mailhold.mime.pieces import Problem

_STEP = 256 * 1024
_DEEPEST = 2_000


class Handler(Protocol):
    """What is called for each tag and text. Names of elements come without their prefix, attributes as written."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text stands here."""


def walk(content: bytes, handler: Handler, job: Job) -> None:
    """Call `handler` in document order. Raises Unread for entities declared, and at the place where damage stands."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse
    local: dict[str, str] = {}
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Unread(Problem.TOO_DEEP)
        if name not in local:
            local[name] = name.rpartition(":")[2]
        handler.start(local[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(local[name])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.data
    try:
        for position in range(0, len(content), _STEP):
            job.check_time()
            parser.Parse(content[position : position + _STEP], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unread(Problem.DAMAGED) from error


def _refuse(*_: object) -> None:
    raise Unread(Problem.UNSAFE_XML)
