"""Numbers as people write them: in groups, with odd separators, broken over a line."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from policies.detectors.document import Document, Span

# Between two digits of one number; a line may end there once.
GAP = r"(?:[ .・/_、-]{0,2}|[ -]?\n[ >]{0,3})"
_BEFORE = r"(?<![0-9A-Za-z])(?<![0-9][.:-])"
_AFTER = r"(?![0-9A-Za-z@])(?![.:-][0-9])"


@lru_cache(maxsize=64)
def grouped(count: int, *, before: str = _BEFORE, after: str = _AFTER) -> re.Pattern[str]:
    """Return the pattern of a number of `count` digits, however it is grouped."""
    return re.compile(f"{before}[0-9](?:{GAP}[0-9]){{{count - 1}}}{after}")


def bare(text: str) -> str:
    """Return the ASCII digits of `text` alone."""
    return "".join(character for character in text if "0" <= character <= "9")


_BROKEN = re.compile(r"[ -]?\n[ >]{0,3}")
_GROUPS = re.compile(r"[0-9]+")
_LONGEST_GROUP = 6


def evenly_grouped(text: str) -> bool:
    """Tell whether the groups of `text` are those of one number, not several numbers beside one another."""
    groups = _GROUPS.findall(_BROKEN.sub("", text))
    return len(groups) == 1 or max(map(len, groups)) <= _LONGEST_GROUP


def checked(
    document: Document, kind: str, pattern: re.Pattern[str], valid: Callable[[str], bool]
) -> Iterator[Span]:
    """Yield what fits `pattern`, passes its check digit, and is said to be of `kind`.

    A number that nothing is said about counts where the message names `kind` elsewhere.
    """
    for match in pattern.finditer(document.text):
        if not valid(bare(match.group())):
            continue
        governing = document.says(kind, *match.span())
        unsaid = (
            kind in document.topics
            and evenly_grouped(match.group())
            and document.is_open(kind, *match.span())
        )
        if governing or unsaid:
            yield Span(kind, *match.span())
