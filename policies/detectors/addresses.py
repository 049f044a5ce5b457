"""Japanese postal codes and addresses, by the grammar of prefecture, municipality and lot number.

No table of places is bundled beyond the 47 prefectures: what ends in 市, 区, 町 or 村 after a prefecture, and holds a
number, is an address. Without its prefecture an address needs its label, its header or a postal code before it.
"""

import re
from collections.abc import Iterator

from policies.detectors.document import Document, Span

_PREFECTURES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県
滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
_PREFECTURE = "|".join(_PREFECTURES.split())
_LARGE_CITIES = "札幌|仙台|さいたま|千葉|横浜|川崎|相模原|新潟|静岡|浜松|名古屋|京都|大阪|堺|神戸|岡山|広島|北九州|福岡|熊本"
_PLACE = r"[一-鿿々〆ヶケぁ-んァ-ヶー]"
_STREET = rf"(?:{_PLACE}{{1,30}} (?=[0-9])(?:{_PLACE}|[0-9-]){{1,30}}|(?:{_PLACE}|[0-9-]){{1,50}})"
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
    rf"[)\]」 ,、\n\t\x1f]{{0,3}}(?:(?:ご?住所|所在地) ?[:は]? ?)?(?:{_PREFECTURE}|(?:{_LARGE_CITIES})市)"
)
_LED_TO = re.compile(r"[\s:→>はが、,)\]\x1f]{0,5}")


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
    for match in _FULL.finditer(document.text):
        yield from _span(match)
    for match in _without_prefecture(document):
        yield from _span(match)
    for match in _FOREIGN_STREET.finditer(document.text):
        if document.says("ADDRESS", *match.span()):
            yield Span("ADDRESS", *match.span())
    for cell, text in document.cells_of("ADDRESS"):
        if len(text.strip()) >= 5 and _NUMBERED.search(text):
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("ADDRESS", start, start + len(text.strip()))


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
