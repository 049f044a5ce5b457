"""Numbers as people write them: in groups, with odd separators, broken over a line."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from policies.detectors.document import LINE_ENDS, Document, Span

# Between two digits of one number; a line may end there once.
GAP = r"(?:[ .・/_、-]{0,2}|[ -]?\n[ >]{0,3})"
_BEFORE = r"(?<![0-9A-Za-z])(?<![0-9][.:-])"
_AFTER = r"(?![0-9A-Za-z@])(?![.:-][0-9])"


_LONGER = frozenset({"CREDIT_CARD"})  # "on the back of my card" is of the card that bears the number
_NO_DIGIT = re.compile(r"[^0-9]+")


@lru_cache(maxsize=64)
def grouped(count: int, *, before: str = _BEFORE, after: str = _AFTER) -> re.Pattern[str]:
    """Return the pattern of a number of `count` digits, however it is grouped."""
    return re.compile(f"{before}[0-9](?:{GAP}[0-9]){{{count - 1}}}{after}")


def bare(text: str) -> str:
    """Return the ASCII digits of `text` alone."""
    return _NO_DIGIT.sub("", text)


_BROKEN = re.compile(r"[ -]?\n[ >]{0,3}")
# What may part two numbers; single digits in a row are one number that is spread.
_BLANK = re.compile(r"(?<=[0-9]{3})[ -]?[ \n][ >]{0,3}|[ -]?[ \n][ >]{0,3}(?=[0-9]{3})")
_GROUPS = re.compile(r"[0-9]+")
_LONGEST_GROUP = 6
_FEWEST_LINES = 4
_LONGEST_LINE = 400
_ADDRESS = re.compile(
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2})(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2})){3}"
)  # of a computer
_NUMBER_BEFORE = re.compile(r"[0-9] {1,2}\Z")
_NUMBER_BEHIND = re.compile(r" {1,2}[0-9]+(?![0-9]* ?/)")  # other than 12/26, until when a card is valid


# Who carries parcels gives them numbers: "FedEx 4484 0712 …".
_CARRIER = re.compile(
    r"(?:\b(?:FedEx|DHL|UPS|USPS|TNT|EMS|Royal Mail|Japan Post)\b|ヤマト(?:運輸|便)?|クロネコ|佐川(?:急便)?|西濃(?:運輸)?|福山通運|日本郵便|日通"
    r"|ゆうパック|ゆうパケット|レターパック|宅急便|宅配便)(?:(?!カード|card)[^\n0-9、。,;]){0,10}\Z",
    re.IGNORECASE,
)
_REACH_OF_CARRIER = 24  # characters before the number


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a place holds one number by its looks: groups that fit together, no other number beside it.

    Nor is it that of a parcel, named by who carries it.
    """
    if _CARRIER.search(text, max(0, start - _REACH_OF_CARRIER), start):
        return False
    groups = _GROUPS.findall(_BROKEN.sub("", text[start:end]))
    together = len(groups) == 1 or max(map(len, groups)) <= _LONGEST_GROUP
    beside = _NUMBER_BEFORE.search(text, max(0, start - 4), start) or _NUMBER_BEHIND.match(text, end)
    return together and not beside


def valid_numbers(
    text: str, pattern: re.Pattern[str], valid: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Yield the places of what fits `pattern` and is `valid`, though other numbers stand beside it.

    Where the whole of a match is not valid, it is tried without what follows a blank in it, and then from there on.
    """
    at = 0
    while match := pattern.search(text, at):
        blanks = list(_BLANK.finditer(text, *match.span()))
        ends = (match.end(), *(blank.start() for blank in reversed(blanks)))
        whole = (
            end
            for end in ends
            if valid(bare(text[match.start() : end]))
            and pattern.fullmatch(text, match.start(), end)
            and not _ADDRESS.fullmatch(text, match.start(), end)
        )
        end = next(whole, 0)
        if end:
            yield match.start(), end
        at = end or (blanks[0].end() if blanks else match.end())


def in_every_line(
    document: Document, kind: str, pattern: re.Pattern[str], valid: Callable[[str], bool]
) -> Iterator[Span]:
    """Yield the numbers of a list without headers whose every line has one, each with a valid check digit.

    By chance one number in eleven has it, and one run of `_FEWEST_LINES` in thousands.
    """
    run: list[Span] = []
    end_of_last = -1
    for match in pattern.finditer(document.text):
        first, last = _line(document.text, match.start())
        if match.end() > last or document.directly_other(kind, *match.span()):
            continue
        if first - end_of_last != 1:
            yield from _long_enough(run)
            run = []
        run.append(Span(kind if valid(bare(match.group())) else "", *match.span()))
        end_of_last = last
    yield from _long_enough(run)


def _line(text: str, position: int) -> tuple[int, int]:
    """Return start and end of the line, or row; of a longer one only so much as is looked at."""
    before, behind = max(0, position - _LONGEST_LINE), position + _LONGEST_LINE
    start = max(text.rfind(end, before, position) for end in LINE_ENDS) + 1
    ends = [at for at in (text.find(end, position, behind) for end in LINE_ENDS) if at >= 0]
    return start or before, min(ends, default=min(len(text), behind))


def _long_enough(run: Sequence[Span]) -> Sequence[Span]:
    return run if len(run) >= _FEWEST_LINES and all(span.type for span in run) else ()


def checked(
    document: Document, kind: str, pattern: re.Pattern[str], valid: Callable[[str], bool]
) -> Iterator[Span]:
    """Yield what fits `pattern`, passes its check digit, and is said to be of `kind`.

    A number that nothing is said about counts where the message names `kind` elsewhere.
    """
    for start, end in valid_numbers(document.text, pattern, valid):
        unsaid = (
            kind in document.topics
            and stands_alone(document.text, start, end)
            and document.is_open(kind, start, end, besides=_LONGER)
        )
        if unsaid or document.says(kind, start, end):
            yield Span(kind, start, end)
