"""What a reader of one format hands to the inspection, and how it says that it cannot go on."""

from dataclasses import dataclass
from typing import TypeAlias

from mailhold.mime.pieces import Problem

Rows: TypeAlias = tuple[tuple[str, ...], ...]


class Unread(Exception):
    """The rest of the file stays unread; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"The file cannot be read to its end: {problem}.")
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text or a table; `path` names its place in the file, such as a sheet."""

    path: tuple[str, ...] = ()
    text: str = ""
    rows: Rows = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file within the file. With a `problem` its content could not be had, and `size` is what the archive claims."""

    name: str
    content: bytes = b""
    size: int = 0
    declared_type: str = ""
    encrypted: bool = False
    opened: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to know about the file itself."""

    macros: bool = False
    encrypted: bool = False
    opened: bool = False
    problem: str = ""  # something stayed unread, but reading goes on


Found: TypeAlias = Passage | Member | Mark
