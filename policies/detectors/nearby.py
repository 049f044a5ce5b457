"""What was found beside a name: personal data near it tell that somebody is told of."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from policies.detectors.document import Span

NOT_PERSONAL = frozenset({"CORPORATE_NUMBER", "HEALTH_INSURANCE", "IBAN", "CREDENTIAL", "CONFIDENTIAL_MARK"})
# What everybody has in a signature.
_OF_OFFICES = frozenset({"PHONE", "EMAIL", "ADDRESS", "POSTAL_CODE", "BANK_ACCOUNT"})
_FAR = 200  # characters
# A line that is drawn, or the end of a paragraph and another one.
_APART = re.compile(r"\n[ ]{0,3}(?:[^\w\s]{4,}|--)[ ]{0,3}(?:\n|\Z)|\n\s*\n\s*\n")


@dataclass(frozen=True)
class Nearby:
    """The personal data of one text, in order of place."""

    text: str
    others: Sequence[Span]
    _personal: list[Span] = field(init=False)
    _identity: list[Span] = field(init=False)

    def __post_init__(self) -> None:
        personal = [other for other in self.others if other.type not in NOT_PERSONAL]
        object.__setattr__(self, "_personal", personal)
        object.__setattr__(self, "_identity", [one for one in personal if one.type not in _OF_OFFICES])

    def has_data(self, start: int, end: int, *, identity: bool = False) -> bool:
        """Tell whether personal data stand near, in the same part of the text; `identity`: none that a signature has."""
        some = self._identity if identity else self._personal
        at = bisect_right(some, start, key=lambda other: other.start)
        return any(self._is_near(other, start, end) for other in some[max(0, at - 1) : at + 1])

    def within(self, start: int, end: int) -> Sequence[Span]:
        """Return the personal data between two places."""
        first = bisect_left(self._personal, start, key=lambda other: other.start)
        return self._personal[first : bisect_left(self._personal, end, key=lambda other: other.start)]

    def identity_within(self, start: int, end: int) -> bool:
        """Tell whether numbers of papers, or a date of birth, stand between two places."""
        return any(other.type not in _OF_OFFICES for other in self.within(start, end))

    def _is_near(self, other: Span, start: int, end: int) -> bool:
        between = self.text[other.end : start] if other.start < start else self.text[end : other.start]
        return len(between) <= _FAR and not _APART.search(between)
