"""The tree of parts of a message, as places in its bytes: nothing is copied and nothing is decoded.

Time is linear in the size of the message for each level, and levels, parts and false boundaries are bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime import transfer
from mailhold.mime.headers import HeaderBlock, read_block
from mailhold.mime.limits import Limits
from mailhold.mime.parameters import (
    ABSENT,
    Parameterized,
    content_type_of,
    file_name,
    names_differ,
    read_parameterized,
)

ATTACHED_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_ONCE = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "from", "subject", "date"}
)


@dataclass(slots=True, eq=False)
class Part:
    """One part: `source[block.body:end]` is its body. `outer` is its place in the parent, with its delimiter line."""

    source: bytes
    start: int
    end: int
    block: HeaderBlock
    declared: Parameterized
    content_type: str
    disposition: Parameterized = ABSENT
    encoding: str = ""
    parent: "Part | None" = None
    outer: tuple[int, int] = (0, 0)
    children: list["Part"] = field(default_factory=list)
    message: "Part | None" = None  # the root of an attached message
    broken: bool = False  # a multipart in which no boundary was found

    @property
    def name(self) -> str:
        """Return the file name, made harmless; "" without one."""
        return file_name(self.disposition, self.declared)

    @property
    def content_id(self) -> str:
        """Return the Content-ID without its brackets; "" without one."""
        raw = self.block.first("content-id")
        return (
            "" if raw is None else raw[:1000].decode("ascii", "replace").strip().strip("<>").replace("\0", "")
        )

    @property
    def body(self) -> bytes:
        """Return the body as it stands in the message, still encoded."""
        return self.source[self.block.body : self.end]

    def decoded(self) -> tuple[bytes, bool]:
        """Return the body decoded, and whether it was damaged."""
        return transfer.undo(self.body, self.encoding)


@dataclass(slots=True)
class Structure:
    """The tree, and what hindered its reading (codes of `parse.ParsedMessage.problems`)."""

    root: Part
    problems: set[str]


def read_structure(content: bytes, limits: Limits) -> Structure:
    """Find the parts of the message `content`."""
    walker = _Walker(limits)
    return Structure(walker.entity(content, 0, len(content), 0, "text/plain"), walker.problems)


def leaves(part: Part) -> Iterator[Part]:
    """Yield the parts without children, in order; attached messages are leaves."""
    pending = [part]
    while pending:
        current = pending.pop()
        if current.children:
            pending.extend(reversed(current.children))
        else:
            yield current


class _Walker:
    """Counts over the whole message, attached messages included."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts = 0
        self._fields = 0
        self._false_boundaries = 0
        self.problems: set[str] = set()

    def entity(self, source: bytes, start: int, end: int, depth: int, default: str) -> Part:
        """Read the part whose header block begins at `start`."""
        self._parts += 1
        block = read_block(source, start, end, self._limits, self._limits.all_header_fields - self._fields)
        self._fields += len(block.fields)
        if block.cut:
            self.problems.add("headers_too_large")
        part = _make_part(source, start, end, block, default)
        self._note_ambiguity(part)
        if part.content_type.startswith("multipart/"):
            self._split(part, depth)
        elif part.content_type in ATTACHED_MESSAGES:
            self._open_message(part, depth)
        return part

    def _note_ambiguity(self, part: Part) -> None:
        keys = [entry.key for entry in part.block.fields if entry.key in _ONCE]
        if len(keys) != len(set(keys)) or names_differ(part.disposition, part.declared):
            self.problems.add("ambiguous")

    def _split(self, part: Part, depth: int) -> None:
        boundary = part.declared.parameters.get("boundary", "").encode("utf-8", "replace")
        if depth >= self._limits.depth:
            self.problems.add("too_deep")
            return
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        pieces = self._pieces(part, boundary) if boundary else []
        for outer, start, end in pieces:
            child = self.entity(part.source, start, end, depth + 1, default)
            child.parent, child.outer = part, outer
            part.children.append(child)
        if not part.children:
            part.broken = True
            self.problems.add("broken_multipart")

    def _pieces(self, part: Part, boundary: bytes) -> list[tuple[tuple[int, int], int, int]]:
        """Return for each child its outer place, and where its header block begins and its body ends."""
        pieces: list[tuple[tuple[int, int], int, int]] = []
        opened: tuple[int, int] | None = None
        for line, after, closing in self._delimiters(part, b"--" + boundary):
            if opened:
                pieces.append(((opened[0], line), opened[1], _before_line_end(part.source, opened[1], line)))
                opened = None
            if closing:
                return pieces
            if self._parts + len(pieces) >= self._limits.parts:
                self.problems.add("too_many_parts")
                return pieces
            opened = (line, after)
        if opened:
            # The closing delimiter is missing: the rest belongs to the last part.
            pieces.append(((opened[0], part.end), opened[1], part.end))
            self.problems.add("unended_multipart")
        return pieces

    def _delimiters(self, part: Part, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
        """Yield the delimiter lines: where each begins, where the next line begins, whether it closes."""
        source, end = part.source, part.end
        position = part.block.body
        while self._false_boundaries < self._limits.false_boundaries:
            line = position if source.startswith(delimiter, position, end) else -1
            if line < 0:
                line = source.find(b"\n" + delimiter, position, end) + 1
            if line <= 0:
                return
            line_end = source.find(b"\n", line + len(delimiter), end)
            after = end if line_end < 0 else line_end + 1
            rest = source[line + len(delimiter) : min(after, line + len(delimiter) + 200)].strip()
            if rest in {b"", b"--"}:
                yield line, after, rest == b"--"
                position = after
            else:
                self._false_boundaries += 1
                position = max(after - 1, line + 1)
        self.problems.add("too_many_parts")

    def _open_message(self, part: Part, depth: int) -> None:
        if depth >= self._limits.depth:
            self.problems.add("too_deep")
            return
        if self._parts >= self._limits.parts:
            self.problems.add("too_many_parts")
            return
        if part.encoding in transfer.IDENTITY:
            part.message = self.entity(part.source, part.block.body, part.end, depth + 1, "text/plain")
        else:
            decoded, damaged = part.decoded()
            part.message = self.entity(decoded, 0, len(decoded), depth + 1, "text/plain")
            if damaged:
                self.problems.add("damaged")


def _make_part(source: bytes, start: int, end: int, block: HeaderBlock, default: str) -> Part:
    declared = read_parameterized(block.first("content-type"))
    raw_encoding = block.first("content-transfer-encoding") or b""
    return Part(
        source=source,
        start=start,
        end=max(end, block.body),
        block=block,
        declared=declared,
        content_type=content_type_of(declared, default),
        disposition=read_parameterized(block.first("content-disposition")),
        encoding=raw_encoding[:100].decode("ascii", "replace").partition(";")[0].strip().lower(),
    )


def _before_line_end(source: bytes, start: int, line: int) -> int:
    """Return where the body before the delimiter at `line` ends: the line end belongs to the delimiter."""
    end = line
    if end > start and source[end - 1] == 0x0A:
        end -= 1
        if end > start and source[end - 1] == 0x0D:
            end -= 1
    return end
