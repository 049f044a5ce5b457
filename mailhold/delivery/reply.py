"""One SMTP reply (RFC 5321 4.2) with its enhanced status code (RFC 2034, RFC 3463)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# What is kept of a reply's text, in characters.
MAX_TEXT = 500

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?=\s|$)\s*")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: `code` from 200 to 599, `enhanced` such as "5.1.1" or empty, `text` as one printable line."""

    code: int
    enhanced: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()

    @property
    def positive(self) -> bool:
        """Whether the command was done (2xx)."""
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        """Whether repeating the command is useless (5xx)."""
        return self.code >= 500

    def __str__(self) -> str:
        """Return the reply as a person reads it in a log of SMTP."""
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


def split_line(line: bytes) -> tuple[int, bool, str] | None:
    """Return code, "more lines follow" and text of one reply line without its line end, or None for no reply line."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    return int(match[1]), match[2] == b"-", printable((match[3] or b"").decode("utf-8", "replace"))


def make_reply(code: int, lines: Sequence[str]) -> Reply:
    """Return the reply that `lines` (without codes) make up."""
    found = _ENHANCED.match(lines[0]) if lines else None
    enhanced = found[0].strip() if found and found[1] == str(code)[0] else ""
    words = (_without_status(line, enhanced) for line in lines)
    return Reply(code, enhanced, " ".join(filter(None, words))[:MAX_TEXT], tuple(lines))


def printable(text: str) -> str:
    """Return `text` on one line, without the control characters and surrogates that no header and no database takes."""
    return _UNPRINTABLE.sub(" ", text).strip()


def _without_status(line: str, enhanced: str) -> str:
    return line.removeprefix(enhanced).strip() if enhanced else line.strip()
