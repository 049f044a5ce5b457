"""Texts with their marks, as pages show them: cut into runs, or into passages around what is marked. Pure."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Signs around a mark: where a passage of a long text begins and ends, and in the excerpt beside a reason.
_AROUND = 200
_NEAR = 30
_LONGEST_HIT = 60
# What is left of a word, or the whole of it, where an excerpt is cut off.
_CUT_BEFORE = re.compile(r"\A[0-9A-Za-z]{1,14} +")
_CUT_AFTER = re.compile(r" +[0-9A-Za-z]{1,14}\Z")
# Texts up to this length are shown whole where passages are asked for.
SHORT = 2_000


@dataclass(frozen=True, slots=True)
class Span:
    """What is written from `start` to `end`, marked for the reason with this number."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Signs that are marked for the same reasons, or for none.

    With this run the first mark begins of the reasons in `first`, and a mark ends of those in `ends`.
    """

    text: str
    numbers: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of a text, beginning in its line `line`, counted from 1; `cut` where the text goes on before, or after it."""

    line: int
    runs: tuple[Run, ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A mark with a few signs around it, on one line; `marks` are those that lie in `after`, by their places there."""

    before: str
    hit: str
    after: str
    marks: tuple[Span, ...] = ()

    @property
    def after_runs(self) -> tuple[Run, ...]:
        """What stands behind the mark, cut where others begin and end."""
        return runs(self.after, self.marks)


def runs(text: str, spans: Iterable[Span], already: Iterable[int] = ()) -> tuple[Run, ...]:
    """Return `text` cut where marks begin and end. Reasons in `already` have had their first mark before.

    Marks of one reason that touch are one; what does not lie within the text is no mark.
    """
    merged = _merged(text, spans)
    begun = set(already)
    found = []
    for start, end in _between(text, merged):
        numbers = tuple(sorted({span.number for span in merged if span.start <= start and end <= span.end}))
        first = tuple(number for number in numbers if number not in begun)
        begun.update(first)
        ends = tuple(sorted({span.number for span in merged if span.end == end})) if numbers else ()
        found.append(Run(text[start:end], numbers, first, ends))
    return tuple(found)


def _between(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    cuts = sorted({0, len(text), *(cut for span in spans for cut in (span.start, span.end))})
    return pairwise(cuts)


def _merged(text: str, spans: Iterable[Span]) -> list[Span]:
    found: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not 0 <= span.start < span.end <= len(text):
            continue
        mine = found[span.number]
        if mine and span.start <= mine[-1].end:
            mine[-1] = Span(span.number, mine[-1].start, max(mine[-1].end, span.end))
        else:
            mine.append(span)
    return sorted((span for mine in found.values() for span in mine), key=lambda span: span.start)


def passages(
    text: str, spans: Iterable[Span], already: Iterable[int] = (), *, short: int = SHORT
) -> tuple[Passage, ...]:
    """Return a `short` text whole, and of a long one what stands around its marks; nothing without marks."""
    merged = _merged(text, spans)
    if not merged:
        return ()
    stretches = [(0, len(text))] if len(text) <= short else _stretches(text, merged)
    starts = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]
    found: list[Passage] = []
    begun = set(already)
    for start, end in stretches:
        inside = [
            Span(span.number, span.start - start, span.end - start)
            for span in merged
            if start <= span.start and span.end <= end
        ]
        found.append(
            Passage(
                line=bisect_right(starts, start),
                runs=runs(text[start:end], inside, begun),
                cut_before=start > 0,
                cut_after=end < len(text),
            )
        )
        begun |= {span.number for span in inside}
    return tuple(found)


def _stretches(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return what is shown around `spans`: the lines before and after, unless they are long."""
    found: list[tuple[int, int]] = []
    for span in spans:
        start = span.start - _before(text[max(0, span.start - _AROUND) : span.start])
        end = span.end + _after(text[span.end : span.end + _AROUND])
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _before(text: str) -> int:
    """Return how many of the last signs of `text` are of its last line and of the one before it that is not empty."""
    line = text.rfind("\n") + 1
    return len(text) - text.rfind("\n", 0, len(text[:line].rstrip())) - 1


def _after(text: str) -> int:
    """Return how many of the first signs of `text` are of its first line and of the next one that is not empty."""
    line = text.partition("\n")[0]
    rest = text[len(line) :]
    return len(text) - len(rest.lstrip()) + len(rest.lstrip().partition("\n")[0])


def excerpt(text: str, span: Span, others: Iterable[Span] = ()) -> Excerpt:
    """Return the mark with what stands beside it on its line; `others` are marked there where they are shown whole."""
    hit = text[span.start : span.end]
    return Excerpt(
        before=_beside(
            text[max(0, span.start - _NEAR) : span.start].rpartition("\n")[2], span.start > _NEAR, -1
        ),
        hit=_one_line(hit if len(hit) <= _LONGEST_HIT else hit[: _LONGEST_HIT - 1] + "…"),
        after=_beside(text[span.end : span.end + _NEAR].partition("\n")[0], span.end + _NEAR < len(text), 1),
        marks=tuple(
            Span(other.number, other.start - span.end, other.end - span.end)
            for other in others
            if shows(text, span, other)
        ),
    )


def _beside(text: str, more: bool, side: int) -> str:
    """Return `text` on one line, with an ellipsis where it was cut off within a line."""
    kept = _one_line(text)
    if not more or len(text) < _NEAR:
        return kept
    return f"…{_CUT_BEFORE.sub('', kept)}" if side < 0 else f"{_CUT_AFTER.sub('', kept)}…"


def shows(text: str, first: Span, second: Span) -> bool:
    """Tell whether the excerpt around `first` has `second` in it too."""
    return (
        first.end <= second.start
        and second.end <= first.end + _NEAR
        and "\n" not in text[first.end : second.end]
    )


def _one_line(text: str) -> str:
    return "".join(" " if sign.isspace() else sign for sign in text)


def by_number(spans: Iterable[Span]) -> Mapping[int, list[Span]]:
    """Return the spans of each reason, in their order."""
    found: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        found[span.number].append(span)
    return found
