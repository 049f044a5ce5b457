"""What one inspection may still use: time, bytes, members, cells and text, over all files of a message."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mailhold.mime.charsets import clean
from mailhold.mime.files.found import Passage, Unread
from mailhold.mime.pieces import InspectionLimits, Problem


@dataclass(slots=True)
class Job:
    """Each `take_` raises Unread where the limit is reached. `passwords` are tried in their order.

    `opened_by` are those that opened a file.
    """

    limits: InspectionLimits
    passwords: list[str] = field(default_factory=list)
    deadline: float = 0.0
    opened_by: list[str] = field(default_factory=list)
    _bytes: int = 0
    _members: int = 0
    _cells: int = 0
    _characters: int = 0

    @classmethod
    def begin(cls, limits: InspectionLimits) -> "Job":
        """Return a job whose time begins now."""
        return cls(limits, deadline=time.monotonic() + limits.seconds)

    def check_time(self) -> None:
        """Raise Unread when the time is over."""
        if time.monotonic() > self.deadline:
            raise Unread(Problem.TOO_SLOW)

    def take_member(self) -> None:
        """Count one file of an archive."""
        self._members += 1
        if self._members > self.limits.members:
            raise Unread(Problem.TOO_MANY_MEMBERS)
        self.check_time()

    def take_bytes(self, count: int) -> None:
        """Count unpacked bytes."""
        self._bytes += count
        if self._bytes > self.limits.extracted_bytes:
            raise Unread(Problem.TOO_LARGE)
        self.check_time()

    def bytes_left(self) -> int:
        """Return how many bytes may still be unpacked."""
        return max(0, self.limits.extracted_bytes - self._bytes)

    def take_cells(self, count: int) -> None:
        """Count cells of tables, and now and then look at the clock."""
        before = self._cells // 5_000
        self._cells += count
        if self._cells > self.limits.cells:
            raise Unread(Problem.TOO_LARGE)
        if self._cells // 5_000 != before:
            self.check_time()

    def prose(self, text: str, *path: str, hidden: bool = False) -> Iterator[Passage]:
        """Yield `text` as one passage, if it says anything. Raises Unread after it where it had to be cut."""
        most = min(self.limits.text_characters, self.limits.all_text_characters - self._characters)
        kept = text[: max(0, most)]
        self._characters += len(kept)
        if kept.strip():
            yield Passage(path=path, text=clean(kept), hidden=hidden)
        if len(kept) < len(text):
            raise Unread(Problem.TOO_LARGE)

    def table(self, rows: Iterable[Sequence[str]], *path: str, hidden: bool = False) -> Iterator[Passage]:
        """Yield `rows` as one passage, without empty rows. Raises Unread after it where a limit ended it."""
        kept: list[tuple[str, ...]] = []
        ended: Unread | None = None
        try:
            for row in rows:
                self.take_cells(len(row))
                self.take_characters(sum(map(len, row)))
                if any(row):
                    kept.append(tuple(map(clean, row)))
        except Unread as reached:
            ended = reached
        if kept:
            yield Passage(path=path, rows=tuple(kept), hidden=hidden)
        if ended:
            raise ended

    def take_characters(self, count: int) -> None:
        """Count the characters of tables and texts."""
        self._characters += count
        if self._characters > self.limits.all_text_characters:
            raise Unread(Problem.TOO_LARGE)
