"""What an edit changed, for people: lines first, and within a changed line the words or characters."""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

_TOKEN = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
_LONGEST_PAIR = 2_000  # characters of both lines together, without what they begin and end alike with
_ALIKE = 0.3  # below this share of common text, two lines are a removal and an addition
_LINE_BUDGET = 100_000  # pairs of equal lines to weigh against each other
_TOKEN_BUDGET = 4_000_000  # tokens of the old line times tokens of the new line, over the whole text


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line; `changed` where the other side has something else."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line on both sides. Line numbers count from 1 and are None on the side that has no such line."""

    kind: Kind
    old: tuple[Segment, ...] = ()
    new: tuple[Segment, ...] = ()
    old_number: int | None = None
    new_number: int | None = None


def diff_text(old: str, new: str) -> list[Row]:
    """Return the rows that lead from `old` to `new`, all lines included. Time is bounded whatever the texts are."""
    return _Differ(old.splitlines(), new.splitlines()).rows()


class _Differ:
    def __init__(self, old: list[str], new: list[str]) -> None:
        self._old = old
        self._new = new
        self._tokens_left = _TOKEN_BUDGET

    def rows(self) -> list[Row]:
        before = _common_start(self._old, self._new)
        after = _common_end(self._old[before:], self._new[before:])
        rows = self._same(0, 0, before)
        old_end, new_end = len(self._old) - after, len(self._new) - after
        for tag, i1, i2, j1, j2 in _line_steps(self._old[before:old_end], self._new[before:new_end]):
            if tag == "equal":
                rows += self._same(before + i1, before + j1, i2 - i1)
            else:
                rows += self._replaced(range(before + i1, before + i2), range(before + j1, before + j2))
        return rows + self._same(old_end, new_end, after)

    def _same(self, old_at: int, new_at: int, count: int) -> list[Row]:
        rows = []
        for step in range(count):
            line = (Segment(self._old[old_at + step]),)
            rows.append(Row(Kind.SAME, line, line, old_at + step + 1, new_at + step + 1))
        return rows

    def _replaced(self, old_lines: range, new_lines: range) -> list[Row]:
        """Pair the lines in order; what stays alone or has too little in common is removed and added, kept together."""
        rows: list[Row] = []
        added: list[Row] = []
        for old_at, new_at in zip_longest(old_lines, new_lines):
            changed = None if old_at is None or new_at is None else self._changed(old_at, new_at)
            if changed:
                rows += [*added, changed]
                added = []
                continue
            if old_at is not None:
                rows.append(Row(Kind.REMOVED, old=(Segment(self._old[old_at], True),), old_number=old_at + 1))
            if new_at is not None:
                added.append(Row(Kind.ADDED, new=(Segment(self._new[new_at], True),), new_number=new_at + 1))
        return rows + added

    def _changed(self, old_at: int, new_at: int) -> Row | None:
        old, new = _TOKEN.findall(self._old[old_at]), _TOKEN.findall(self._new[new_at])
        start = _common_start(old, new)
        end = _common_end(old[start:], new[start:])
        head, tail = Segment("".join(old[:start])), Segment("".join(old[len(old) - end :]))
        old_middle, new_middle = self._middle(old[start : len(old) - end], new[start : len(new) - end])
        common = sum(len(segment.text) for segment in (head, *old_middle, tail) if not segment.changed)
        if common < _ALIKE * max(len(self._old[old_at]), len(self._new[new_at])):
            return None
        return Row(
            Kind.CHANGED,
            _merged((head, *old_middle, tail)),
            _merged((head, *new_middle, tail)),
            old_at + 1,
            new_at + 1,
        )

    def _middle(self, old: list[str], new: list[str]) -> tuple[list[Segment], list[Segment]]:
        """Compare the tokens of two lines, without those they begin and end alike with."""
        old_text, new_text = "".join(old), "".join(new)
        self._tokens_left -= len(old) * len(new)
        if len(old_text) + len(new_text) > _LONGEST_PAIR or self._tokens_left < 0:
            return [Segment(old_text, True)], [Segment(new_text, True)]
        old_segments, new_segments = [], []
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            old_segments.append(Segment("".join(old[i1:i2]), tag != "equal"))
            new_segments.append(Segment("".join(new[j1:j2]), tag != "equal"))
        return old_segments, new_segments


def _line_steps(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's steps, or one great replacement where too many equal lines would make it slow."""
    if not old and not new:
        return []
    counts = Counter(new)
    if sum(counts[line] for line in old) > _LINE_BUDGET:
        return [("replace", 0, len(old), 0, len(new))]
    return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())


def _common_start(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _common_end(old: list[str], new: list[str]) -> int:
    return _common_start(old[::-1], new[::-1])


def _merged(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the segments without empty ones, neighbours of one kind put together."""
    merged: list[Segment] = []
    for segment in segments:
        if not segment.text:
            continue
        if merged and merged[-1].changed == segment.changed:
            merged[-1] = Segment(merged[-1].text + segment.text, segment.changed)
        else:
            merged.append(segment)
    return tuple(merged)
