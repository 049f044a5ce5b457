"""Rich text (RTF 1.9.1): the words of the body, of headers and notes, in whatever code page or as Unicode."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mailhold.mime.charsets import decode
from mailhold.mime.files.found import Found, Mark
from mailhold.mime.files.job import Job
from mailhold.mime.pieces import Problem

_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_CLOCK_TICK = 20_000  # tokens between two looks at the clock
_DEEPEST = 10_000
# Destinations whose text nobody reads as text.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict themedata colorschememapping datastore latentstyles listtable "
    b"listoverridetable rsidtbl generator xmlnstbl filetbl fldinst nonshppict objclass objname blipuid bkmkstart "
    b"bkmkend mmathPr revtbl pgptbl wgrffmtfilter panose falt fontemb atnid atrfstart atrfend sp sn".split()
)
_SPOKEN_STARRED = frozenset({b"shptxt", b"shpinst", b"annotation", b"footnote", b"atnauthor"})
_HIDDEN = frozenset({b"annotation"})
_PARAGRAPHS = frozenset({b"par", b"sect", b"page", b"softline"})
_CHARACTERS = {
    b"tab": "\t",
    b"line": "\n",
    b"emdash": "—",
    b"endash": "-",
    b"lquote": "'",
    b"rquote": "'",
    b"ldblquote": '"',
    b"rdblquote": '"',
    b"bullet": "•",
    b"emspace": " ",
    b"enspace": " ",
}
_SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_CHARSETS = {
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}


def read_rtf(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text, the tables and what is hidden. An embedded object stays unread, which is said."""
    reading = _Reading(content, job)
    reading.run()
    yield from job.prose("\n".join(reading.paragraphs))
    for number, rows in enumerate(reading.tables, 1):
        yield from job.table(rows, f"table {number}")
    yield from job.prose("\n".join(reading.unseen), "hidden", hidden=True)
    if reading.embedded:
        yield Mark(problem=Problem.UNSUPPORTED)
    if reading.cut:
        yield Mark(problem=Problem.DAMAGED)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group of braces."""

    silent: bool = False
    hidden: bool = False
    codec: str = ""
    skipped: int = 1  # characters that stand for a \u where no Unicode is known
    fonts: bool = False  # within the font table


@dataclass(slots=True)
class _Reading:
    content: bytes
    job: Job
    paragraphs: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    embedded: bool = False
    cut: bool = False  # it says of something that it is longer than all that there is
    _states: list[_State] = field(default_factory=lambda: [_State()])
    _codec: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _raw: bytearray = field(default_factory=bytearray)  # not yet decoded: a character may come in two tokens
    _raw_codec: str = ""
    _units: list[int] = field(default_factory=list)  # UTF-16, as \u gives halves of pairs
    _text: list[str] = field(default_factory=list)
    _hidden_text: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _in_table: bool = False
    _to_skip: int = 0
    _starred: bool = False

    def run(self) -> None:
        """Read to the end."""
        position, count = 0, 0
        while found := _TOKEN.match(self.content, position):
            position = found.end()
            count += 1
            if count % _CLOCK_TICK == 0:
                self.job.check_time()
            position += self._token(found)
        self.cut = position > len(self.content)
        self._end_paragraph()
        self._end_table()

    @property
    def _state(self) -> _State:
        return self._states[-1]

    def _set(self, **changes: bool | str | int) -> None:
        self._states[-1] = replace(self._state, **changes)  # type: ignore[arg-type]

    def _token(self, found: re.Match[bytes]) -> int:
        """Act on one token and return how many bytes behind it belong to it."""
        hexadecimal, word, number, symbol, brace, text = found.groups()
        if hexadecimal is not None:
            self._bytes(bytes((int(hexadecimal, 16),)))
        elif word is not None:
            value = int(number) if number is not None else None
            if word == b"bin":
                return max(0, value or 0)
            self._word(word, value)
        elif symbol is not None:
            self._symbol(symbol)
        elif brace is not None:
            self._brace(opens=brace == b"{")
        elif text is not None:
            self._bytes(text)
        return 0

    def _brace(self, *, opens: bool) -> None:
        self._flush()
        self._to_skip = 0
        if opens and len(self._states) < _DEEPEST:
            self._states.append(self._state)
        elif not opens and len(self._states) > 1:
            ended = self._states.pop()
            if ended.hidden and not self._state.hidden:
                self._end_unseen()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in _SYMBOLS:
            if symbol in b"\r\n":
                self._end_paragraph()
            else:
                self._say(_SYMBOLS[symbol])

    def _word(self, word: bytes, value: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == b"u":
            self._unicode(value or 0)
        elif word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif word in _PARAGRAPHS or word in {
            b"cell",
            b"nestcell",
            b"row",
            b"nestrow",
            b"pard",
            b"intbl",
            b"trowd",
        }:
            if not self._state.silent:
                self._layout(word)
        elif word in _SILENT or word == b"objdata" or (starred and word not in _SPOKEN_STARRED):
            self.embedded = self.embedded or word == b"objdata"
            self._set(silent=True, fonts=word == b"fonttbl")
        elif word in _HIDDEN:
            self._set(hidden=True)
        elif word == b"v":
            self._flush()
            self._set(hidden=value != 0)
        else:
            self._charset(word, value or 0)

    def _charset(self, word: bytes, value: int) -> None:
        if word == b"ansicpg":
            self._codec = f"cp{value}"
        elif word == b"f":
            self._font = value
            if not self._state.fonts:
                self._set(codec=self._fonts.get(value, ""))
        elif word == b"fcharset" and self._state.fonts:
            self._fonts[self._font] = _CHARSETS.get(value, "")
        elif word == b"uc":
            self._set(skipped=max(0, min(value, 100)))
        elif word == b"plain":
            self._flush()
            self._set(hidden=False)

    def _layout(self, word: bytes) -> None:
        self._flush()
        if word in _PARAGRAPHS:
            if self._in_table:
                self._text.append(" ")
            else:
                self._end_paragraph()
        elif word in {b"cell", b"nestcell"}:
            self._cells.append("".join(self._text).strip())
            self._text = []
        elif word in {b"row", b"nestrow"}:
            self._rows.append(self._cells)
            self._cells = []
            self._in_table = False
        elif word in {b"intbl", b"trowd"}:
            self._in_table = True
        else:
            self._in_table = False

    def _bytes(self, raw: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(raw))
            self._to_skip -= skipped
            raw = raw[skipped:]
        if self._state.silent or not raw:
            return
        codec = self._state.codec or self._codec
        if self._units or codec != self._raw_codec:
            self._flush()
            self._raw_codec = codec
        self._raw += raw

    def _unicode(self, value: int) -> None:
        if self._raw:
            self._flush()
        self._to_skip = self._state.skipped
        if not self._state.silent:
            self._units.append(value & 0xFFFF)

    def _say(self, text: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
            return
        self._flush()
        if not self._state.silent:
            (self._hidden_text if self._state.hidden else self._text).append(text)

    def _flush(self) -> None:
        """Decode what has gathered."""
        if self._units:
            units = b"".join(unit.to_bytes(2, "little") for unit in self._units)
            self._units = []
            decoded = units.decode("utf-16-le", "replace")
        elif self._raw:
            decoded = decode(bytes(self._raw), self._raw_codec).text
            self._raw = bytearray()
        else:
            return
        (self._hidden_text if self._state.hidden else self._text).append(decoded)

    def _end_paragraph(self) -> None:
        self._flush()
        self._end_unseen()
        text = "".join(self._text)
        self._text = []
        if text.strip():
            self._end_table()
            self.paragraphs.append(text)

    def _end_unseen(self) -> None:
        text = "".join(self._hidden_text)
        self._hidden_text = []
        if text.strip():
            self.unseen.append(text)

    def _end_table(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
            self._cells = []
        if self._rows:
            self.tables.append(self._rows)
            self._rows = []
