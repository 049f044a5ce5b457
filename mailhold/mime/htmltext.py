"""HTML to plain text, in one pass over the text: for lists, notices, policies, and people without HTML."""

import re
from html import unescape

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_SIMPLE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})([^<>]*)>")
_ATTRIBUTE = r"""(?:^|[\s"'/])%s\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)"""
_HREF = re.compile(_ATTRIBUTE % "href", re.IGNORECASE)
_ALT = re.compile(_ATTRIBUTE % "alt", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
_ANY_TAG = re.compile(r"<[^<>]*>")
_LONGEST_ATTRIBUTES = 20_000
_MOST_TAGS = 50_000  # more are no letter: the rest is only freed of its tags, which takes no time

_DROPPED = frozenset(
    {"script", "style", "title", "noframes", "template", "textarea", "xmp", "iframe", "noembed"}
)
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "table", "pre", "hr"}
)
_CELL_BLOCKS = frozenset({"p", "div"})
_LINES = frozenset(
    [
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "address",
        "article",
        "aside",
        "center",
        "fieldset",
        "figure",
        "footer",
        "form",
        "header",
        "main",
        "nav",
        "section",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "body",
        "html",
    ]
)


def html_to_text(html: str) -> str:
    """Return what a reader of `html` sees: blocks on lines, list items with a dash, the targets of links beside them."""
    return _Writer(html).write()


class _Writer:
    def __init__(self, html: str) -> None:
        self._html = html
        self._lines: list[str] = []
        self._line: list[str] = []
        self._pre = 0
        self._in_row = False  # of a table, behind the beginning of a cell
        self._cell_begins = False  # nothing stands in this cell of a table yet
        self._cell_block_ended = (
            False  # a paragraph of this cell ended; what follows in the cell is a new line
        )
        self._link: tuple[str, int, int] | None = None  # target, line and piece where its text begins
        self._tag = _TAG
        self._unended: set[str] = set()

    def write(self) -> str:
        position, tags, html = 0, 0, self._html
        while position < len(html):
            tags += 1
            if tags > _MOST_TAGS:
                self._text(_ANY_TAG.sub(" ", html[position:]))
                break
            markup = _MARKUP.search(html, position)
            tag = markup.start() if markup else len(html)
            if tag > position:
                self._text(html[position:tag])
            position = self._markup(tag) if markup else tag
        self._end_line()
        return "\n".join(_without_runs_of_empty(self._lines)).strip("\n")

    def _markup(self, start: int) -> int:
        """Handle what begins with "<" and return where it ends."""
        if self._html.startswith("<!--", start):
            end = self._html.find("-->", start + 2)
            return len(self._html) if end < 0 else end + 3
        if self._html.startswith(("<!", "<?"), start):
            end = self._html.find(">", start)
            return len(self._html) if end < 0 else end + 1
        found = self._tag.match(self._html, start)
        if not found and self._tag is _TAG:
            # A quote without its end: from here on, the first ">" ends a tag (else each "<" would look to the very end).
            self._tag = _SIMPLE_TAG
            found = self._tag.match(self._html, start)
        if not found:
            self._text("<")
            return start + 1
        closing, name, attributes = found[1] == "/", found[2].lower(), found[3]
        if name in _DROPPED and not closing:
            return self._after_dropped(name, found.end())
        self._element(name, closing, attributes[:_LONGEST_ATTRIBUTES])
        return found.end()

    def _after_dropped(self, name: str, start: int) -> int:
        if name in self._unended:
            return start
        found = re.compile(f"</{name}", re.IGNORECASE).search(self._html, start)
        if not found:
            self._unended.add(name)
            return start
        end = self._html.find(">", found.end())
        return len(self._html) if end < 0 else end + 1

    def _element(self, name: str, closing: bool, attributes: str) -> None:
        if name == "br":
            self._end_line(always=True)
        elif name == "a":
            self._link_edge(closing, attributes)
        elif name == "img" and not closing:
            alt = _attribute(_ALT, attributes)
            self._text(f"[{alt}]" if alt else "")
        elif name in {"td", "th"}:
            self._cell_edge(closing=closing)
        elif name in _PARAGRAPHS or name in _LINES:
            self._block(name, closing)

    def _cell_edge(self, *, closing: bool) -> None:
        """Cells of a row stand in one line, a tab between them, whether or not paragraphs wrap their texts."""
        if not closing and self._in_row:
            self._line.append("\t")
        self._in_row = True
        self._cell_begins = not closing
        self._cell_block_ended = False

    def _block(self, name: str, closing: bool) -> None:
        if name in _CELL_BLOCKS and self._cell_begins:
            return
        if name in _CELL_BLOCKS and closing and self._in_row:
            self._cell_block_ended = True
            return
        if name == "tr":
            self._in_row = self._cell_begins = self._cell_block_ended = False
        self._end_line()
        if name in _PARAGRAPHS:
            self._lines.append("")
        if name == "pre":
            self._pre = max(0, self._pre + (-1 if closing else 1))
        elif name == "li" and not closing:
            self._line.append("- ")
        elif name == "dd" and not closing:
            self._line.append("  ")
        elif name == "hr":
            self._lines.append("-" * 20)

    def _text(self, raw: str) -> None:
        text = unescape(_LONG_NUMBER.sub("\ufffd", raw)) if "&" in raw else raw
        if self._pre:
            first, *more = text.split("\n")
            self._line.append(first)
            for line in more:
                self._end_line(always=True)
                self._line.append(line)
            return
        text = _BLANKS.sub(" " if self._in_row else _narrowed, text)
        if text.strip():
            self._cell_begins = False
            if self._cell_block_ended:
                self._cell_block_ended = False
                self._end_line()
        if not self._line or self._line[-1].endswith((" ", "\t")):
            text = text.lstrip(" \t") if not self._line else text.removeprefix(" ")
        if text:
            self._line.append(text)

    def _end_line(self, *, always: bool = False) -> None:
        line = "".join(self._line).rstrip()
        self._line = []
        if line or always:
            self._lines.append(line)

    def _link_edge(self, closing: bool, attributes: str) -> None:
        if self._link:
            target, line, piece = self._link
            shown = "".join(self._line[piece:] if line == len(self._lines) else self._line).strip()
            if target and _address_of(target) != _address_of(shown):
                self._line.append(f" <{target}>")
            self._link = None
        if not closing:
            target = _attribute(_HREF, attributes).strip()
            if not target.startswith("#"):
                self._link = (target, len(self._lines), len(self._line))


def _narrowed(blanks: re.Match[str]) -> str:
    """Return one space, as is shown; but a tab for tabs within a line, which part the columns of typed tables."""
    within = blanks.group().strip(" ") or " "
    return "\t" if not within.strip("\t") else " "


def _attribute(pattern: re.Pattern[str], attributes: str) -> str:
    found = pattern.search(attributes)
    if not found:
        return ""
    value = found[1]
    value = value[1:-1] if value[0] in "\"'" else value
    return _BLANKS.sub(" ", unescape(_LONG_NUMBER.sub("\ufffd", value)))


def _address_of(link: str) -> str:
    """Return what two spellings of one target have in common."""
    lowered = link.strip().lower()
    for prefix in ("mailto:", "tel:", "http://", "https://"):
        lowered = lowered.removeprefix(prefix)
    return lowered.rstrip("/")


def _without_runs_of_empty(lines: list[str]) -> list[str]:
    return [line for at, line in enumerate(lines) if line or at == 0 or lines[at - 1]]
