"""Text folded for reading: NFKC, one kind of hyphen, one kind of space, nothing invisible; every place is kept.

People write the same number in full width, with long vowel marks for hyphens, or with ideographic spaces. The detectors
read the folded text; `Folded.span` leads back to the text as it was written, so that the exact place can be marked.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

# Characters that fold to themselves: ASCII without CR, kana, unified ideographs, marks of Japanese punctuation.
_FOLDS = re.compile(r"\r\n?|[^\x00-\x0c\x0e-\x7f、-〕ぁ-ゖァ-ー一-鿿][ﾞﾟ゙゚̀-ͯ]?")
_NUMERO = "№"  # with a dot the digits right behind it stay apart
_HYPHENS = frozenset("‐‑‒–—―⁃−－﹣﹘─━")
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e")
# ① would become a digit that sticks to the number after it; ㊙ is a mark in itself.
_KEPT = re.compile(r"[\u2460-\u24ff\u2776-\u2793\u3299]")
# The long vowel mark and the wave serve as hyphens where digits stand on both sides.
_VOWEL_HYPHEN = re.compile(r"(?<=[0-9])[ー~〜](?=[0-9])")


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text; `starts[i]` (folded) stands for `origins[i]` (original).

    Stretches that stayed as they were, at even numbers, take turns with characters that changed.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    length: int  # of the original

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original place of the folded characters from `start` to `end`."""
        first = self._first(start)
        return first, max(first, self._last(end - 1)) if end > start else first

    def narrowed(self, original: str) -> frozenset[int]:
        """Return the places of folded letters that took two columns as they were written, and take one now."""
        return frozenset(
            start
            for start, origin in zip(self.starts[1::2], self.origins[1::2], strict=True)
            if unicodedata.east_asian_width(original[origin]) in "WF"
            and self.text[start : start + 1].isascii()
        )

    def _first(self, position: int) -> int:
        if position >= len(self.text):
            return self.length
        at = bisect_right(self.starts, position) - 1
        return self.origins[at] if at % 2 else self.origins[at] + position - self.starts[at]

    def _last(self, position: int) -> int:
        """Return where the character at the folded `position` ends; a changed one is marked as a whole."""
        at = bisect_right(self.starts, position) - 1
        return self.origins[at + 1] if at % 2 else self.origins[at] + position - self.starts[at] + 1


def fold(text: str) -> Folded:
    """Fold `text`, of any content."""
    if not text:
        # As most cells are of a sheet with one cell far out.
        return _NOTHING
    pieces: list[str] = []
    starts: list[int] = [0]
    origins: list[int] = [0]
    written = copied = 0
    for match in _FOLDS.finditer(text):
        folded = _folded(match.group())
        if folded == match.group():
            continue
        before = text[copied : match.start()]
        pieces += (before, folded)
        starts.append(written + len(before))
        origins.append(match.start())
        written += len(before) + len(folded)
        copied = match.end()
        starts.append(written)
        origins.append(copied)
    pieces.append(text[copied:])
    return Folded(_VOWEL_HYPHEN.sub("-", "".join(pieces)), tuple(starts), tuple(origins), len(text))


_NOTHING = Folded("", (0,), (0,), 0)


def _folded(cluster: str) -> str:
    if cluster[0] == "\r":
        return "\n"
    return "".join(_folded_character(part) for part in _composed(cluster))


def _composed(cluster: str) -> str:
    if cluster[0] == _NUMERO:
        return "No." + unicodedata.normalize("NFKC", cluster[1:])
    if _KEPT.match(cluster):
        return cluster[0] + unicodedata.normalize("NFKC", cluster[1:])
    return unicodedata.normalize("NFKC", cluster)


def _folded_character(character: str) -> str:
    if character in _INVISIBLE:
        return ""
    if character in _HYPHENS:
        return "-"
    if character.isspace() and character not in "\t\n":
        return "\n" if character in "\u2028\u2029\x85\x0b\x0c" else " "
    return character
