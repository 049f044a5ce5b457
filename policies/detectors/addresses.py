"""Japanese postal codes and addresses, by the grammar of prefecture, municipality and lot number.

No table of places is bundled beyond the 47 prefectures: what ends in 市, 区, 町 or 村 after a prefecture, and holds a
number, is an address. Without its prefecture an address needs its label, its header or a postal code before it.
"""

import re
from collections.abc import Iterator, Sequence

from policies.detectors.document import Cell, Document, Span
from policies.detectors.tables import PARTS_OF_ADDRESSES

_PREFECTURES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県
滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
_PREFECTURE = "|".join(_PREFECTURES.split())
_LARGE_CITIES = "札幌|仙台|さいたま|千葉|横浜|川崎|相模原|新潟|静岡|浜松|名古屋|京都|大阪|堺|神戸|岡山|広島|北九州|福岡|熊本"
_PLACE = r"[一-鿿々〆ヶケぁ-んァ-ヶー]"
_DOT = r"(?<=[ァ-ヶー])・(?=[ァ-ヶー])"  # within the name of a building
_STREET = rf"(?:{_PLACE}{{1,30}} (?=[0-9])(?:{_PLACE}|[0-9-]){{1,30}}|(?:{_PLACE}|[0-9-]|{_DOT}|(?!TEL|FAX|Tel|Fax)[A-Z]){{1,50}})"
# Between street and building there may be a space; the building ends with its room, or where the words do.
_BUILDING = (
    r"(?:[ 　,]{1,2}(?![0-9]{2,4}-)(?:[一-鿿々ァ-ヶーぁ-んA-Za-z&'.・]{1,24}[ ]?)(?:[0-9A-Z]{1,6}(?:-[0-9A-Z]{1,5})?)?(?:号室|号棟|号|階|F|室)?"
    r"(?:[ ]?[0-9]{1,5}(?:号室|号|階|F|室))?)?"
)
_FULL = re.compile(
    rf"(?:{_PREFECTURE}|(?:{_LARGE_CITIES})市(?=[一-鿿]{{1,6}}区)) ?{_PLACE}{{1,8}}?[市区町村郡] ?{_STREET}{_BUILDING}"
)
_WITHOUT_PREFECTURE = re.compile(rf"{_PLACE}{{1,8}}?[市区町村郡] ?{_STREET}{_BUILDING}")
_NUMBERED = re.compile(r"[0-9]|[一二三四五六七八九十]丁目")
_SENTENCE = re.compile(
    r"(?:です|でした|になり|にあり|まで|から|へ|宛|に(?:送|お|届|住)|在住|では|には|より|という|で(?:す|ご)).*\Z",
    re.DOTALL,
)
_SPOILT_END = re.compile(r"[ 、,・のはがをにでへと-]+\Z")
_NEXT_COLUMN = re.compile(
    r" [一-鿿ぁ-んァ-ヶーA-Z]{1,8}(?:銀行|信用金庫|信金|支店|営業部).*\Z| (?:普通|当座|TEL|電話|携帯|FAX).*\Z",
    re.DOTALL,
)
_FOREIGN_STREET = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{1,6} [A-Z][A-Za-z.' ]{2,40}?(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd"
    r"|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl)\b\.?"
    r"[^\n\x1e\x1f\t]{0,60}?(?:[0-9]{5}(?:-[0-9]{4})?)?(?=[\n\x1e\x1f\t]|\Z)"
)

_CODE = re.compile(r"(?<![0-9A-Za-z])(?<![0-9][.:-])[0-9]{3} ?[-・ ] ?[0-9]{4}(?![0-9A-Za-z])(?![.:-][0-9])")
_CODE_MARKED = re.compile(r"〒 ?:? ?(?P<code>[0-9]{3}[ -]{0,2}[0-9]{4})(?![0-9])")
_BARE_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9]{7}(?![0-9A-Za-z])(?![.:-][0-9])")
_ADDRESS_FOLLOWS = re.compile(
    rf"[)\]」 ,、\n\t\x1f|;/]{{0,3}}(?:(?:ご?住所|所在地) ?[:は]? ?)?(?:{_PREFECTURE}|(?:{_LARGE_CITIES})市)"
)
_PLACES = re.compile(rf"{_PLACE}{{2}}|[A-Z][a-z]+.*[A-Z][a-z]+")
# So exact that neither prefecture nor label is needed: a municipality with a lot number of two parts or more.
_EXACT = re.compile(
    rf"(?<![一-鿿々ァ-ヶー])(?:[一-鿿々ケヶ]|(?<=[一-鿿])[のつ](?=[一-鿿])){{1,6}}[市区郡](?:[一-鿿々ケヶ]{{1,6}}[区町村])?{_PLACE}{{1,14}}?"
    r"(?:[0-9一二三四五六七八九十]{1,3}丁目 ?[0-9]{1,4}(?:番|-)[0-9番号の-]{0,12}|[0-9]{1,5}番地?(?:の?[0-9]{1,4}|[0-9]{1,4}号)|[0-9]{1,4}-[0-9]{1,4}-[0-9]{1,4}(?![0-9-]))"
    rf"{_BUILDING}"
)
_HOLD_NUMBERS = frozenset({"STREET", "ADDRESS", "ADDRESS_LINE", "MUNICIPALITY"})
_NAME_PLACES = frozenset({"PREFECTURE", "MUNICIPALITY"})
_BEGINS = re.compile(rf"(?:{_PREFECTURE})|{_PLACE}{{1,8}}?[市区町村郡]")
_NEAR = 60  # characters between two parts, with a label or a postal code
_LED_TO = re.compile(r"[\s:→>はが、,)\]】」\x1f]{0,5}")


def postal_code(document: Document) -> Iterator[Span]:
    """郵便番号: marked by 〒, a label or a header, or standing right before an address."""
    for match in _CODE_MARKED.finditer(document.text):
        yield Span("POSTAL_CODE", *match.span("code"))
    for match in _CODE.finditer(document.text):
        if document.says("POSTAL_CODE", *match.span()) or _ADDRESS_FOLLOWS.match(document.text, match.end()):
            yield Span("POSTAL_CODE", *match.span())
    for match in _BARE_CODE.finditer(document.text):
        cell = document.cell(match.start())
        if document.says("POSTAL_CODE", *match.span()) and not (cell and cell.loose):
            yield Span("POSTAL_CODE", *match.span())


def address(document: Document) -> Iterator[Span]:
    """住所 with its lot number, up to the building and the room."""
    yield from _in_parts(document)
    for match in _FULL.finditer(document.text):
        yield from _span(match)
    for match in (*_without_prefecture(document), *_EXACT.finditer(document.text)):
        yield from _span(match)
    for match in _FOREIGN_STREET.finditer(document.text):
        if document.says("ADDRESS", *match.span()):
            yield Span("ADDRESS", *match.span())
    for cell, text in document.cells_of("ADDRESS"):
        if len(text.strip()) >= 5 and _NUMBERED.search(text) and _PLACES.search(text):
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("ADDRESS", start, start + len(text.strip()))


def _in_parts(document: Document) -> Iterator[Span]:
    """An address whose parts stand in cells, or lines, of their own."""
    group: list[Cell] = []
    for cell in document.cells:
        kind = _part(cell)
        if group and (not kind or not _goes_on(document.text, group, cell)):
            if not cell.kinds or "POSTAL_CODE" in cell.kinds:
                continue  # a label between two lines of a form, or a code between the parts
            yield from _joined(document.text, group)
            group = []
        if kind:
            group.append(cell)
    yield from _joined(document.text, group)


def _part(cell: Cell) -> str:
    if cell.loose:
        return ""
    return next((kind for kind in (*PARTS_OF_ADDRESSES, "ADDRESS") if kind in cell.kinds), "")


def _goes_on(text: str, group: Sequence[Cell], cell: Cell) -> bool:
    """Tell whether `cell` is a part of the address that `group` began: near, and no part of it twice but lines."""
    if cell.start - group[-1].end > _NEAR:
        return False
    kind = _part(cell)
    if kind == "ADDRESS_LINE":
        return not _BEGINS.match(text, cell.start, cell.end)
    return kind not in map(_part, group)


def _joined(text: str, group: Sequence[Cell]) -> Iterator[Span]:
    words = [text[cell.start : cell.end].strip() for cell in group]
    kinds = set(map(_part, group))
    if len(group) < 2 and kinds != {"ADDRESS_LINE"}:
        return
    whole = ("" if not words[0].isascii() else " ").join(words)
    if kinds & _HOLD_NUMBERS and _NUMBERED.search(whole) and (kinds & _NAME_PLACES or _BEGINS.match(whole)):
        yield Span("ADDRESS", group[0].start, group[-1].end, whole)


def _without_prefecture(document: Document) -> Iterator[re.Match[str]]:
    """What begins right after the label of an address, or after a postal code."""
    ends = [label.end for label in document.labels if label.kind == "ADDRESS"]
    ends += [match.end() for match in _CODE.finditer(document.text) if _is_postal(document, match)]
    for end in ends:
        start = _LED_TO.match(document.text, end)
        match = _WITHOUT_PREFECTURE.match(document.text, start.end() if start else end)
        if match:
            yield match


def _is_postal(document: Document, match: re.Match[str]) -> bool:
    return document.says("POSTAL_CODE", *match.span()) and document.cell(match.start()) is None


def _span(match: re.Match[str]) -> Iterator[Span]:
    text = _NEXT_COLUMN.sub("", match.group())
    text = _SPOILT_END.sub("", _SENTENCE.sub("", text))
    if _NUMBERED.search(text):
        yield Span("ADDRESS", match.start(), match.start() + len(text))
