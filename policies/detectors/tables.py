"""Tables: which column holds what, said by its header, or by the cell to the left in forms."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from policies.detectors.birthdates import are_births
from policies.detectors.document import CELL_END, EITHER, ROW_END, UNKNOWN, Cell, Label, find_labels
from policies.detectors.folding import fold
from policies.detectors.names import NAME, is_known, is_possible
from policies.detectors.surnames import SURNAMES
from policies.detectors.vocabulary import OTHER
from policies.detectors.western_columns import (
    are_like_persons,
    are_private_addresses,
    are_to_reach,
    may_name_persons,
    names_persons,
    names_things,
)

_HEADER_LENGTH = 24
_ORNAMENT = re.compile(
    r"[\s*※●■◆▼【】\[\]「」:→]+|必須|任意|\((?:必須|任意|半角|全角|required|optional)\)", re.IGNORECASE
)
_JOINT = re.compile(r"_+|(?<=[a-z])(?=[A-Z])")  # of names that a program gives its columns
_LABELLED_VALUE = re.compile(
    r"[:=→] *[^ ]|>> *[^ ]|[A-Za-z] -{1,2} [A-Z][a-z]+ [A-Z]|[はが].{1,20}(?:です|ます)"
)
_PASSWORD = re.compile(
    r"(?:パスワード|暗証番号|パスフレーズ|パスコード|(?:API|アクセス|シークレット|秘密|暗号化|認証|セキュリティ|接続)(?:キー|鍵)|シークレット|トークン"
    r"|\bpass(?:word|code|phrase|wd)?s?\b|\bpwd?\b|(?:ログイン|仮|初期)(?:PW|パス)|\b(?:api|access|secret|client|auth)[ _-]?(?:key|token|secret)s?\b"
    r"|\btokens?\b|\bsecrets?\b)(?!.*(?:変更|期限|更新|有無|changed|expir|count|数|limit))",
    re.IGNORECASE,
)
_BOTH = "+"
_PERSONAL_NUMBERS = frozenset({"MY_NUMBER", "CORPORATE_NUMBER", "DRIVER_LICENSE", "PASSPORT"})
_REMARK = re.compile(r"(?P<word>[^()\n]{1,20}?) ?(?:\((?P<remark>[^()\n]{1,20})\)|[1-9①-⑨])")
# Who drew, checked and approved it is told in the lists of every office.
_AT_WORK = re.compile(
    r"(?:作成|承認|確認|設計|検収|受領|検品|出荷|照合|集計|立案|企画|撮影|後任|前任|検図|製図|検査|点検|測定|試験|作業|実施|記入|報告|発行|決裁|更新|受付|起票|管理|入力|校正|編集|執筆|査閲|審査|監修|演出)(?:者|人|員)(?:氏?名)?"
    r"|[a-z]{3,12} by|(?:approver|reviewer|editor|checker|requester|assignee|inspector|drafter|auditor)(?: name)?",
    re.IGNORECASE,
)
# 受講生, 喪主, 落札者: columns of persons, though nobody listed the word; not those who work on something.
_NAMES_OF_PERSONS = re.compile(
    r"(?!.*(?:保険者|事業者|業者|法人|個人|担当|承認|作成|確認|点検|検査|測定|試験|作業|実施|記入|報告|発行|決裁|更新|登録|受付|起票|依頼|管理|責任|出席|欠席|講演|登壇|発表|著))"
    r"(?:[一-鿿]{1,4}[者客]|[受研実卒在新塾留門][一-鿿]?生|[喪施馬株家荷]主|[園幼患]児|被?相続人|名義人|届出人|保証人|受取人)(?:様|さま)?|"
    r"(?!.*(?:法人|個人名義|求人))[一-鿿]{1,4}[者人員主生児師](?:様|の|ご|お)*(?:氏 ?名|名前|名)"
    r"|(?:お|ご)?(?:届け?|送り?|送付|配送|発送|受け?取り?)先(?:様|の|ご|お)*(?:氏 ?名|名前|名|様)"
)
_LETTERED = frozenset({"PASSPORT", "MY_NUMBER", "CREDIT_CARD"})  # "旅券番号(英字2桁)" tells of its letters
_SECRET = re.compile(r"(?=.*[0-9])[!-~]{6,128}")
_READING = re.compile(r"フリガナ|ふりがな|カナ|かな|ヨミ|よみ|ローマ字|英字|\bkana\b|furigana", re.IGNORECASE)
_IS_READ = re.compile(r"フリガナ|ふりがな|カナ|かな|ヨミガナ|よみがな|ヨミ|よみ")
_VALUE = re.compile(r"[0-9]{3}|@")
# Words of headers that no detector asks for, yet which tell a header from a row of values.
_ACCOMPANYING = re.compile(
    r"(?:No\.?|#|番号|ID|コード|codes?|銀行(?:名)?|金融機関(?:名)?|(?:本?支店|取扱店)(?:名)?|店番|種[別目]|科目|預金種目|部署|所属|部門|役職|職種|性別|年齢|備考|会社名?|金額|日付"
    r"|入社日?|状態|区分|名義|口座名義|国籍|bank|branch|type|dept\.?|department|title|position|company"
    r"|gender|sex|age|notes?|remarks?|date|status|country|city|state|amount|role|grade|team)",
    re.IGNORECASE,
)
# … and what such words often end with.
_ENDS_OF_HEADERS = re.compile(
    r"[一-鿿ァ-ヶー]{1,5}(?:日時?|数|額|率|順|別|欄|先|区分|種類|ID|コード)|男女|性|摘要|メモ|歳|満?年齢|件名|[一-鿿ァ-ヶー]{0,4}(?:入[社会居学園院庁所]|退[社職会院]|卒業|登録|来[店院場]|受診|購入|契約|加入|更新|開始|終了|満了|発行|取得|就任|採用|設立|創業|開業|申込|注文|発送|納品|支払|入金|利用|受講|配属|異動|昇[格進]|結婚|着任|施工|竣工|製造|点検|交換|導入|設置)(?:年月日?|年度?)?|(?:last |first |next |date )?(?:hired|ordered|registered|purchased|visited|(?:hire|join(?:ing)?|entry|order|purchase|visit|contract|registration|renewal|expiry|issue|graduation|wedding|service|install(?:ation)?)(?: date| day| on)?)|anniversary|since|joined|start(?:ed)?(?: date)?|comments?|(?:customer|member|client) (?:no|id)\.?",
    re.IGNORECASE,
)
_DOTS = re.compile(r"[ ./]+")  # B.D., B/D
_ONE_WORD = {
    "〒": "POSTAL_CODE",
    "郵便": "POSTAL_CODE",
    "tel": "PHONE",
    "電話": "PHONE",
    "携帯": "PHONE",
    "連絡先": "PHONE",
    "dob": "BIRTHDATE",
    **dict.fromkeys(("bd", "bday", "b-day"), "BIRTHDATE"),
    "生年": "BIRTHDATE",
    "カード": "CREDIT_CARD",
    "card": "CREDIT_CARD",
    "口座": "BANK_ACCOUNT",
    "license": "DRIVER_LICENSE",
    "免許": "DRIVER_LICENSE",
    "name": "PERSON",
    "氏名": "PERSON",
    "担当": "PERSON",
    "担当者": "PERSON",
    "社員": "PERSON",
    "従業員": "PERSON",
    "顧客": "PERSON",
    "お客様": "PERSON",
    **dict.fromkeys(
        ("講師", "司会", "司会者", "登壇者", "発表者", "著者", "presenter", "speaker", "author"), OTHER
    ),
    "contactperson": "PERSON",
    "parent": "PERSON",
    "pw": "CREDENTIAL",
    "pass": "CREDENTIAL",
}
# Columns that hold a part of a name or of an address.
_PARTS = {
    "FAMILY_NAME": r"姓|氏|[苗名]字|(?:sur|last ?|family ?)names?",
    "GIVEN_NAME": r"名|下の名前?|(?:given|first) ?names?|forenames?",
    "PREFECTURE": r"(?:都道府|府)?県名?|都道府県|prefectures?|province",
    "MUNICIPALITY": r"市[・/]?区|市区?[郡町村区・/]*[町村]名?|区市町村名?|city(?:/town)?|municipality",
    "STREET": r"(?:町名|町域|大?字|丁目)?[・/ 、]?(?:丁目)?[・/ ]?番地(?:等|以下)?|町[名域](?:以降|以下)?|(?:それ|番地)?以降の?住所|street",
    "BUILDING": r"(?:建物|ビル|マンション|アパート)(?:名|等)*(?:[・/ ](?:ビル|マンション|アパート|部屋番号|号室)名?)*|部屋(?:番号|No\.?)|方書"
    r"|(?:building|apartment|apt\.?|flat)(?: ?/ ?\w+| name)?",
    "ADDRESS_LINE": r"(?:ご|現|自宅)?住所 ?\(?(?:[1-4]|[一二三四]|上段|下段|[①-④]|続き)\)?|(?:street )?address(?: ?line)? ?[1-4]",
}
PARTS_OF_ADDRESSES = ("PREFECTURE", "MUNICIPALITY", "STREET", "BUILDING", "ADDRESS_LINE")
_FEWEST_COLUMNS = 4  # of a list, when forms may have as many
_FEWEST_CELLS = 2  # by which a column is known without its header
_TWO = 2
_MAYBE_NAMES = frozenset({"PERSON", UNKNOWN})
_WHERE_NAMES_ARE = (0, 1)  # the columns
_POSTAL_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}")
_HOW_TO_REACH = frozenset({"PHONE", "EMAIL", "ADDRESS", "POSTAL_CODE", "MY_NUMBER", *PARTS_OF_ADDRESSES})
_SAID_OF_PERSONS = frozenset({"ADDRESS", "BANK_ACCOUNT"})  # 支払先, お届け先: to whom, or whereto
_ABOUT_PLACES = frozenset({"ADDRESS", *PARTS_OF_ADDRESSES})
_NAME = re.compile(NAME)
_HONORIFIC = re.compile(r" ?(?:様|さま|殿|さん|氏|先生)\Z")
_BEHIND_BRACKET = re.compile(rf"(?:[】\]」]|[^/]/) ?(?P<name>{NAME})\Z")
PART = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _PARTS.items()), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table joined into one folded text; `places` are row and column of each cell, in the order of `starts`."""

    folded: str
    cells: tuple[Cell, ...]
    starts: tuple[int, ...]
    places: tuple[tuple[int, int], ...]


@lru_cache(maxsize=8192)
def kind_of_header(text: str) -> str:
    """Return the type of value that the folded header `text` announces, OTHER, or "" for no header at all.

    What stands in brackets behind it tells how to write it, or says the same in other words.
    """
    name = _BEHIND_BRACKET.search(text.strip())
    if name and is_known(name.group("name")):
        return ""  # label and value in one cell: 【申請者】西真由美, 氏名 / 西真由美
    kind = _kind_of_header(text)
    remark = _REMARK.fullmatch(text.strip())
    part = _part_of(remark.group("remark")) if remark and kind in ("PERSON", "ADDRESS") else ""
    if part:
        return part  # 氏名(姓)
    if remark and kind != "PERSON" and _kind_of_header(remark.group("word")) == "PERSON":
        told = not _READING.search(text) or text.rstrip(") ").endswith("可")  # 氏名(カナ) is how it is read
        return "PERSON" if told else kind
    remark = remark if kind in ("", OTHER) else None
    if remark and not _READING.search(text):
        found = [_kind_of_header(part) for part in remark.group("word", "remark") if part]
        kind = next((one for one in found if one not in ("", OTHER)), kind or next(filter(None, found), ""))
    return kind


def _part_of(remark: str | None) -> str:
    part = PART.fullmatch((remark or "").replace(" ", ""))
    return (part.lastgroup or "") if part else ""


def _kind_of_header(text: str) -> str:
    if _LABELLED_VALUE.search(text):
        return ""
    text = _ORNAMENT.sub(" ", _JOINT.sub(" ", text)).strip()
    if not text or len(text) > _HEADER_LENGTH or _VALUE.search(text):
        return ""
    word = OTHER if _AT_WORK.fullmatch(text) else _ONE_WORD.get(_DOTS.sub("", text.lower()))
    if word:
        return word
    part = PART.fullmatch(text) or PART.fullmatch(text.replace(" ", ""))
    if part:
        return part.lastgroup or ""
    if _PASSWORD.search(text) and not _READING.search(text):
        return "CREDENTIAL"
    if _NAMES_OF_PERSONS.fullmatch(text):
        return "PERSON"
    labels = find_labels(text + CELL_END)
    known = [label for label in labels if label.kind != OTHER]
    if _READING.search(text) and not (known and known[-1].kind in _LETTERED):
        return OTHER
    if len(known) > 1 and EITHER.fullmatch(text, known[-2].end, known[-1].start) and _are_numbers(known[-2:]):
        return _BOTH.join(sorted({label.kind for label in known[-2:]}))
    if known and len(text) <= 2 * sum(label.end - label.start for label in known[-1:]) + 8:
        return known[-1].kind
    return OTHER if labels or _ACCOMPANYING.fullmatch(text) or _ENDS_OF_HEADERS.fullmatch(text) else ""


def _are_numbers(labels: Sequence[Label]) -> bool:
    return all(label.kind in _PERSONAL_NUMBERS for label in labels)


def kinds_in(kind: str) -> frozenset[str]:
    """Return the one kind of a header, or the two of "個人番号又は法人番号"."""
    return frozenset(kind.split(_BOTH))


def kinds_of_headers(words: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds of a row of headers: 名前 beside 苗字 is the given name alone."""
    kinds = [kind_of_header(word) for word in words]
    if "FAMILY_NAME" in kinds and "GIVEN_NAME" not in kinds:
        at = kinds.index("FAMILY_NAME")
        for beside in (at + 1, at - 1):
            if 0 <= beside < len(kinds) and kinds[beside] == "PERSON":
                kinds[beside] = "GIVEN_NAME"
                break
    for at, word in enumerate(words):
        if (
            at
            and not kinds[at - 1]
            and words[at - 1].strip()
            and _IS_READ.fullmatch(word.strip())
            and "PERSON" not in kinds
        ):
            kinds[at - 1] = "PERSON"  # what the next column tells how to read
    if any("保険" in word or "健保" in word for word in words):
        for at, pair in enumerate(pairwise(words)):
            if tuple(map(str.strip, pair)) == ("記号", "番号"):
                kinds[at : at + 2] = ["HEALTH_INSURANCE_ID"] * 2
    return tuple(kinds)


def join(rows: Sequence[Sequence[str]]) -> Grid:
    """Join a table into one text, its cells typed by their headers."""
    written: list[str] = []
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    folded_rows: list[list[str]] = []
    row_end = "\n" if all(len(row) <= 1 for row in rows) else ROW_END  # one column is lines of text
    position = 0
    for number, row in enumerate(rows):
        folded_row = [fold(cell).text for cell in row]
        folded_rows.append(folded_row)
        for column, cell in enumerate(folded_row):
            starts.append(position)
            places.append((number, column))
            end = CELL_END if column + 1 < len(row) else row_end
            written.append(cell + end)
            position += len(cell) + 1
        if not row:
            written.append(row_end)
            position += 1
    kinds = _kinds_of_cells(folded_rows)
    cells = tuple(
        Cell(
            start,
            start + len(folded_rows[row][column]),
            kinds.get((row, column), frozenset()),
            column=column,
        )
        for start, (row, column) in zip(starts, places, strict=True)
    )
    return Grid("".join(written), cells, tuple(starts), tuple(places))


_Kinds = dict[tuple[int, int], frozenset[str]]


def _kinds_of_cells(rows: Sequence[Sequence[str]]) -> _Kinds:
    kinds: _Kinds = {}
    header: list[str] = []
    named: list[bool] = []  # which columns have a word in the header, known or not
    above = -2  # the row that was a header last
    columns: dict[tuple[int, int], list[int]] = {}  # by header and column, the rows below
    sideways = _is_form(rows) and not (len(rows) > 1 and _begins_list(0, rows[0], rows[1]))
    for number, row in enumerate(rows):
        found = list(kinds_of_headers(row))
        below = rows[number + 1] if number + 1 < len(rows) else ()
        evident = not header and (_is_evident(row, found, below) or (not number and _is_above_names(rows)))
        if not sideways and (evident or _is_header(row, found)):
            header = _below(rows[number - 1], header, row, found) if above == number - 1 else found
            named = [bool(cell.strip()) for cell in row]
            above = number
            continue
        beside = sideways or (_is_paired(row, found) and not _begins_list(number, row, below))
        for column, cell in enumerate(row):
            kind = header[column] if column < len(header) else ""
            kind = kind or (_kind_beside(found, column, row) if beside else "")
            if not kind and column < len(header) and named[column]:
                kind = UNKNOWN
            if kind and cell:
                kinds[number, column] = kinds_in(kind)
                columns.setdefault((above, column), []).append(number)
        if not header and _is_lying(row, found):
            kinds |= {(number, column): kinds_in(found[0]) for column in range(1, len(row)) if row[column]}
    _judge_together(kinds, rows, [(top, column, at) for (top, column), at in columns.items() if top >= 0])
    return kinds


def _judge_together(
    kinds: _Kinds, rows: Sequence[Sequence[str]], columns: Sequence[tuple[int, int, Sequence[int]]]
) -> None:
    """Let the cells of a column say together what it holds: those with an unknown header, and those called "name"."""
    for top, column, numbers in columns:
        first = kinds[numbers[0], column]
        cells = [rows[number][column] for number in numbers]
        kind = ""
        header = rows[top][column] if column < len(rows[top]) else ""
        maybe = first & _MAYBE_NAMES or (OTHER in first and may_name_persons(header))
        western = bool(maybe) and are_western_names(header, cells, column, _columns_beside(rows, numbers))
        if "PERSON" in first and not western and (holds_no_person(cells) or are_family_names(cells)):
            kind = UNKNOWN
        elif western and "PERSON" not in first:
            kind = "PERSON"
        elif UNKNOWN in first or (first & _SAID_OF_PERSONS and not any(map(_VALUE.search, cells))):
            places = ((numbers[0], other) for other in range(len(rows[numbers[0]])))
            kind = kind_of_column(cells, {one for place in places for one in kinds.get(place, ())})
        if kind:
            kinds |= {(number, column): frozenset({kind}) for number in numbers}


def _columns_beside(rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> list[list[str]]:
    count = len(rows[numbers[0]])
    return [[rows[number][at] for number in numbers if at < len(rows[number])] for at in range(count)]


def are_western_names(
    header: str, cells: Sequence[str], column: int, columns: Collection[Sequence[str]]
) -> bool:
    """Tell whether a column holds names of persons that nobody knows, by its header or the other `columns`."""
    if names_things(header) or not are_like_persons(cells):
        return False
    return names_persons(header, reached=any(map(are_to_reach, columns))) or (
        column in _WHERE_NAMES_ARE and any(are_private_addresses(others) for others in columns)
    )


def holds_no_person(cells: Sequence[str]) -> bool:
    """Tell whether a column that is called "name" holds the names of other things: none of several is known as a person's."""
    texts = [text for text in (cell.strip() for cell in cells) if text]
    return (
        len(texts) > _FEWEST_CELLS
        and all(map(str.isascii, texts))
        and not any(" " in text and _NAME.fullmatch(text) and is_known(text) for text in texts)
    )


def are_family_names(cells: Sequence[str]) -> bool:
    """Tell whether a column holds family names alone, as lists of colleagues in charge do: one name alone is none."""
    texts = [text for text in (cell.strip() for cell in cells) if text]
    return len(texts) >= _FEWEST_CELLS and all(text in SURNAMES for text in texts)


def kind_of_column(cells: Sequence[str], beside: Collection[str]) -> str:
    """Return what a column holds whose header is unknown, where its cells together leave no doubt; else ""."""
    texts = [text for text in (cell.strip() for cell in cells) if text]
    if len(texts) < _FEWEST_CELLS:
        return ""
    if not _ABOUT_PLACES.isdisjoint(beside) and all(map(_POSTAL_CODE.fullmatch, texts)):
        return "POSTAL_CODE"
    if "PERSON" in beside and not _HOW_TO_REACH.isdisjoint(beside) and are_births(texts):
        return "BIRTHDATE"
    names = [text for text in (_HONORIFIC.sub("", text) for text in texts) if _NAME.fullmatch(text)]
    known = sum(map(is_known, names))
    if 5 * known >= 3 * len(texts) and 5 * sum(map(is_possible, names)) >= 4 * len(texts):
        return "PERSON"
    return ""


def _below(
    upper: Sequence[str], above: Sequence[str], lower: Sequence[str], found: Sequence[str]
) -> list[str]:
    """The kinds of a header of two rows; an upper cell reaches over the empty ones to its right."""
    kinds: list[str] = []
    word = kind = ""
    for column, cell in enumerate(lower):
        if column < len(upper) and upper[column].strip():
            word, kind = upper[column], above[column] if column < len(above) else ""
        both = found[column] if _is_known(found[column]) else kind_of_header(word + cell)
        kinds.append(both if _is_known(both) else found[column] or kind)
    return kinds


def _is_lying(row: Sequence[str], found: Sequence[str]) -> bool:
    """Tell whether a row is a label and the values of several people, all of one kind."""
    if len(row) < 3 or not _is_known(found[0]) or any(found[1:]):
        return False
    values = [cell for cell in row[1:] if cell.strip()]
    digits = {sum(map(str.isdigit, cell)) for cell in values}
    alike = len(digits) == 1 or found[0] in ("HEALTH_INSURANCE_ID", "CREDENTIAL")
    return alike and all(holds(found[0], cell) for cell in values)


def _is_paired(row: Sequence[str], found: Sequence[str]) -> bool:
    """Tell whether a row may be label and value, or several such pairs: a label among many values is none."""
    return sum(map(bool, row)) <= 2 or sum(map(bool, found)) >= 2


def _begins_list(number: int, row: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether the first row is words, of which too few are known to be sure of a header, and values stand below."""
    if number or len(row) < _FEWEST_COLUMNS or any(_VALUE.search(cell) for cell in row):
        return False
    return any(_VALUE.search(cell) for cell in below) and not any(map(kind_of_header, below))


def _kind_beside(found: Sequence[str], column: int, row: Sequence[str]) -> str:
    """The cell to the left is the label of this one, in forms of two columns, or four."""
    if column == 0 or not found[column - 1] or found[column]:
        return ""
    return found[column - 1] if row[column - 1] else ""


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """A form has its labels in the first column, and values beside them."""
    known = [
        row for row in rows[:50] if len(row) > 1 and _is_known(kind_of_header(row[0])) and row[1].strip()
    ]
    values = [row for row in known if not kind_of_header(row[1])]
    return len(values) >= 2 and 2 * len(values) >= len([row for row in rows[:50] if any(row)])


def _is_known(kind: str) -> bool:
    return kind not in ("", OTHER)


def _is_evident(row: Sequence[str], kinds: Sequence[str], below: Sequence[str]) -> bool:
    """A row of words whose known ones have values right below: a header, however many are unknown."""
    if any(_VALUE.search(cell) for cell in row):
        return False
    if len(row) == 2:
        pairs = zip(kinds, below, strict=False)
        return any(_is_known(kind) and holds(kind, cell) for kind, cell in pairs) and not any(
            map(kind_of_header, below)
        )
    return any(kind and holds(kind, cell) for kind, cell in zip(kinds, below, strict=False))


def _is_above_names(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first of two columns is names below a word for persons: "Attendee | Tickets"."""
    if any(len(row) != _TWO for row in rows) or any(map(_VALUE.search, rows[0])):
        return False
    below = [row[0] for row in rows[1:]]
    told = kind_of_header(rows[0][0]) == "PERSON" and not any(_is_known(kind_of_header(one)) for one in below)
    return told and are_like_persons(below)


def holds(kind: str, cell: str) -> bool:
    """Tell whether a cell looks like a value; a password may have no number in it, and a name has none."""
    if kind == "PERSON" and _NAME.fullmatch(cell.strip()) and is_known(cell.strip()):
        return True
    return bool(_VALUE.search(cell)) or (kind == "CREDENTIAL" and bool(_SECRET.fullmatch(cell.strip())))


def _is_header(row: Sequence[str], kinds: Sequence[str]) -> bool:
    filled = [kind for cell, kind in zip(row, kinds, strict=True) if cell.strip()]
    known = sum(_is_known(kind) for kind in filled)
    if not known or any(_VALUE.search(cell) for cell in row):
        return False
    return all(filled) if len(filled) <= 2 else 2 * sum(map(bool, filled)) >= len(filled)
