"""Content-Type and Content-Disposition: value and parameters, and file names however a program wrote them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from mailhold.mime.charsets import clean, decode
from mailhold.mime.headers import decode_words, unfold

_LONGEST_FIELD = 32 * 1024
_MOST_PARAMETERS = 200
_PARAMETER_NAME = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CONTINUED = re.compile(r"(.+?)(?:\*(\d{1,4}))?(\*)?", re.DOTALL)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")

# Marks that turn the reading direction, so that "gpj.exe" is shown as "exe.jpg", and line separators.
_DIRECTION_MARKS = (
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"
)
_NAME_TABLE = dict.fromkeys((*range(1, 32), *range(127, 160), *map(ord, _DIRECTION_MARKS)), "_") | {0: None}
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Parameterized:
    """A value in lower case, such as "text/plain" or "attachment", and its parameters by lower-case name."""

    value: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


ABSENT = Parameterized()


def read_parameterized(raw: bytes | None) -> Parameterized:
    """Read a structured field with parameters (RFC 2045, RFC 2183, RFC 2231)."""
    if not raw:
        return ABSENT
    text = unfold(raw[:_LONGEST_FIELD])
    value, semicolon, _ = text.partition(";")
    value = "".join(value.partition("(")[0].split()).lower()
    if not semicolon:
        return Parameterized(value)
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, written in _parameters(text):
        if "*" in name:
            _put_piece(pieces, name, written)
        else:
            plain.setdefault(name, written)
    return Parameterized(value, plain | {name: _joined(parts) for name, parts in pieces.items()})


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value, in one pass: a quote that nothing ends is an ordinary character from there on."""
    position, count, quotes = text.find(";"), 0, True
    while position >= 0 and count < _MOST_PARAMETERS:
        found = _PARAMETER_NAME.match(text, position)
        if not found:
            position = text.find(";", position + 1)
            continue
        count += 1
        quoted = _QUOTED.match(text, found.end()) if quotes else None
        quotes = quotes and (quoted is not None or not text.startswith('"', found.end()))
        position = text.find(";", quoted.end() if quoted else found.end())
        end = position if position >= 0 else len(text)
        yield found[1].lower(), _unquoted(quoted.group() if quoted else text[found.end() : end].strip())


def content_type_of(parameterized: Parameterized, default: str) -> str:
    """Return the media type, or what stands for one that is absent or broken (RFC 2045, 5.2)."""
    value = parameterized.value
    if not value:
        return default
    if _TYPE.fullmatch(value):
        return value
    return "text/plain" if value in {"text", "plain"} else "application/octet-stream"


def _unquoted(written: str) -> str:
    if not written.startswith('"'):
        return written
    inside = written[1:-1] if written.endswith('"') and len(written) > 1 else written[1:]
    # Only these two: Windows programs write the backslashes of a path as they are.
    return inside.replace('\\"', '"').replace("\\\\", "\\")


def _put_piece(pieces: dict[str, dict[int, tuple[str, bool]]], name: str, written: str) -> None:
    found = _CONTINUED.fullmatch(name)
    if found:
        pieces.setdefault(found[1], {}).setdefault(int(found[2] or 0), (written, bool(found[3])))


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """Put the pieces of an RFC 2231 parameter together; bytes first, so that a character may be cut in two."""
    charset, encoded = None, False
    raw: list[bytes] = []
    for number, index in enumerate(sorted(parts)):
        written, percent = parts[index]
        if number == 0 and percent and written.count("'") >= 2:
            charset, _, written = written.split("'", 2)
        encoded = encoded or percent
        raw.append(unquote_to_bytes(written) if percent else written.encode("utf-8", "replace"))
    joined = b"".join(raw)
    if not (charset or "").lower().startswith(("utf-16", "utf-32")):
        joined = joined.replace(b"\0", b"")
    return decode(joined, (charset or None) if encoded else "utf-8").text


def file_name(disposition: Parameterized, content_type: Parameterized) -> str:
    """Return the name a recipient's program would save the part under, made harmless; "" where none is given."""
    given = disposition.parameters.get("filename") or content_type.parameters.get("name") or ""
    return safe_name(decode_words(given))


def names_differ(disposition: Parameterized, content_type: Parameterized) -> bool:
    """Tell whether the part goes by two names, so that programs may show one and open the other."""
    first = disposition.parameters.get("filename")
    second = content_type.parameters.get("name")
    return bool(first and second) and safe_name(decode_words(first or "")) != safe_name(
        decode_words(second or "")
    )


def safe_name(name: str) -> str:
    """Return `name` without folders, control characters, direction marks, and the dots that Windows takes off."""
    name = re.split(r"[/\\]", clean(name.replace("\0", "")))[-1].translate(_NAME_TABLE)
    name = name.strip().rstrip(". ")
    if name.strip("._ ") == "":
        return ""
    if len(name) <= _LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 20:
        return name[:_LONGEST_NAME]
    return stem[: _LONGEST_NAME - len(extension) - 1] + dot + extension
