"""Lists of persons in prose: five full names or more, one after the other, divided by commas, slashes or line ends.

What a list holds is told by its members together: most of them have to begin with a family name, or to end with a given
name, that is common. Firms, places and things may look like names one by one; in a list they hardly all do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.detectors.document import Document, Span
from policies.detectors.names import NAME, is_known, is_possible
from policies.detectors.tables import kind_of_header

FEWEST = 5
_NAME = rf"(?P<name>{NAME})"
_HONORIFIC = r"(?: ?(?:様|さま|さん|殿|氏|先生|君|くん))?(?: ?\([^()\n]{1,20}\))?"
_MEMBER = re.compile(
    rf"[ \t>]{{0,4}}(?:[・*•●■○◆-]|[(\[]?[0-9]{{1,3}}[.)\]:])?[ \t]{{0,3}}{_NAME}{_HONORIFIC}[ \t]{{0,3}}"
)
_FIRST = re.compile(
    rf"(?:[:はが)」】>]|(?<=\)) |(?:一覧|名簿|リスト|メンバー|者|員|list) | - |\bare)[ \t]{{0,3}}{_NAME}{_HONORIFIC}[ \t]{{0,3}}\Z"
)
_LAST = re.compile(
    rf"[ \t]{{0,3}}{_NAME}{_HONORIFIC} ?(?=です|でした|の|が|に|を|は|から|。|\.| [a-z(]|以上)"
)
_DIVIDER = re.compile(r"[、,;/|\n\x1e。]|(?<![ァ-ヶー])・(?=[^ァ-ヶー])|,? \band\b |および|及び|(?=\x1f)")
_LONGEST = 40
_END_OF_SENTENCE = re.compile(r"(?<=[a-zà-ɏ]{2})\.\Z")


@dataclass(frozen=True, slots=True)
class _Member:
    start: int
    end: int
    known: bool
    last: bool = False  # words of the sentence follow


_ANNOUNCED = re.compile(
    r"(?:者|名簿|メンバー|社員|職員|会員|患者|生徒|学生|児童|園児|選手|講師|氏名|お名前|方々|皆様|敬称略|部員|委員|乗客|家族)[^\n]{0,12}\n?[^\n]{0,8}\Z"
    r"|(?:people|persons?|attendees?|participants?|guests?|passengers?|delegates?|candidates?|members?|students?|staff|employees?|applicants?|patients?"
    r"|names?|winners?|residents?|invited|registered|colleagues)\b[^\n]{0,24}\n?[^\n]{0,8}\Z",
    re.IGNORECASE,
)


def _is_announced(text: str, first: "_Member") -> bool:
    """Tell whether the words before the list say that persons follow."""
    return bool(_ANNOUNCED.search(text, max(0, first.start - 60), first.start))


def listed_persons(document: Document) -> Iterator[Span]:
    """Yield the names of each list that holds five persons or more."""
    for run in _runs(document.text):
        if len(run) >= FEWEST and _holds_persons(document.text, run):
            for member in run:
                yield Span("PERSON", member.start, member.end)


def _holds_persons(text: str, run: Sequence[_Member]) -> bool:
    """Half of the names have to be known, or a few where the words before say that persons follow."""
    known = sum(member.known for member in run)
    return 2 * known >= len(run) or (10 * known >= len(run) and _is_announced(text, run[0]))


def _runs(text: str) -> Iterator[Sequence[_Member]]:
    run: list[_Member] = []
    for start, end in _parts(text):
        if not text[start:end].strip() and run:
            continue
        member = _member(text, start, end, begun=bool(run))
        if run and (member is None or start - run[-1].end > _LONGEST):
            yield run
            run = []
            member = member or _member(text, start, end, begun=False)
        if member:
            run.append(member)
            if member.last:
                yield run
                run = []
    yield run


def _parts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _DIVIDER.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _member(text: str, start: int, end: int, *, begun: bool) -> _Member | None:
    """Return the name that stands between two dividers; the first one of a list may follow words, the last precede some."""
    match = _MEMBER.fullmatch(text, start, end) if end - start <= 2 * _LONGEST else None
    last = False
    if not match and begun and text[start - 1 : start] not in ("\n", "\x1e"):
        match = _LAST.match(text, start, min(end + 1, start + _LONGEST))
        last = bool(match)
    elif not match and not begun:
        match = _FIRST.search(text, max(start, end - _LONGEST), end)
    if not match:
        return None
    name = _END_OF_SENTENCE.sub("", match.group("name"))
    known = is_known(name)
    if not known and kind_of_header(name):
        return None
    place = match.start("name")
    return _Member(place, place + len(name), known, last) if known or is_possible(name) else None
