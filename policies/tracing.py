"""Folded texts whose every place leads back to the text as it was written, so that the exact place can be marked.

`trace` folds as `fold_text` does, to the very same text. It costs some ten times as much, so it is asked only where
something was found.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from policies.folding import fold_text

_BLANKS = re.compile(r"\s+")
# What folds sign by sign, one for one: ASCII, kana, unified ideographs, Hangul, marks of Japanese punctuation.
_PLAIN = re.compile(r"[!-~、-〕ぁ-ゖァ-ー一-鿿가-힣]+")
# Signs that are no marks to Unicode, and yet melt into the one before: vowels and finals of Hangul, also at half width.
_MELTING = re.compile(r"[\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\uffa0-\uffdc]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some signs of a made text, and where they came from. With `even`, sign by sign; otherwise only as a whole."""

    text: str
    start: int
    end: int
    even: bool = True


class _Origins:
    """Where the signs of a made text come from, in the text of which it was made."""

    def __init__(self, stretches: list[Stretch]) -> None:
        self._stretches = stretches
        self._starts = [0, *accumulate(len(stretch.text) for stretch in stretches)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self._first(start), self._last(end - 1)

    def _first(self, position: int) -> int:
        at = bisect_right(self._starts, position) - 1
        stretch = self._stretches[at]
        return stretch.start + position - self._starts[at] if stretch.even else stretch.start

    def _last(self, position: int) -> int:
        at = bisect_right(self._starts, position) - 1
        stretch = self._stretches[at]
        return stretch.start + position - self._starts[at] + 1 if stretch.even else stretch.end


class Traced:
    """A text made of another one, in one step or several; `span` says where its signs stood at the very beginning."""

    def __init__(self, stretches: Iterable[Stretch], before: tuple[_Origins, ...] = ()) -> None:
        kept = [stretch for stretch in stretches if stretch.text]
        self.text = "".join(stretch.text for stretch in kept)
        self._steps = (_Origins(kept), *before)  # the last one first

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return from where to where the signs from `start` to `end`, at least one, stood."""
        for step in self._steps:
            start, end = step.span(start, end)
        return start, end

    def without(self, pattern: re.Pattern[str], instead: str) -> "Traced":
        """Return the text with `instead` where `pattern` fits."""
        if not pattern.search(self.text):
            return self
        return Traced(_replaced(self.text, pattern, instead), self._steps)

    def folded(self) -> "Traced":
        """Return the text as `fold_text` folds it."""
        return Traced(_folded(self.text), self._steps)


def written(text: str) -> Traced:
    """Return `text` as it stands."""
    return Traced([Stretch(text, 0, len(text))])


def trace(text: str) -> Traced:
    """Return `text` as `fold_text` folds it."""
    return Traced(_folded(text))


def _replaced(text: str, pattern: re.Pattern[str], instead: str) -> Iterator[Stretch]:
    done = 0
    for found in pattern.finditer(text):
        yield Stretch(text[done : found.start()], done, found.start())
        yield Stretch(instead, *found.span(), even=False)
        done = found.end()
    yield Stretch(text[done:], done, len(text))


def _folded(text: str) -> list[Stretch]:
    """Return the stretches of the folded text.

    Where signs melt together in a way that is not known here, whole words are the stretches, and at the worst the text.
    """
    wanted = fold_text(text)
    for cut in (_signs, _words):
        stretches = _joined(cut(text))
        if "".join(stretch.text for stretch in stretches) == wanted:
            return stretches
    return [Stretch(wanted, 0, len(text), even=False)]


def _signs(text: str) -> Iterator[Stretch]:
    position = 0
    while position < len(text):
        for cut in (_blank, _plain, _cluster):
            stretch = cut(text, position)
            if stretch is not None:
                yield stretch
                position = stretch.end
                break


def _blank(text: str, position: int) -> Stretch | None:
    found = _BLANKS.match(text, position)
    return Stretch(" ", position, found.end(), even=False) if found else None


def _plain(text: str, position: int) -> Stretch | None:
    found = _PLAIN.match(text, position)
    if found is None:
        return None
    end = found.end()
    # The last one takes part in what follows: か and a mark of voice.
    if end < len(text) and _melts(text[end]):
        end -= 1
    return Stretch(text[position:end].lower(), position, end) if end > position else None


def _cluster(text: str, position: int) -> Stretch:
    end = position + 1
    while end < len(text) and _melts(text[end]):
        end += 1
    return Stretch(_fold(text[position:end]), position, end, even=False)


def _words(text: str) -> Iterator[Stretch]:
    done = 0
    for found in _BLANKS.finditer(text):
        yield Stretch(_fold(text[done : found.start()]), done, found.start(), even=False)
        yield Stretch(" ", *found.span(), even=False)
        done = found.end()
    yield Stretch(_fold(text[done:]), done, len(text), even=False)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return `stretches` with one blank for several, and none at the ends. Some signs fold to a blank and a mark."""
    kept: list[Stretch] = []
    blank = True
    for stretch in stretches:
        text = stretch.text.lstrip(" ") if blank else stretch.text
        if text:
            kept.append(stretch if text == stretch.text else _shorter(stretch, text))
            blank = text.endswith(" ")
    if kept and blank:
        kept[-1] = _shorter(kept[-1], kept[-1].text.rstrip(" "))
    return kept


def _shorter(stretch: Stretch, text: str) -> Stretch:
    return Stretch(text, stretch.start, stretch.end, even=False)


@lru_cache(maxsize=8192)
def _fold(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return _BLANKS.sub(" ", folded)


@lru_cache(maxsize=8192)
def _melts(sign: str) -> bool:
    """Tell whether `sign` may melt into the one before it, or change places with it."""
    return unicodedata.category(sign)[0] == "M" or _MELTING.match(sign) is not None
