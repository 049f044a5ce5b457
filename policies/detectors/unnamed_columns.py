"""Lists whose columns nobody named: lines that each hold personal data, and a name in the same place.

"1) 13,322円 | 吉川 彩花 | 広島銀行", "8B Zoe Hart 1968/04/15 zoe@…". What a column holds is told by its cells together,
as in tables with unknown headers; so is a column of dates long ago beside a column of names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from policies.detectors.birthdates import lies_ahead
from policies.detectors.document import Document, Span
from policies.detectors.names import NAME, is_known, is_possible
from policies.detectors.nearby import Nearby
from policies.detectors.tables import kind_of_column, kind_of_header

_FEWEST_LINES, _FEWEST_DATES = 2, 3
_LONGEST_LINE = 400
_COUNTED = re.compile(
    r"[ \t>]{0,6}[・*•●■○◆-]? {0,2}(?:[(\[#]?(?:[0-9]{1,4}|[A-Z][0-9]{1,3}|[0-9]{1,3}[A-Z])(?:[.)\]:、]{1,2} {0,2}| {1,2}|(?=[\t|;])))?"
)
_SEPARATORS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\x1f",
        r"\t",
        r"\|",
        r";",
        r" {2,}",
        r"(?<![0-9])/|/(?![0-9])|(?<=[0-9])/(?=0[0-9]{1,3}-)",
        r",(?![0-9]{3}(?![0-9]))|、",
    )
)
_LEADING = re.compile(
    rf"(?P<name>{NAME})(?: ?(?:様|さま|さん|殿|氏))?(?= {{1,3}}(?:[(+]?[0-9]|[^\s@]{{1,64}}@))"
)
_CELL = re.compile(rf" *(?P<name>{NAME})(?: ?(?:様|さま|さん|殿|氏))? *")
_DATE = re.compile(
    r"(?<![0-9A-Za-z./-])(?:(?:19|20)[0-9]{2}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?|(?:昭和|平成|大正|[SHT])[0-9元]{1,2}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?)(?![0-9A-Za-z./-])"
)
_OF_DEPARTMENT = re.compile(
    r"(?:info|sales|contact|support|office|admin|orders?|hello|mail|billing|accounts?|service|inquiry|enquir|team|press|hr|help|desk|no-?reply|post|booking|reserv|shop|eigyo|soumu|jinji)[^a-z]"
)
# Who was born later is not on lists of customers, and what was bought or joined earlier is seldom.
_LATEST = date(2010, 1, 1)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


def in_unnamed_columns(document: Document, others: Sequence[Span]) -> Iterator[Span]:
    """Yield the names, and the dates of birth beside them; `others` is what else was found in the document."""
    nearby = Nearby(document.text, others)
    for run in _runs(list(_lines(document, others, nearby))):
        dates = _dates(document.text, run)
        for at in range(max((len(line.parts) for line in run), default=0)):
            names = _names(document.text, run, at, nearby, born=bool(dates))
            if names:
                yield from names
                yield from dates
                break


def _lines(document: Document, others: Sequence[Span], nearby: Nearby) -> Iterator[_Line]:
    """Yield the lines that hold personal data, and lie in no table with a header."""
    places = sorted({document.line(other.start) for other in others})
    for start, end in places:
        cell = document.cell(start)
        if (
            (cell and cell.kinds and not cell.loose)
            or end - start > _LONGEST_LINE
            or not nearby.within(start, end)
        ):
            continue
        counted = _COUNTED.match(document.text, start, end)
        first = counted.end() if counted else start
        parts = _parts(document.text, first, end)
        if len(parts) == 1:
            match = _LEADING.match(document.text, first, end)
            parts = ((first, match.end()), (match.end(), end)) if match else ()
        if parts:
            yield _Line(start, end, parts)


def _parts(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    for separator in _SEPARATORS:
        cuts = [match.span() for match in separator.finditer(text, start, end)]
        if cuts:
            edges = [start, *(edge for cut in cuts for edge in cut), end]
            return tuple(zip(edges[::2], edges[1::2], strict=True))
    return ((start, end),)


def _runs(lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
    """Yield the lines that follow each other and fall into about as many parts."""
    run = list(lines[:1])
    for last, line in pairwise(lines):
        if line.start - last.end > 2 or abs(len(line.parts) - len(last.parts)) > 1:
            yield run
            run = []
        run.append(line)
    yield run


def _names(text: str, run: Sequence[_Line], at: int, nearby: Nearby, *, born: bool) -> list[Span]:
    """Return the names of a column, where its cells leave no doubt that it holds persons."""
    if len(run) < _FEWEST_LINES:
        return []
    cells = [line.parts[at] for line in run if at < len(line.parts)]
    matches = [_CELL.fullmatch(text, *cell) for cell in cells]
    names = [match for match in matches if match and not kind_of_header(match.group("name"))]
    texts = [text[start:end].strip() for start, end in cells]
    if 5 * len(names) < 4 * len(run):
        return []
    if all(map(str.isascii, texts)):
        sure = _are_western([match.group("name") for match in names], run, nearby, born=born)
    else:
        sure = kind_of_column(texts, ()) == "PERSON"
    return [Span("PERSON", *match.span("name")) for match in names] if sure else []


def _are_western(names: Sequence[str], run: Sequence[_Line], nearby: Nearby, *, born: bool) -> bool:
    """A third has to be known, or half where nothing but telephone numbers stands beside them, as in lists of offices."""
    if 5 * sum(map(is_possible, names)) < 4 * len(run):
        return False
    if born or _of_different_offices(run, nearby):
        return True
    told = sum(any(one.type != "PHONE" for one in nearby.within(line.start, line.end)) for line in run)
    if 5 * told < 4 * len(run):
        return 2 * sum(map(is_known, names)) >= len(run)
    return 3 * sum(map(is_known, names)) >= len(run)


def _of_different_offices(run: Sequence[_Line], nearby: Nearby) -> bool:
    """Tell whether each line has an e-mail address, and those are neither of one company nor of its departments."""
    found = [
        [
            nearby.text[one.start : one.end].lower()
            for one in nearby.within(line.start, line.end)
            if one.type == "EMAIL"
        ]
        for line in run
    ]
    addresses = [texts[0] for texts in found if texts]
    domains = {address.rpartition("@")[2] for address in addresses}
    persons = not any(map(_OF_DEPARTMENT.match, addresses))
    return persons and len(run) == len(addresses) >= _FEWEST_DATES and len(domains) > 1


def _dates(text: str, run: Sequence[_Line]) -> list[Span]:
    """Return the first date of each line, where every line has one that is long ago."""
    found = [_DATE.search(text, line.start, line.end) for line in run]
    dates = [match for match in found if match and not lies_ahead(match.group(), _LATEST)]
    several = len({match.group()[:4] for match in dates}) >= _FEWEST_DATES
    return [Span("BIRTHDATE", *match.span()) for match in dates] if several and len(dates) == len(run) else []
