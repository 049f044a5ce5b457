"""Names of persons: below headers, after labels, in lists, and beside personal data. One name alone is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.detectors.automaton import automaton, places
from policies.detectors.document import Cell, Document, Label, Span
from policies.detectors.given_names import JAPANESE_GIVEN_NAMES
from policies.detectors.name_lists import listed_persons
from policies.detectors.names import (
    NAME,
    ends_with_given_name,
    is_firm,
    is_known,
    is_no_given_name_behind,
    is_possible,
    is_role,
    is_thing,
    is_titled,
)
from policies.detectors.nearby import NOT_PERSONAL, Nearby
from policies.detectors.roles import persons_in_roles
from policies.detectors.surnames import SURNAMES
from policies.detectors.tables import kind_of_header
from policies.detectors.told_of import told_of
from policies.detectors.vocabulary import LABELS, NEITHER, OTHER

_JA = r"[一-鿿々〆ヶァ-ヶーぁ-ん]"
_KANJI = r"[一-鿿々〆ヶヵノ]"
_KATAKANA_NAME = r"(?:[ァ-ヶー]{2,12}(?:[・=][ァ-ヶー]{2,14}){1,4})"
_JAPANESE_NAME = rf"(?:{_KATAKANA_NAME}|{_JA}{{1,6}}? ?{_JA}{{1,7}}?)"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir)\.? )?"
_WORD = r"[A-ZÀ-ÞĀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ'’.-]{0,24}"
_WESTERN_NAME = rf"{_TITLE}{_WORD}(?: (?:(?:de|da|dos|du|le|van|von|der|den|ter|la|del|di|bin|al|el) ){{0,2}}{_WORD}){{1,3}}(?:,? (?:Jr|Sr|MD|PhD|DDS|DVM|II|III|IV|Esq)\b\.?)?"

_AFTER_LABEL = re.compile(
    rf"(?P<lead>(?: ?\([^()\n]{{1,24}}\)(?=[\s】\])」]{{0,3}}[:=→>]| -{{1,2}} )| (?:exactly )?as (?:it |they )?(?:is |are )?(?:appears? |printed |shown |written |given |stated |spelled )?(?:on|in|per) (?:[A-Za-z]{{1,12}} ){{0,3}}(?:IDs?|passport|visa|card|licen[cs]e|certificate|papers?|documents?|ticket|account|record|permit)(?=:| ?=| -{{1,2}} | is ))?[\s\x1f】\])」]{{0,3}}(?:[:=→>/(「『【-]|->|\bis\b|は|が|につ(?:きまして|いて)は|(?:を|の)[^\n]{{0,10}}。"
    rf"| [a-z][a-z ]{{0,24}}:|です(?:が、|。))?"
    rf"[\s\x1f]{{0,6}}[、,「『\"']?)(?P<name>{_WESTERN_NAME}|{_JAPANESE_NAME})"
    r"(?=[」』】\"')]| {0,2}(?:様|さま|殿|さん|氏|くん|君|です|で(?=[、。 ])|でした|だ。|である|となり|になり|と(?:申|言|い|な)|[,、。;/"
    r"|(\[\n\x1e\x1f\t]|\Z|(?<=[A-Za-zÀ-ɏḀ-ỿ.])(?:'s)? [a-z(])"
    r"| {2}| (?=[0-9〒(+]|[一-鿿ァ-ヶー]{2,8}:|(?:で|に|を|が|は|の)(?![ぁ-ん]))|の(?:マイナンバー|個人番号|口座|電話|住所|生年月日|連絡先))"
)
# What follows a name that is spoken of, and what a name before it looks like.
_AFTER_NAME = automaton(
    r" ?(?:様|さま|殿|さん|氏|くん|君)| ?\([^()\n]{0,30}[0-9@]"
    r"|の(?:マイナンバー|個人番号|口座|電話|携帯|住所|生年月日|誕生日|連絡先|メール|旅券|パスポート|免許|年金|保険)"
)
_NAME_AT_END = re.compile(
    rf"(?<![一-鿿々])(?P<name>{_KANJI}{{1,4}} {_JA}{{1,5}}|{_KANJI}{{2,5}}{_JA}{{0,4}})\Z"
)
# "名義は相馬柚希、…", "招へい状には花田 誠一、旅券番号…と": a name right before what only persons have.
_WITH_PAPER = re.compile(
    rf"(?:(?<![一-鿿ァ-ヶー])ご?名義は|(?P<apart>(?:^|[、。はがにへを「(])))(?P<name>{_KANJI}{{1,4}} ?{_JA}{{1,4}}?)(?: ?(?:様|さん|氏))?"
    r"(?:(?=です|でした|で、|となり|。|\n|\Z)|、(?P<paper>旅券|パスポート|運転免許|免許証|マイナンバー|個人番号|保険証|生年月日|基礎年金|年金番号)?)",
    re.MULTILINE,
)
# What stands before a paper and tells which one it is: 手元の保険証.
_NOBODY = re.compile(
    r"[おご]?(?:手[元許]|本人|同封|別[紙添送便]|[上下左右前後]記|前述|後述|添付|持参|提出|提示|有効|最新|当該|該当|現在|今回|前回|次回|新旧|各自|自身|自分|家族|全員|原本|写し|控え)"
)
_LONGEST_NAME = 12
_WESTERN_TITLED = re.compile(rf"\b(?P<name>(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? {_WORD} {_WORD})")
_WESTERN_BEFORE_DATA = re.compile(
    rf"\b(?P<name>(?!Employee|Customer|Patient|Client|Applicant|Guest|Dear|Please){_WORD}(?: {_WORD}){{1,2}})(?='s (?:SSN|social|phone|mobile|cell|number|e-?mail"
    rf"|address|passport|card|date of birth|DOB"
    r"|birthday|account|password)| ?[(,] ?(?:SSN|DOB|born|date of birth|birth ?date|phone|mobile|cell|passport|tel|e-?mail)\b)"
)
_LEADING = re.compile(
    rf"[ \t・*●■○◆-]{{0,3}}(?:[(\[]?[0-9]{{1,4}}[.)、\]:]{{0,2}}[ \t]{{1,2}})?(?P<name>{_WESTERN_NAME}"
    rf"|{_KANJI}{{1,4}} {_JA}{{1,5}}|{_JA}{{2,8}})"
    r"(?: ?(?:様|さん|氏|殿))?(?=[ \t,、:|/(\x1f]|$)"
)
# A line of words in Latin letters may begin with capitals for many reasons.
_DATA_FOLLOWS = re.compile(r"[ \t,:;|/<(-]{1,4}(?:\+?[0-9]|[^\s@]{1,64}@)")
_LOOSE = re.compile(
    rf"[ \t]{{0,3}}(?:[0-9]{{1,4}}[.)]? )?(?P<name>{_WESTERN_NAME}(?= )"
    rf"|{_JA}{{1,5}} {_JA}{{1,5}}(?= )(?![^ ]*[都道府県市区])|{_JA}{{2,8}}(?= ))"
)
_CELL = re.compile(rf"(?:{_JA}|[A-Za-zÀ-ɏḀ-ỿ'’.,・=() -]){{2,60}}")
_FIRM_LEADS = frozenset(
    {":", "=", "→", ">", "->", "は", "が", "は、", "は「", ":「", "is", "】", "]", "につきましては"}
)
_ENDS_OF_LABELS = frozenset(":=→>\x1f\t\n-")  # with less, the name has to be known as one
_NO_NAME = re.compile(
    r"株式会社|有限会社|商事|工業|建設|電機|物産|食品|製作所|システムズ|商店|産業|合同会社|会社|法人|銀行|支店|本店|御中|各位|担当|部長|課長|係長|社長|主任|部署|事業部|営業部"
    r"|総務|人事|経理|開発|お客|皆(?![川藤見木吉本上内葉方越])|ご本人|本人|窓口|事務局"
    r"|センター|取引先|本社|支社|工場|会議|資料|一覧|合計|名簿|リスト|別紙|添付|以下|下記|上記|次の|未定|なし|不明|同上|情報|について|する|ます|です|ください|場合|(?:[るたのないう])こと|記入|入力|必須|変更|確認"
    r"|学校|大学|病院|組合|協会|委員|グループ|チーム|[都道府県市区町村](?=.*[0-9])|\b(?:Inc|Ltd|LLC|Corp|Co|GmbH|KK|AG|PLC|LLP|Pty|BV|NV|Holdings|Industries|Foods|Logistics|Trading|Company|Bank|Team"
    r"|Department|Dept|Support|Sales|Office"
    r"|To|From|Subject|UNSUBSCRIBE|Please|Thank|Thanks|Regards|Dear|Hello|The|This|Your|Our|Order|Invoice|Phone|Email|Name|Address"
    r"|Total|Street|Unknown|None|Seat|Graphics|Ballroom|Suite|Lounge|Restaurant)\b",
)
# Where no common surname begins it: no particle within, and no longer than names are.
_LIKE_A_NAME = re.compile(
    rf"{_KANJI}{{1,4}}(?:{_KANJI}{{1,3}}|[ぁ-んァ-ヶー]{{2,4}})(?<![のにをはがと])|[ァ-ヶー]{{4,12}}"
)
_FORM_LINE = re.compile(
    r"(?:^|(?<=[\x1e\x1f]))[ \t・■●◆▼□○>*-]{0,4}[【\[(「]?(?P<label>[一-鿿々ァ-ヶーぁ-んA-Za-z][^\n:→=>【】\[\]\t\x1e\x1f]{0,29}?)[】\])」]?[ ]{0,3}"
    r"(?:[:→=\t]|->|>{1,2}|(?<= )-{1,2}(?= )|\.{2,6}| {2}|(?<=[】\])」])|\n(?=[ \t]))"
    rf"[ \t]{{0,12}}(?P<name>{NAME})(?: {{0,2}}(?:様|さま|さん|殿|氏))?[ \t]*(?=[|;,、。\x1e\x1f]|$)",
    re.MULTILINE,
)
# The sender of this mail, or of another, and those who made a document are no data.
_ABOUT_MAIL = re.compile(
    r"株式|有限会社|合同会社|法人|\((?:株|有)\)|センター|[園院店社所]\Z|担当|司会|主催|議長|幹事|進行|差出|宛先|件名|送信|作成|承認|著|発行|文責|窓口|\b(?:from|to|cc|bcc|sent|by|subject|author|speaker|presenter|organi[sz]er|chair\w*|engineer|manager|director|officer|developer|designer|editor|reviewer|approver|signed|reply)\b",
    re.IGNORECASE,
)
_ABOUT_THINGS = automaton(
    "|".join(LABELS[NEITHER]) + r"|[品社店地件場所都市駅線課部局室]\z|\A[株有同合資社財]\z"
    r"|最寄|会場|集合|宿泊|開催|経由|取材|訪問先|行き?先|出張先|商品|設備|機器|備品|案件|作品|会議"
)
_BRACKET = re.compile(r"\A ?\([^()\n]{1,12}\)")
_OF_OFFICE = re.compile(r" ?\((?:直通|内線|代表|ext)", re.IGNORECASE)  # as in signatures
_OF_SENDER = re.compile("担当")  # whose family name is enough in business
_ON_STAGE = re.compile(r"講師(?!.*名)")
_OF_WORK = re.compile("責任者|担当|代表者")  # 作業責任者
_KANJI_AT_END = re.compile(r"[一-鿿ァ-ヶー]\Z")
# A line that is drawn, and lines without a gap from there on.
_SIGNATURE = re.compile(r"(?:^|\n)[ ]{0,3}(?:[^\w\s]{8,}|--)[ ]{0,3}\n(?:[^\n]*[^\s][^\n]*\n){0,8}[^\n]*\Z")
# "株式会社ウェブラボ 担当:": who is in charge there, and no customer.
_FIRM_BEFORE = re.compile(r"(?:^|\n)[ ]{0,4}[^\n:0-9\t|、。]{3,30} ご?\Z")
_LONGEST_SIGNATURE = 300  # characters
# Words for persons, whatever they do: a label that ends so may have a name behind it that nobody knows.
_FOR_PERSONS = re.compile(
    r"[一-鿿](?:者|人|主|師|員|児|生|客|手)(?:様|名|氏名)?\Z|(?:er|or|ee|ant|ent|holder|name|person|party|hire|pupil|one|concerned|iary|heir|spouse|child|guest|bride|groom)\Z",
    re.IGNORECASE,
)
_LABEL_IN_CELL = re.compile(r"[A-Z][A-Za-z ]{1,24} -{1,2} (?=[A-Z])")
_OF_FIRMS = re.compile(
    r"(?:vendor|supplier|manufacturer|carrier|retailer|contractor|provider|dealer|insurer|broker|employer|server|printer|number|order|letter|newsletter|folder|header|footer|center|computer|paper|product name|user|partner|publisher|distributor|owner)\Z|業者\Z|法人|[荷株]主\Z",
    re.IGNORECASE,
)
_ONE_CAPITAL = re.compile(r"[A-Z][a-z]+(?: [a-z]+)+")
_HALVES = frozenset({"FAMILY_NAME", "GIVEN_NAME"})
_NEAR, _NEXT_LINE = 40, 12  # characters between the two
_FEWEST_LINES = 2  # lines of a list, each a name and personal data


def person(document: Document, others: Sequence[Span]) -> Iterator[Span]:
    """Yield the names; `others` is what else was found in this document, which vouches for names beside it."""
    halves = _in_halves(document)
    yield from (name for _, name in halves)
    yield from _in_cells(document, frozenset(start for starts, _ in halves for start in starts))
    yield from _after_labels(document)
    yield from persons_in_roles(document, others)
    yield from _beside_data(document, others)
    yield from told_of(document, others)
    yield from _with_papers(document, Nearby(document.text, others))
    yield from _in_forms(document, Nearby(document.text, others))
    yield from _in_lists(document, others)
    yield from listed_persons(document)


def _in_cells(document: Document, halves: frozenset[int]) -> Iterator[Span]:
    """What stands below a header for names; `halves` are the places of those that are only family, or given, names."""
    for cell, text in document.cells_of("PERSON"):
        name = text.strip()
        if (
            cell.start not in halves
            and _CELL.fullmatch(name)
            and _is_name(name)
            and not _is_written_as_thing(name)
        ):
            whole = _without_honorific(name)
            start = cell.start + text.index(name) + _length_of_label(whole)
            yield Span("PERSON", start, cell.start + text.index(name) + len(whole))
    for cell in document.cells:
        if "PERSON" in cell.loose:
            start = _after_columns(document.text, cell, cell.loose.index("PERSON"))
            match = _LOOSE.match(document.text, start, cell.end)
            if match and _is_name(match.group("name")):
                yield Span("PERSON", *match.span("name"))


def _length_of_label(cell: str) -> int:
    """Return how much of a cell is a label in front of the name: "Passenger - Ada Okafor"."""
    match = _LABEL_IN_CELL.match(cell)
    return match.end() if match else 0


def _is_written_as_thing(name: str) -> bool:
    """Tell whether only the first word has a capital, as in "Seal ring"; "Maria de la cruz" is a name nevertheless."""
    return bool(_ONE_CAPITAL.fullmatch(name)) and not is_known(name)


def _after_columns(text: str, cell: Cell, count: int) -> int:
    """Return where the column after the first `count` begins, when each of those is one word."""
    start = cell.start
    for _ in range(count):
        start = text.find(" ", start, cell.end) + 1 or cell.end
    return start


def _in_halves(document: Document) -> list[tuple[tuple[int, int], Span]]:
    """Return the names whose family and given name stand in cells, or lines, of their own; with the places of both."""
    found: list[tuple[tuple[int, int], Span]] = []
    last: Cell | None = None
    for cell in document.cells:
        kind = _half(cell, last)
        if not kind or cell.loose:
            continue
        other = next(iter(_HALVES - {kind}))
        if last and other in last.kinds and cell.start - last.end <= _NEAR:
            found.append(((last.start, cell.start), _whole(document.text, last, cell)))
            last = None
        else:
            last = replace(cell, kinds=frozenset({kind}))
    return found


def _half(cell: Cell, last: Cell | None) -> str:
    for kind in _HALVES:
        if kind in cell.kinds:
            return kind
    # In a form 名前 below 苗字 is the given name.
    follows = last and "FAMILY_NAME" in last.kinds and cell.start - last.end <= _NEXT_LINE
    return "GIVEN_NAME" if follows and "PERSON" in cell.kinds else ""


def _whole(text: str, first: Cell, second: Cell) -> Span:
    words = [text[cell.start : cell.end].strip() for cell in (first, second)]
    if "GIVEN_NAME" in first.kinds and not words[0].isascii():
        words.reverse()
    return Span("PERSON", first.start, second.end, " ".join(words))


def _after_labels(document: Document) -> Iterator[Span]:
    for label in document.labels:
        if label.kind != "PERSON":
            continue
        cell = document.cell(label.start)
        if (cell and cell.kinds) or _is_of_office(document, label):
            continue
        match = _AFTER_LABEL.match(document.text, label.end)
        if not match or not _is_name(match.group("name")):
            continue
        led = (
            _BRACKET.sub("", match.group("lead")).strip() in _FIRM_LEADS
            or document.text[label.end - 1] in _ENDS_OF_LABELS
        )
        led = (led or _stands_alone(document.text, match)) and not _OF_SENDER.search(
            document.text, label.start, label.end
        )
        if _is_full(match.group("name"), known=not led):
            yield Span("PERSON", *match.span("name"))


def _is_of_office(document: Document, label: Label) -> bool:
    """Tell whether the label is of who speaks at an event, or of who signs."""
    word = document.text[label.start : label.end]
    if _ON_STAGE.match(word) or (
        _OF_WORK.match(word) and _KANJI_AT_END.search(document.text, max(0, label.start - 1), label.start)
    ):
        return True
    before = document.text[max(0, label.start - _LONGEST_SIGNATURE) : label.start]
    return bool(_OF_SENDER.search(word)) and bool(_SIGNATURE.search(before) or _FIRM_BEFORE.search(before))


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Tell whether the name is all that follows on the line, behind a gap that only forms have."""
    gap = match.group("lead")
    end = match.end("name")
    return ("  " in gap or "\t" in gap or "\n" in gap) and (end == len(text) or text[end] in "\n\x1e\x1f\t")


def _beside_data(document: Document, others: Sequence[Span]) -> Iterator[Span]:
    """A full name with an honorific, or right before what is told of it, in a line that holds personal data."""
    if not others:
        return
    matches = [
        _full_name_before(document.text, start)
        for start, _ in places(_AFTER_NAME, document.text)
        if not _OF_OFFICE.match(document.text, start)
    ]
    matches += [*_WESTERN_TITLED.finditer(document.text), *_WESTERN_BEFORE_DATA.finditer(document.text)]
    for match in matches:
        if match:
            name = match.group("name")
            western = match.re is not _NAME_AT_END
            if not is_possible(name) if western else is_thing(name) and not ends_with_given_name(name):
                continue
            if _is_name(name) and _is_full(name, known=True) and _has_data(document, match.start(), others):
                yield Span("PERSON", *match.span("name"))


def _with_papers(document: Document, nearby: Nearby) -> Iterator[Span]:
    """A name that everybody knows as one, in whose name an account is, or right before the label of a paper."""
    if not nearby.others:
        return
    for match in _WITH_PAPER.finditer(document.text):
        name, (start, end) = match.group("name"), match.span("name")
        if match.group("apart") is not None and not (match.group("paper") and " " in name):
            continue
        cell = document.cell(start)
        if (cell and cell.kinds) or not (is_known(name) and _is_name(name) and _is_full(name, known=True)):
            continue
        if nearby.has_data(start, end):
            yield Span("PERSON", start, end)


def _full_name_before(text: str, end: int) -> re.Match[str] | None:
    """Return the longest full name that ends at `end`; a word and a particle may stand before it."""
    for start in range(max(0, end - _LONGEST_NAME), end - 1):
        match = _NAME_AT_END.match(text, start, end)
        if match and _is_full(match.group("name"), known=True):
            return match
    return None


def _has_data(document: Document, position: int, others: Sequence[Span]) -> bool:
    start, end = document.line(position)
    return any(other.type not in NOT_PERSONAL and start <= other.start < end for other in others)


def _in_forms(document: Document, nearby: Nearby) -> Iterator[Span]:
    """A name that everybody knows as one, behind a word that nobody knows, in a form with personal data beside it."""
    if not nearby.others:
        return
    for match in _FORM_LINE.finditer(document.text):
        cell = document.cell(match.start("name"))
        label = match.group("label").strip()
        if (cell and cell.kinds) or not _may_name_persons(label):
            continue
        start, end = match.span("name")
        name = match.group("name")
        of_person = _FOR_PERSONS.search(label) and not _OF_FIRMS.search(label)
        if not (is_known(name) or (is_possible(name) and of_person)) or not _is_name(name):
            continue
        if not of_person and _SIGNATURE.search(document.text[max(0, start - _LONGEST_SIGNATURE) : start]):
            continue
        # "Badge bearer" is of a thing, and of who has it.
        if nearby.has_data(start, end, identity=kind_of_header(label) == OTHER):
            yield Span("PERSON", start, end)


def _may_name_persons(label: str) -> bool:
    kind = kind_of_header(label)
    told = not kind or (
        _FOR_PERSONS.search(label) and (kind == "PERSON" or (kind == OTHER and label.isascii()))
    )
    return bool(told) and not (_ABOUT_MAIL.search(label) or _ABOUT_THINGS.search(label))


def _in_lists(document: Document, others: Sequence[Span]) -> Iterator[Span]:
    """Lines that begin with a full name and go on with personal data."""
    found: list[Span] = []
    lines = {document.line(other.start) for other in others if other.type not in NOT_PERSONAL}
    for start, end in sorted(lines):
        if document.cell(start):
            continue
        match = _LEADING.match(document.text, start, end)
        if match and match.group("name").isascii() and not _DATA_FOLLOWS.match(document.text, match.end()):
            continue
        name = match.group("name") if match else ""
        if name and is_thing(name) and not ends_with_given_name(name):
            continue
        if match and _is_name(name) and _is_full(name, known=True):
            found.append(Span("PERSON", *match.span("name")))
    if len(found) >= _FEWEST_LINES:
        yield from found


def _is_name(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    if (
        letters < 2
        or _NOBODY.fullmatch(text.strip())
        or _NO_NAME.search(text)
        or is_role(text)
        or is_firm(text)
        or is_titled(text)
        or _is_of_department(text)
    ):
        return False
    return not _is_header(text)


def _is_of_department(text: str) -> bool:
    """Tell whether a department stands before a family name: 技術部 太田. 阿部 and 長谷部 are families."""
    first, _, second = text.strip().partition(" ")
    return (
        bool(second)
        and first[-1] in "部課室係"
        and len(first) > 1
        and first not in SURNAMES
        and second in SURNAMES
    )


def _is_header(text: str) -> bool:
    kind = kind_of_header(text)
    return bool(kind) and not (kind == OTHER and re.match(_WESTERN_NAME, text))


def _is_full(text: str, *, known: bool = False) -> bool:
    """Tell whether it is family and given name: two words, or a common surname with more behind it.

    `known`: a Japanese name has to begin with a common surname.
    """
    if re.match(r"[A-Za-zÀ-ɏḀ-ỿ]", text):
        return " " in text.strip()
    if re.fullmatch(_KATAKANA_NAME, text):
        return True
    family, _, given = text.strip().partition(" ")
    if given:
        return (
            not known
            or family in SURNAMES
            or given in JAPANESE_GIVEN_NAMES
            or bool(re.fullmatch(rf"{_KANJI}{{1,3}} {_JA}{{1,4}}", text.strip()))
        )
    if any(text[:length] in SURNAMES and len(text) > length for length in (3, 2, 1)):
        return text not in SURNAMES and not is_no_given_name_behind(text)
    if text in SURNAMES:
        return False
    return ends_with_given_name(text) or (
        not known and not is_thing(text) and bool(_LIKE_A_NAME.fullmatch(text))
    )


def _without_honorific(name: str) -> str:
    return re.sub(r" ?(?:様|さま|殿|さん|氏)\Z", "", name)
