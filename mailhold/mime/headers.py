"""Header blocks: found quickly, unfolded, decoded however they were written. Nothing here raises on any bytes."""

import re
from base64 import b64decode
from binascii import Error as Base64Error, a2b_qp
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from mailhold.mime.addresses import Mailbox, format_mailboxes, split_mailboxes
from mailhold.mime.charsets import clean, codec_for, decode
from mailhold.mime.limits import DEFAULT_LIMITS, Limits

ADDRESS_FIELDS = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_SHORTENED = 8 * 1024
_FOLD = re.compile(rb"\r?\n")
_CONTROLS = dict.fromkeys((*range(32), 127), " ")
ENCODED_WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,2})\?=", re.ASCII
)


class Field(NamedTuple):
    """One header field: its name as written and in lower case, the raw value after the colon, where its lines stand."""

    name: str
    key: str
    value: bytes
    start: int
    end: int  # after its line end


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The fields in order and the place where the body begins. `cut` is true where a limit ended the reading."""

    fields: tuple[Field, ...]
    end: int  # after the last field, before the empty line
    body: int
    cut: bool = False

    def first(self, key: str) -> bytes | None:
        """Return the raw value of the first field named `key` (lower case)."""
        return next((entry.value for entry in self.fields if entry.key == key), None)


def read_block(content: bytes, start: int, end: int, limits: Limits, most: int | None = None) -> HeaderBlock:
    """Read the header block that begins at `start`, at most `most` fields of it where given.

    It ends at an empty line, or before the first line that is no field: there mail servers put the missing empty line.
    """
    position = start
    if content.startswith((b"From ", b">From "), start, end):
        position = (content.find(b"\n", start, end) + 1) or end
    fields: list[Field] = []
    most = limits.header_fields if most is None else min(most, limits.header_fields)
    last = min(end, position + limits.header_bytes)
    while found := _FIELD.match(content, position, end):
        if found.end() > last or len(fields) >= most:
            fields.append(_shortened(found))
            return HeaderBlock(tuple(fields), position, _after_empty_line(content, position, end), cut=True)
        name = found[1].decode("ascii")
        fields.append(Field(name, name.lower(), found[2], position, found.end()))
        position = found.end()
    return HeaderBlock(tuple(fields), position, _skip_empty_line(content, position, end))


def _shortened(found: re.Match[bytes]) -> Field:
    """Return the field with which a limit was reached, so that at least its beginning is seen."""
    name = found[1].decode("ascii")
    return Field(name, name.lower(), found[2][:_SHORTENED], found.start(), found.end())


def _skip_empty_line(content: bytes, position: int, end: int) -> int:
    for line_end in (b"\r\n", b"\n"):
        if content.startswith(line_end, position, end):
            return position + len(line_end)
    return position


def _after_empty_line(content: bytes, position: int, end: int) -> int:
    crlf = content.find(b"\n\r\n", position, end)
    bare = content.find(b"\n\n", position, end if crlf < 0 else crlf)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else end


def header_values(content: bytes, names: Iterable[str], limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Return the first value of each field of `names` (lower case), decoded; "" for those that are absent.

    Looks at the header block only. Address fields are given in a form that `parse_addresses` reads back exactly.
    """
    block = read_block(content, 0, len(content), limits)
    values = dict.fromkeys(names, "")
    for entry in reversed(block.fields):
        if entry.key in values:
            values[entry.key] = field_text(entry, limits)
    return values


def field_text(entry: Field, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the value of a field for people."""
    if entry.key in ADDRESS_FIELDS and b"=?" in entry.value:
        return format_mailboxes(parse_addresses(entry.value, limits))
    return decode_header(entry.value)


def parse_addresses(value: bytes | str, limits: Limits = DEFAULT_LIMITS) -> tuple[Mailbox, ...]:
    """Return the mailboxes of an address field (RFC 5322, 3.4), groups opened up; what is broken is read as it can be.

    The structure is read before encoded words are, so that an encoded comma stays part of a name.
    """
    text = unfold(value) if isinstance(value, bytes) else value
    found = split_mailboxes(text, limits.mailboxes)
    return tuple(
        Mailbox(name=_tidy(decode_words(mailbox.name)), address=_tidy(mailbox.address)) for mailbox in found
    )


def decode_header(raw: bytes) -> str:
    """Return a field's value for people: unfolded, encoded words read, raw 8-bit text recognised."""
    return _tidy(decode_words(unfold(raw)))


def unfold(raw: bytes) -> str:
    """Return a raw field value as one line; encoded words (RFC 2047) are left as they are."""
    raw = raw.strip()
    if raw.isascii() and b"\x1b" not in raw:
        return (_FOLD.sub(b"", raw) if b"\n" in raw else raw).decode("ascii")
    return decode(_FOLD.sub(b"", raw)).text


def _tidy(text: str) -> str:
    """Return `text` on one line, storable, without blanks around it."""
    if not text.isprintable():
        text = clean(text).translate(_CONTROLS)
    return text.strip()


def decode_words(text: str) -> str:
    """Return `text` with its encoded words read (RFC 2047).

    Neighbours of one charset are joined before they are decoded: many programs cut in the middle of a character, or
    carry the shift state of ISO-2022-JP over to the next word.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending, charset, position = b"", "", 0
    for word in ENCODED_WORD.finditer(text):
        between = text[position : word.start()]
        if pending and (between.strip() or codec_for(word[1]) != codec_for(charset)):
            pieces.append(decode(pending, charset).text)
            pending = b""
        if between.strip() or not position:
            pieces.append(between)
        pending, charset = pending + _word_bytes(word[2], word[3]), word[1]
        position = word.end()
    if pending:
        pieces.append(decode(pending, charset).text)
    pieces.append(text[position:])
    return "".join(pieces)


def _word_bytes(encoding: str, encoded: str) -> bytes:
    raw = encoded.encode("utf-8", "replace")
    if encoding in "qQ":
        return a2b_qp(raw.replace(b" ", b"_"), header=True)
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    try:
        return b64decode(kept + b"=" * (-len(kept) % 4))
    except Base64Error:
        return raw
