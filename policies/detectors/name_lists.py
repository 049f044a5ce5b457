"""Lists of persons in prose: five full names or more, one after the other, divided by commas, slashes or line ends.

What a list holds is told by its members together: most of them have to begin with a family name, or to end with a given
name, that is common. Firms, places and things may look like names one by one; in a list they hardly all do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.detectors.document import Document, Span
from policies.detectors.given_names import JAPANESE_GIVEN_NAMES, WESTERN_GIVEN_NAMES
from policies.detectors.surnames import SURNAMES
from policies.detectors.tables import kind_of_header

FEWEST = 5
_KANJI = r"[一-鿿々〆ヶヵノ]"
_WORD = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'’.-]{0,24}"
_PARTICLE = r"(?:de|da|dos|du|le|van|von|der|den|ter|ten|la|del|di|bin|al|el)"
_NAME = (
    rf"(?P<name>{_KANJI}{{1,5}} ?(?:{_KANJI}{{1,3}}|[ぁ-ん]{{2,6}}|[ァ-ヶー]{{2,6}})"
    r"|[ァ-ヶー]{2,12}(?:[・= ][ァ-ヶー]{2,14}){1,4}"
    rf"|{_WORD}(?: (?:{_PARTICLE} ){{0,2}}{_WORD}){{1,3}})"
)
_HONORIFIC = r"(?: ?(?:様|さま|さん|殿|氏|先生|君|くん))?(?: ?\([^()\n]{1,20}\))?"
_MEMBER = re.compile(
    rf"[ \t>]{{0,4}}(?:[・*•●■○◆-]|[(\[]?[0-9]{{1,3}}[.)\]:])?[ \t]{{0,3}}{_NAME}{_HONORIFIC}[ \t]{{0,3}}"
)
_FIRST = re.compile(rf"(?:[:はが)」】>]|(?<=\)) | - |\bare)[ \t]{{0,3}}{_NAME}{_HONORIFIC}[ \t]{{0,3}}\Z")
_LAST = re.compile(
    rf"[ \t]{{0,3}}{_NAME}{_HONORIFIC} ?(?=です|でした|の|が|に|を|は|から|。|\.| [a-z(]|以上)"
)
_DIVIDER = re.compile(r"[、,;/|\n\x1e。]|(?<![ァ-ヶー])・(?=[^ァ-ヶー])|,? \band\b |および|及び|(?=\x1f)")
_LONGEST = 40
_NO_PERSON = re.compile(
    r"(?:[都道府県市区町村郡]|株式会社|会社|商事|商店|商会|工業|建設|電機|電気|物産|食品|製作所|製薬|薬局|薬品|産業|運輸|運送|工務店|印刷|建材|興業|水産|精機|鉄工所?"
    r"|時計|銀行|支店|本店|病院|大学|高校|学校|学園|組合|協会|センター|ビル|ホール|会館|公園|神社|駅|港|空港|線|屋|部|課|室|係|店|場|館|園|寺|川|山|島|橋|丸|号|型|式|機|券|書|表|案|費|料|金"
    r"|業|品|車|法|学|語|系|用|製|社|局|省|庁|国|州|城|温泉|まつり|祭)\Z"
)
_NO_PERSON_WORD = re.compile(
    r"\b(?:Inc|Ltd|LLC|Corp|Co|GmbH|Company|Bank|Team|Department|Office|Street|Road|Avenue|City|County|University|School|Hospital|Server|Studio"
    r"|Windows|Google|Microsoft|Project|Report|Meeting|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|New|North|South|East|West"
    r"|San|Los|Las|Saint|Lake|Mount|Park|Hotel|Center|Centre|Group|Systems?|Services?|Software|Manager|Director|Sales|Marketing"
    r"|The|Please|Dear|Kind|Best|Regards|Thanks)\b"
)


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
        known = sum(member.known for member in run)
        if len(run) >= FEWEST and (
            2 * known >= len(run) or (5 * known >= len(run) and _is_announced(document.text, run[0]))
        ):
            for member in run:
                yield Span("PERSON", member.start, member.end)


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
    name = match.group("name")
    if kind_of_header(name):
        return None
    known = _is_known(name)
    return _Member(*match.span("name"), known, last) if known or _is_possible(name) else None


def _is_possible(name: str) -> bool:
    if _NO_PERSON_WORD.search(name):
        return False
    return not _has_kanji(name) or (
        3 <= len(name) <= 8 and not _NO_PERSON.search(name) and name not in SURNAMES
    )


def _has_kanji(name: str) -> bool:
    return any("一" <= character <= "鿿" for character in name)


def _is_known(name: str) -> bool:
    """Family and given name, one of which is common. A family name alone is none, nor is a firm that bears one."""
    if name[0] <= "ÿ":
        words = re.split(r"[ -]", name)
        return not _NO_PERSON_WORD.search(name) and not WESTERN_GIVEN_NAMES.isdisjoint(words[:2])
    family, _, given = name.partition(" ")
    if given:
        return family in SURNAMES or given in JAPANESE_GIVEN_NAMES
    if any(name[length:] in JAPANESE_GIVEN_NAMES for length in range(1, min(6, len(name)))):
        return name not in SURNAMES
    if name in SURNAMES or _NO_PERSON.search(name):
        return False
    return any(name[:length] in SURNAMES and 2 <= len(name) - length <= 3 for length in (3, 2, 1))
