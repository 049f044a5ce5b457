"""Address lists as people write them (RFC 5322, 3.4), and as broken programs do. One pass, never an error."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ORDINARY = re.compile(r'[^"(<,;:\\]+')
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
_QUOTED_REST = re.compile(r'(?:[^"\\]|\\.)*"')
_PARENTHESIS = re.compile(r"\\.|[()]")
_LONGEST = 998


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name ("" without one) and an address ("" where none could be made out)."""

    name: str
    address: str

    def __str__(self) -> str:
        """Return the mailbox as people read it, with a name quoted where it would be misread without."""
        if not self.name or not self.address:
            return self.address or _quoted(self.name)
        return f"{_quoted(self.name)} <{self.address}>"


def _quoted(name: str) -> str:
    if not _SPECIAL.search(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def format_mailboxes(mailboxes: Iterable[Mailbox]) -> str:
    """Return the mailboxes on one line."""
    return ", ".join(map(str, mailboxes))


def split_mailboxes(text: str, most: int) -> list[Mailbox]:
    """Return at most `most` mailboxes of the unfolded, still encoded field value `text`."""
    return _Reader(text, most).read()


class _Reader:
    """Walks over the value once. A quote or bracket without its end is an ordinary character from there on."""

    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most
        self._unended: set[str] = set()
        self._found: list[Mailbox] = []
        self._clear()

    def _clear(self) -> None:
        self._phrase: list[str] = []
        self._comments: list[str] = []
        self._address = ""
        self._in_address = False  # a colon there belongs to it, as in an IPv6 literal

    def read(self) -> list[Mailbox]:
        position = 0
        while position < len(self._text) and len(self._found) < self._most:
            ordinary = _ORDINARY.match(self._text, position)
            if ordinary:
                self._phrase.append(ordinary.group())
                self._in_address = self._in_address or "@" in ordinary.group() or "[" in ordinary.group()
                position = ordinary.end()
            else:
                position = self._special(position)
        self._flush()
        return self._found[: self._most]

    def _special(self, position: int) -> int:
        mark = self._text[position]
        if mark in ",;":
            self._flush()
        elif mark == ":" and not self._in_address:
            self._clear()  # the name of a group ends here
        elif mark in '"(<' and mark not in self._unended:
            end = self._end_of(mark, position)
            if end > 0:
                self._take(
                    mark, self._text[position + 1 : end], local_part=self._text.startswith("@", end + 1)
                )
                return end + 1
            self._unended.add(mark)
            return position
        elif mark == "<":
            return self._bracket_without_end(position)
        else:
            self._phrase.append(mark)
        return position + 1

    def _end_of(self, mark: str, position: int) -> int:
        if mark == "<":
            return self._text.find(">", position)
        return self._end_of_quote(position) if mark == '"' else self._end_of_comment(position)

    def _end_of_quote(self, position: int) -> int:
        found = _QUOTED_REST.match(self._text, position + 1)
        return found.end() - 1 if found else -1

    def _end_of_comment(self, position: int) -> int:
        depth = 0
        for found in _PARENTHESIS.finditer(self._text, position):
            depth += {"(": 1, ")": -1}.get(found.group(), 0)
            if depth == 0:
                return found.start()
        return -1

    def _take(self, mark: str, inside: str, *, local_part: bool) -> None:
        if mark == "<":
            self._address = self._address or _bare(inside)
        elif mark == "(":
            self._comments.append(_unescaped(inside))
        elif local_part:
            self._phrase.append(f'"{inside}"')
        else:
            self._phrase.append(_unescaped(inside))

    def _bracket_without_end(self, position: int) -> int:
        end = min(
            (at for at in (self._text.find(mark, position) for mark in ",;") if at > 0),
            default=len(self._text),
        )
        self._address = self._address or _bare(self._text[position + 1 : end])
        return end

    def _flush(self) -> None:
        phrase, comment = "".join(self._phrase).strip(), " ".join(self._comments).strip()
        address = self._address
        self._clear()
        if not address and "@" in phrase:
            phrase, address = _split_phrase(phrase)
        if not address and phrase and " " not in phrase:
            phrase, address = "", phrase
        if address or phrase:
            self._found.append(Mailbox(name=(phrase or comment)[:_LONGEST], address=address[:_LONGEST]))


def _split_phrase(phrase: str) -> tuple[str, str]:
    """Return name and address out of a phrase without brackets: `bob@example.test` or `Bob bob@example.test`."""
    if phrase.startswith('"') and " " not in phrase.rpartition('"')[2]:
        return "", phrase
    words = phrase.split()
    joined = "".join(words)
    if joined.count("@") == 1 and (len(words) == 1 or " @" in phrase or "@ " in phrase):
        return "", joined
    address = next(word for word in reversed(words) if "@" in word)
    return " ".join(word for word in words if word != address), address.strip("<>")


def _bare(inside: str) -> str:
    """Return the address within brackets, without blanks and without an old source route (`@relay:`)."""
    address = "".join(inside.split()) if '"' not in inside else inside.strip()
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    return address.strip("<")


def _unescaped(inside: str) -> str:
    return re.sub(r"\\(.)", r"\1", inside) if "\\" in inside else inside
