"""One piece of a message, folded, with the labels and the cells that say what its values are."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import re2

from policies.detectors.given_names import JAPANESE_GIVEN_NAMES
from policies.detectors.names import is_known
from policies.detectors.surnames import SURNAMES
from policies.detectors.vocabulary import (
    EXAMPLE,
    FOREIGN,
    LABELS,
    NEGATED_AFTER,
    NEGATED_BEFORE,
    NEITHER,
    ON_PAPER,
    OTHER,
    PAPERS,
    POINTING,
)

ROW_END = "\x1e"
CELL_END = "\x1f"
UNKNOWN = "UNKNOWN"  # the kind of cells below a header that says nothing of ours
LINE_ENDS = ("\n", ROW_END)

_REACH = 40  # characters between a label and its value
_REACH_OVER_LINE = 60
_REACH_OF_EXAMPLE = 80
_REACH_BACK = 12  # a label after its value: "1234 (個人番号)"


@dataclass(frozen=True, slots=True)
class Span:
    """A value found in the folded text of a document."""

    type: str
    start: int
    end: int
    value: str = ""  # where it is other than the text itself


@dataclass(frozen=True, slots=True)
class Label:
    """A label word; `kind` is a type of value, or OTHER."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of a table; `kinds` come from its column's header.

    `loose` is for a whole row whose columns could not be divided: the kinds of all, in order.
    """

    start: int
    end: int
    kinds: frozenset[str]
    loose: tuple[str, ...] = ()
    column: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """Folded text with its labels and cells, in order. `topics` are the kinds that the whole message names."""

    text: str
    labels: tuple[Label, ...] = ()
    cells: tuple[Cell, ...] = ()
    topics: frozenset[str] = frozenset()
    _label_ends: list[int] = field(default_factory=list)
    _cell_starts: list[int] = field(default_factory=list)

    def cell(self, position: int) -> Cell | None:
        """Return the cell in which `position` lies."""
        at = bisect_right(self._cell_starts, position) - 1
        return self.cells[at] if at >= 0 and position < self.cells[at].end else None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that this piece names itself."""
        return frozenset(label.kind for label in self.labels)

    def cells_of(self, kind: str) -> Iterator[tuple[Cell, str]]:
        """Yield the cells whose header names `kind` with their text."""
        for cell in self.cells:
            if kind in cell.kinds and not cell.loose:
                yield cell, self.text[cell.start : cell.end]

    def line(self, position: int) -> tuple[int, int]:
        """Return start and end of the line, or row, in which `position` lies."""
        start = max(self.text.rfind(end, 0, position) for end in LINE_ENDS) + 1
        ends = [at for at in (self.text.find(end, position) for end in LINE_ENDS) if at >= 0]
        return start, min(ends, default=len(self.text))

    def says(self, kind: str, start: int, end: int) -> bool:
        """Tell whether the header, or the label that governs this place, names `kind`."""
        cell = self.cell(start)
        if cell and cell.kinds and UNKNOWN not in cell.kinds:
            return kind in cell.kinds or self._told_within(cell, kind, start)
        governing = self.kind_at(start, end)
        return governing == kind or (bool(governing) and self._says_either(kind, start))

    def _told_within(self, cell: Cell, kind: str, start: int) -> bool:
        """Tell whether the prose of a cell names `kind` right before its value: "電話番号は…です" below 備考."""
        label = self._before(start)
        if label is None or label.kind != kind or label.start < cell.start:
            return False
        return self._directly_before(label, start)

    def _says_either(self, kind: str, start: int) -> bool:
        """Tell whether the label that governs is the second of two: "個人番号又は法人番号"."""
        at = bisect_right(self._label_ends, start) - 1
        if at < 1 or self.labels[at - 1].kind != kind or not self._before(start):
            return False
        return bool(EITHER.fullmatch(self.text, self.labels[at - 1].end, self.labels[at].start))

    def says_other(self, kind: str, start: int, end: int) -> bool:
        """Tell whether header or label say that this place holds something else than `kind`."""
        cell = self.cell(start)
        if cell and cell.kinds and UNKNOWN not in cell.kinds:
            return kind not in cell.kinds and not self._told_within(cell, kind, start)
        return self.kind_at(start, end) not in ("", kind)

    def directly_other(self, kind: str, start: int, end: int) -> bool:
        """Tell whether something else than `kind` is named right beside this place, with nothing between."""
        cell = self.cell(start)
        if cell and cell.kinds and UNKNOWN not in cell.kinds:
            return kind not in cell.kinds and not self._told_within(cell, kind, start)
        label = self._before(start)
        if not label or label.kind == kind or (cell and label.start < cell.start and UNKNOWN in cell.kinds):
            return False
        return self._directly_before(label, start)

    def below_other(self, start: int) -> bool:
        """Tell whether the line above is the name of something harmless, and nothing stands before this place."""
        cell = self.cell(start)
        return not (cell and cell.kinds) and not self._before(start) and self._line_before(start) == OTHER

    def names(self, kind: str, start: int, end: int) -> bool:
        """Tell whether a label of `kind` ends between the two places."""
        at = bisect_left(self._label_ends, start)
        return any(label.kind == kind for label in self.labels[at : bisect_right(self._label_ends, end)])

    def is_example(self, start: int, end: int) -> bool:
        """Tell whether the line says that what stands here only shows how to write it."""
        first, last = self.line(start)
        return bool(
            _EXAMPLE.search(self.text, max(first, start - _REACH_OF_EXAMPLE), min(last, end + _REACH))
        )

    def is_shown(self, start: int) -> bool:
        """Tell whether the words right before say that the value only shows how to write one: "e.g. …", 例：…."""
        return bool(_SHOWING.search(self.text, max(0, start - 16), start))

    def kind_at(self, start: int, end: int) -> str:
        """Return the kind of the label that governs the place; "" where there is none."""
        label = self._before(start)
        cell = self.cell(start)
        if (
            cell and UNKNOWN in cell.kinds
        ):  # labels of other cells, and of the line above, are of other values
            return label.kind if label and label.start >= cell.start else ""
        if label and not (self._in_brackets(end) and not self._directly_before(label, start)):
            return label.kind
        return self._after(end) or self._line_before(start)

    def is_open(self, kind: str, start: int, end: int, *, besides: frozenset[str] = frozenset()) -> bool:
        """Tell whether nothing says what stands here: no header, no label, and no unknown word in a label's place.

        A label of the kinds `besides` says nothing: their values never look like this one.
        """
        if self.says_other(kind, start, end):
            cell = self.cell(start)
            return not (cell and cell.kinds) and self.kind_at(start, end) in besides
        word = _UNKNOWN_LABEL.search(self.text, max(0, start - 24), start)
        return not word or bool(_POINTING_WORD.search(word.group("word"))) or self._is_somebody(word)

    def _is_somebody(self, word: re.Match[str]) -> bool:
        """Tell whether the word in a label's place is the name of whom the value belongs to."""
        name = word.group("word")
        before = self.text[max(0, word.start() - 24) : word.start()].rpartition("\n")[2]
        first = before.split()[-1:] if before.endswith(" ") else []
        return name in SURNAMES or name in JAPANESE_GIVEN_NAMES or is_known(" ".join([*first, name]))

    def _before(self, start: int) -> Label | None:
        at = bisect_right(self._label_ends, start) - 1
        if at < 0 or start - self.labels[at].end > _REACH:
            return None
        between = self.text[self.labels[at].end : start]
        over = any(end in between for end in LINE_ENDS) or _ANOTHER_SENTENCE.search(between)
        return None if over or self._is_topic(self.labels[at], between) else self.labels[at]

    def _is_topic(self, label: Label, between: str) -> bool:
        """Tell whether a harmless thing was only spoken of, a sentence before: "チケットを買ってください。"."""
        if label.kind != OTHER or "。" not in between:
            return False
        return not _NAMES_NUMBER.search(self.text, label.start, label.end)

    def _directly_before(self, label: Label, start: int) -> bool:
        return bool(_NOTHING_BETWEEN.match(self.text[label.end : start]))

    def _in_brackets(self, end: int) -> bool:
        """Tell whether a known label stands in brackets right behind: "1234 (個人番号)"."""
        opened = self.text[end : end + 2].lstrip().startswith(("(", "["))
        return opened and self._after(end) not in ("", OTHER)

    def _after(self, end: int) -> str:
        at = bisect_left(self._label_ends, end)
        while at < len(self.labels) and self.labels[at].start < end:
            at += 1
        if at >= len(self.labels) or self.labels[at].start - end > _REACH_BACK:
            return ""
        between = self.text[end : self.labels[at].start]
        return self.labels[at].kind if _LEADS_BACK.match(between) else ""

    def _line_before(self, start: int) -> str:
        at = bisect_right(self._label_ends, start) - 1
        if at < 0 or start - self.labels[at].end > _REACH_OVER_LINE:
            return ""
        between = self.text[self.labels[at].end : start]
        if "\n" not in between and ROW_END not in between:
            return ""
        if self.labels[at].kind == OTHER:
            return OTHER if _NOTHING_BETWEEN.match(between.rstrip(" ・•*")) else ""
        first, _, rest = between.replace(ROW_END, "\n").partition("\n")
        lone = not rest.strip(" \t\n・*-:()「『[0123456789.第T〒")  # nothing stands between but bullets
        return self.labels[at].kind if lone and not _VALUE.search(first) else ""


_PAPERS = frozenset({"CREDIT_CARD", "HEALTH_INSURANCE_ID", "DRIVER_LICENSE", "PASSPORT", "PENSION_NUMBER"})
_NUMBERS = _PAPERS | {"MY_NUMBER", "HEALTH_INSURANCE", "BANK_ACCOUNT", "US_SSN"}
EITHER = re.compile(r" ?(?:又は|または|もしくは|若しくは|か|・|/|\||or|\() ?")
_NOTHING_BETWEEN = re.compile(r"[\s:.#=\-→>はがのを「『(\[【)\]」』】|\x1f]*(?:T|第)?\Z")
_UNKNOWN_LABEL = re.compile(
    r"(?P<word>[一-鿿々ァ-ヶーA-Za-z]{1,20})(?:[\s】」\])]{0,2}(?:[:→=(「【]|->)\s{0,3}| ?は ?|】)?\Z"
)
# Words in a label's place that name no other number: they point, or say whose it is, or which of two.
_POINTING_WORD = re.compile(
    r"(?:番号|ナンバー|こちら|下記|以下|通り|内容|情報|詳細|桁|ケタ|カード|人目|家族|分|今回|前回|本日|最新|本人|配偶者|扶養者|回答|返答|控え|メモ"
    r"|(?:訂正|変更|修正|更新)[前後]|(?<![一-鿿])(?:次|妻|夫|父|母|子|長男|長女|次男|次女|私|自分|当方|先方|当社|弊社|貴社|御社|旧|新|正|誤)"
    r"|(?<![A-Za-z])(?:no|number|the|is|use|this|was|with|on|to|and|or|that|here|please|again|follows|below|one|cards?|details"
    r"|mine|yours|his|hers|ours|theirs|self|spouse|wife|husband|son|daughter|wrong|right|correct|old|new|before|after))\Z",
    re.IGNORECASE,
)
_LEADS_BACK = re.compile(
    r" ?[(\[](?:[^()\[\]0-9\n\x1e\x1f]|[0-9]{1,2}(?= ?(?:桁|けた|ケタ|digits?))){0,12}[(\[]?\Z|[ )\]」』]*[(\[「『]?(?:が|は|を|も|という|:|,|-|\bis\b|\bas\b|私の|本人の|彼の|彼女の|my|his|her|the|a| )*\Z"
)
# "…です。": what the next sentence is about, it says itself, unless it only points: "番号は", "It is".
_ANOTHER_SENTENCE = re.compile(
    r"(?:[。!?]|\. (?=[A-Z]))(?!(?:[\s「『(【:・*>-]|番号|記号|ナンバー|No\.?|こちら|下記|以下|その|これ|次|通り|値|数字|は|の|が|です|[0-9旧新正誤]|(?:訂正|変更|修正|更新)[前後]"
    r"|\b(?:it|the|this|that|is|was|number|value|here|you|go|new|old|full|correct|please|use|now)\b|'s)*\Z)",
    re.IGNORECASE,
)
_NAMES_NUMBER = re.compile(r"(?:番号|コード|ナンバー|ID|CD|No\.?|#|number|code|ref)\Z", re.IGNORECASE)
_VALUE = re.compile(r"[0-9]{3}|@")
# "個 人 番 号": spread over the width of a form.
_SPREAD = re.compile(r"(?<![一-鿿ァ-ヶー])[一-鿿ァ-ヶー](?: {1,4}[一-鿿ァ-ヶー]){1,11}(?![一-鿿ァ-ヶー])")
# "S.S.N.", "P.P. No": letters with dots or strokes between them.
_DOTTED = re.compile(
    r"(?<![A-Za-z0-9./])(?P<letters>[A-Za-z](?:(?:\. ?|/)[A-Za-z]){1,4})(?![A-Za-z0-9/])\.?(?P<tail> ?(?:numbers?|nos?\b\.?|#|ID\b))?",
    re.IGNORECASE,
)
_INITIALS = len("A. C")  # those of a name, but where a number is led to
_LEADS = (":", "=", "-", "#")
_BETWEEN_LETTERS = re.compile(r"[. /]+")
# "Insurer number on the card": the paper only tells where the number stands.
_STANDS_ON = re.compile(
    r",? (?:as )?(?:is |was |it |which |that )?(?:printed |shown |stated |written |given |appears )?(?:on|from|per) (?:the |my |his |her |their |your |our )?",
    re.IGNORECASE,
)
# "旅券(英字2文字から始まる番号)は": what a remark says of the form of a number is no other label.
_REMARK = re.compile(r" ?\((?P<words>[^()\n\x1e\x1f]{2,40})\)")
_FORM_OF_NUMBER = re.compile(
    r"桁|けた|ケタ|文字|英字|英数字?|数字|始まる|印字|表面|裏面|券面|\b(?:digits?|letters?|characters?|start(?:s|ing)|begin(?:s|ning))\b",
    re.IGNORECASE,
)
# "Social Security no. of employee:": whose number it is.
_WHOSE = re.compile(r" (?:of|for)(?: (?:the|our|this|a|an|your|new))* ", re.IGNORECASE)
_NUMBER_NEXT = re.compile(r"[ :=#-]{0,4}(?:[A-Z]{1,2}[ -]?)?[0-9]")
_CERTIFICATE = re.compile(r"certificates?|badge|plate", re.IGNORECASE)
_SHOWING = re.compile(
    r"(?:\be\.g\.,?|\bfor example:?|(?<![一-鿿])例(?:えば|:| ?\)))[ 、:「]{0,2}\Z", re.IGNORECASE
)
_EXAMPLE = re.compile(EXAMPLE, re.IGNORECASE)


_MEMORY = (
    64 << 20
)  # bytes for the automaton of all labels; with less it starts anew within a text, and is slow


def _compiled(*, whole: bool) -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _MEMORY
    groups = (f"({f'?P<{kind}>' if whole else '?:'}{'|'.join(words)})" for kind, words in LABELS.items())
    return re2.compile("|".join(groups), options)


# Found without groups, which RE2 does many times faster; the few different words are told apart once each.
_LABEL = _compiled(whole=False)
_KIND = _compiled(whole=True)
_FOREIGN = re2.compile(FOREIGN)
_ON_PAPERS = re2.compile(f"(?:{'|'.join(PAPERS.values())}){ON_PAPER}")
_PAPER_NAMES = re.compile("|".join(f"(?P<{kind}>{names})" for kind, names in PAPERS.items()))
_POINTING = re.compile(POINTING, re.IGNORECASE)
_NEGATED_AFTER = re.compile(NEGATED_AFTER, re.IGNORECASE)
_NEGATED_BEFORE = re.compile(NEGATED_BEFORE, re.IGNORECASE)


def find_labels(text: str) -> tuple[Label, ...]:
    """Return the labels of a folded text in order; none overlaps another."""
    known = [
        _label(text, _kind(match.group()), *match.span()) for match in _LABEL.finditer(text) if match.group()
    ]
    foreign = [
        Label(OTHER, *match.span())
        for match in _FOREIGN.finditer(text)
        if not _POINTING.fullmatch(match.group())
    ]
    papers = [label for label in _on_papers(text) if not _begins_before(known, label)]
    known = sorted(
        (*papers, *(label for label in known if not _overlaps(papers, label))), key=lambda label: label.end
    )
    dotted = (label for label in _dotted(text) if not _overlaps(known, label))
    spread = sorted((*_spread(text), *dotted), key=lambda label: label.end)
    single = (label for label in _merged(known, foreign) if not _overlaps(spread, label))
    ordered = sorted((*single, *spread), key=lambda label: label.end)
    return tuple(_without_remarks(text, _without_papers(text, ordered)))


def _without_remarks(text: str, labels: Iterable[Label]) -> Iterator[Label]:
    """Leave out the words that only tell the form of the number of the label before, or whose it is."""
    last: Label | None = None
    for label in labels:
        if last and last.kind in _NUMBERS and (end := _end_of_remark(text, last, label)):
            last = Label(last.kind, last.start, end)
            continue
        if last:
            yield last
        last = label
    if last:
        yield last


def _end_of_remark(text: str, last: Label, label: Label) -> int:
    """Return where the remark ends in which `label` stands; 0 where it is no remark on `last`."""
    if label.kind == "PERSON":
        whose = _WHOSE.fullmatch(text, last.end, label.start) and _NUMBER_NEXT.match(text, label.end)
        return label.end if whose else 0
    remark = _REMARK.match(text, last.end)
    if not remark or label.end > remark.end() or label.kind == last.kind:
        return 0
    return remark.end() if _FORM_OF_NUMBER.search(remark.group("words")) else 0


def _without_papers(text: str, labels: Sequence[Label]) -> Iterator[Label]:
    """Leave out the papers that only say where the number of the label before stands: "Social Security card no."."""
    last: Label | None = None
    for label in labels:
        paper = label.kind in _PAPERS or _CERTIFICATE.fullmatch(text, label.start, label.end)
        if last and last.kind in _NUMBERS and paper and last.kind != label.kind:
            between = text[last.end : label.start]
            card = text[label.start : label.start + 4].lower() == "card" and between in (" ", "-", "'s ")
            if card or _STANDS_ON.fullmatch(between):
                last = Label(last.kind, last.start, label.end)
                continue
        if last:
            yield last
        last = label
    if last:
        yield last


def _on_papers(text: str) -> Iterator[Label]:
    """Yield the labels that say on which paper a number stands, and where."""
    for match in _ON_PAPERS.finditer(text):
        paper = _PAPER_NAMES.match(match.group())
        if paper and paper.lastgroup:
            yield _label(text, paper.lastgroup, *match.span())


def _dotted(text: str) -> Iterator[Label]:
    """Yield the known labels that are abbreviations with dots."""
    for match in _DOTTED.finditer(text):
        led = match.group("tail") or text[match.end() : match.end() + 2].lstrip()[:1] in _LEADS
        if len(match.group("letters")) == _INITIALS and not led:
            continue
        letters, tail = _BETWEEN_LETTERS.sub("", match.group("letters")), match.group("tail") or ""
        words = (
            _KIND.fullmatch(word)
            for word in (letters + tail, "/".join(letters) + tail, letters + ":", letters)
        )
        kind = next((word.lastgroup for word in words if word), None)
        if kind and kind != NEITHER:
            yield _label(text, kind, *match.span())


def _spread(text: str) -> Iterator[Label]:
    """Yield the known labels that are written with a space after each character."""
    for match in _SPREAD.finditer(text):
        word = _KIND.fullmatch(match.group().replace(" ", ""))
        if word and word.lastgroup:
            yield _label(text, word.lastgroup, *match.span())


def _overlaps(ordered: Sequence[Label], label: Label) -> bool:
    at = bisect_right(ordered, label.start, key=lambda other: other.end)
    return at < len(ordered) and ordered[at].start < label.end


def _begins_before(ordered: Sequence[Label], label: Label) -> bool:
    """Tell whether a word of another kind begins before a label and reaches into it: 教員免許状の番号."""
    at = bisect_right(ordered, label.start, key=lambda other: other.end)
    return at < len(ordered) and ordered[at].start < label.start and ordered[at].kind != label.kind


@lru_cache(maxsize=4096)
def _kind(word: str) -> str:
    match = _KIND.match(word) or _KIND.match(word.strip())
    return (match.lastgroup if match else None) or OTHER


def _label(text: str, kind: str, start: int, end: int) -> Label:
    negated = _NEGATED_AFTER.match(text, end) or _NEGATED_BEFORE.search(text, max(0, start - 20), start)
    return Label(OTHER if negated and kind != NEITHER else kind, start, end)


def _merged(known: list[Label], foreign: list[Label]) -> Iterator[Label]:
    """A foreign label that holds a known one is that known one; the known word alone counts."""
    ends = [label.end for label in known]
    for label in foreign:
        at = bisect_right(ends, label.start)
        if at >= len(known) or known[at].start >= label.end or _swallows(label, known[at]):
            yield label
    yield from (label for label in known if label.kind != NEITHER)


def _swallows(foreign: Label, known: Label) -> bool:
    """An OTHER word within a longer foreign label: both say the same."""
    return known.kind == OTHER and foreign.end >= known.end


def read(
    text: str,
    cells: Sequence[Cell] = (),
    *,
    labels: Sequence[Label] | None = None,
    topics: frozenset[str] = frozenset(),
) -> Document:
    """Return the document of a folded text."""
    found = tuple(find_labels(text) if labels is None else labels)
    ordered = tuple(sorted(cells, key=lambda cell: cell.start))
    return Document(
        text,
        found,
        ordered,
        topics,
        [label.end for label in found],
        [cell.start for cell in ordered],
    )
