"""What an inspection finds: the readable pieces of a message, every file met, and what stayed unread."""

from dataclasses import dataclass, field
from enum import StrEnum


class Problem(StrEnum):
    """Why a file was not inspected, or not wholly. What was read before stays found."""

    ENCRYPTED = "encrypted"  # and no known password opens it
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"  # unpacked bytes, their ratio to the packed ones, text, cells or pages
    TOO_MANY_MEMBERS = "too_many_members"
    TOO_SLOW = "too_slow"
    DAMAGED = "damaged"
    UNSAFE_XML = "unsafe_xml"  # declares entities
    UNSUPPORTED = "unsupported"  # a format, or a way of packing, that is not read here


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionLimits:
    """Bounds on one inspection, over all files of the message together where nothing else is said."""

    seconds: float = 10.0
    extracted_bytes: int = 100 * 1024 * 1024
    ratio: int = 250  # unpacked to packed bytes of one member, beyond `ratio_free_bytes`
    ratio_free_bytes: int = 4 * 1024 * 1024
    members: int = 10_000
    depth: int = 5  # archives and messages around a file
    text_characters: int = 5_000_000  # of one piece
    all_text_characters: int = 20_000_000
    cells: int = 500_000
    pdf_pages: int = 500
    passwords: int = 30  # tried on one encrypted file


DEFAULT = InspectionLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something readable: prose in `text`, or a table in `rows`.

    `where` is "subject", "body" or "attachment:NAME" with the name of the outermost attachment. `path` leads inward from
    there, as ("list.zip", "dir/names.xlsx", "Sheet2"), and is empty for subject and body. `hidden` is what a reader does
    not see at first: hidden sheets, rows and columns, notes, comments, deletions that are still recorded.
    A table of HTML stands in the prose too, as there a table may be mere layout.
    """

    where: str
    path: tuple[str, ...]
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedFile:
    """One file: an attachment, or what was within one. `size` counts bytes; types are media types.

    `encrypted` also where a password that stands in the mail opened it, which `opened` says. `inspected` is False where
    something in it stayed unread; `problem` says why (a Problem).
    """

    path: tuple[str, ...]
    declared_type: str
    detected_type: str
    size: int
    encrypted: bool = False
    opened: bool = False
    macros: bool = False
    executable: bool = False
    archive: bool = False
    inspected: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """All pieces and files. `inspected` is False where something stayed unread.

    `problems` are the codes of all that was wrong, with the files and with the message (see `parse.ParsedMessage`).
    `opened_by` are the passwords that opened files.
    """

    pieces: tuple[Piece, ...]
    files: tuple[InspectedFile, ...]
    inspected: bool
    problems: tuple[str, ...]
    opened_by: tuple[str, ...] = field(default=(), repr=False)
