"""The header of a message as it leaves: texts in front of its subject, more addresses in its Cc field.

All other bytes stay as they are, so what is signed inside (S/MIME, PGP) stays signed. Signatures of mail servers over a
field that changes no longer hold, and are taken out as by an edit.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailhold.mime.charsets import codec_for
from mailhold.mime.headers import ENCODED_WORD, Field, decode_header, parse_addresses, read_block
from mailhold.mime.limits import Limits
from mailhold.mime.rewrite import LONGEST_LINE, SERVER_SIGNATURES, encoded_words

# It has been accepted and must leave, however long its header is.
_ALL = Limits(header_bytes=1 << 40, header_fields=1 << 40, mailboxes=1 << 40)
_CRLF = b"\r\n"
_USED = len("Subject: ")
_OCTETS_COMPARED = 8 * 1024
# How mail programs of many languages begin the subject of an answer or of something passed on.
_ANSWER = re.compile(
    r"(?:re|fwd?|aw|wg|sv|vs|tr|rv|rif|res|enc|antw|返信|転送|回复|答复|转发) ?(?:\[\d+\]|\(\d+\)|\^\d+)? ?: ?"
)
_SIGNED_FIELDS = re.compile(rb"(?:^|;)\s*h\s*=([^;]*)")


@dataclass(slots=True)
class _Changes:
    """New bytes for the lines of fields, and whole new fields that go above them."""

    lines: list[tuple[Field, bytes]] = field(default_factory=list)
    above: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.lines or self.above)


def with_heading(content: bytes, *, tags: Sequence[str] = (), cc: Sequence[str] = ()) -> tuple[bytes, bytes]:
    """Return `content`, whose line ends are CRLF, with `tags` before its subject and the addresses `cc` in its Cc field.

    Before it stand the lines of those fields that it does not have yet, to go above it. A tag with which the subject
    begins already, after any “Re:”, is not put there again, nor is an address that To or Cc names. Never raises,
    whatever the bytes are.
    """
    if not tags and not cc:
        return b"", content
    fields = read_block(content, 0, len(content), _ALL).fields
    subject, copies = _tagged(content, fields, tags), _with_copies(content, fields, cc)
    changed = {name for name, change in ((b"subject", subject), (b"cc", copies)) if change}
    lines = [*subject.lines, *copies.lines, *((entry, b"") for entry in _broken(fields, changed))]
    pieces, position = [], 0
    for entry, new in sorted(lines, key=lambda change: change[0].start):
        pieces += [content[position : entry.start], new]
        position = entry.end
    return subject.above + copies.above, b"".join((*pieces, content[position:]))


def tagged_subject(content: bytes, tags: Sequence[str]) -> str:
    """Return the subject that people read once `tags` are in front of it, "" where it stays as it is."""
    fields = read_block(content, 0, len(content), _ALL).fields if tags else ()
    changes = _tagged(content, fields, tags)
    new = changes.lines[0][1] if changes.lines else changes.above
    return decode_header(new.partition(b":")[2])


# --- the subject --------------------------------------------------------------------------------------------


def _tagged(content: bytes, fields: Iterable[Field], tags: Sequence[str]) -> _Changes:
    changes = _Changes()
    subjects = [entry for entry in fields if entry.key == "subject"]
    for entry in subjects:
        missing = _missing(decode_header(entry.value[:_OCTETS_COMPARED]), tags)
        if missing:
            changes.lines.append((entry, _with_words(content[entry.start : entry.end], entry.value, missing)))
    if tags and not subjects:
        changes.above = _filled(b"Subject:", _words(tags, jis=False)) + _CRLF
    return changes


def _missing(subject: str, tags: Sequence[str]) -> list[str]:
    """Return those of `tags` with which `subject` does not begin, where answers and other tags may stand before."""
    rest = _folded(subject)
    known = {folded: tag for tag in tags if (folded := _folded(tag))}
    found: set[str] = set()
    while True:
        answer = _ANSWER.match(rest)
        tag = next((each for each in known if rest.startswith(each)), None)
        if answer is None and tag is None:
            return [tag for folded, tag in known.items() if folded not in found]
        if tag is not None:
            found.add(tag)
        rest = rest[len(tag) if tag is not None else answer.end() if answer else 0 :].lstrip()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _with_words(lines: bytes, value: bytes, tags: Sequence[str]) -> bytes:
    """Return the lines of a Subject field with `tags` first; the bytes that follow stay as they are."""
    name, _, rest = lines.partition(b":")
    written = _filled(name.rstrip() + b":", _words(tags, jis=_is_jis(value)))
    if not rest.strip():
        return written + _CRLF
    first, end, more = rest.partition(_CRLF)
    if not first.strip():
        return written + end + more
    if not first.startswith((b" ", b"\t")):
        first = b" " + first
    fits = len(written) - (written.rfind(b"\n") + 1) + len(first) <= LONGEST_LINE
    return written + (b"" if fits else _CRLF) + first + end + more


def _filled(start: bytes, words: Iterable[bytes]) -> bytes:
    """Return `start` and the words after it, on lines that are as long as they may be; without the last line end."""
    lines = [start]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LONGEST_LINE:
            lines.append(b"")
        lines[-1] += b" " + word
    return _CRLF.join(lines)


def _is_jis(value: bytes) -> bool:
    """Tell whether a subject is written in ISO-2022-JP alone, as by programs that know nothing else."""
    charsets = {codec_for(word[1]) for word in ENCODED_WORD.finditer(value.decode("latin-1"))}
    return charsets == {"iso_2022_jp"} or (not charsets and b"\x1b$" in value and value.isascii())


def _words(tags: Iterable[str], *, jis: bool) -> list[bytes]:
    """Return `tags` as they can stand in a header: ASCII as it is, all else in encoded words (RFC 2047)."""
    return [word for tag in tags for word in ([tag.encode()] if tag.isascii() else _encoded(tag, jis=jis))]


def _encoded(tag: str, *, jis: bool) -> list[bytes]:
    if not jis:
        return encoded_words(tag, _USED)
    try:
        return _in_jis(tag)
    except UnicodeEncodeError:
        return encoded_words(tag, _USED)


def _in_jis(tag: str) -> list[bytes]:
    """Return `tag` as encoded words of ISO-2022-JP, each of which begins and ends in ASCII; UnicodeEncodeError if not."""
    words, piece = [b""], ""
    for character in tag:
        word = b"=?ISO-2022-JP?B?" + b64encode((piece + character).encode("iso2022_jp")) + b"?="
        if len(word) > LONGEST_LINE - _USED:
            words.append(b"")
            piece = ""
            word = b"=?ISO-2022-JP?B?" + b64encode(character.encode("iso2022_jp")) + b"?="
        piece += character
        words[-1] = word
    return words


# --- copies -------------------------------------------------------------------------------------------------


def _with_copies(content: bytes, fields: Iterable[Field], addresses: Sequence[str]) -> _Changes:
    changes = _Changes()
    named = [entry for entry in fields if entry.key in {"to", "cc"}]
    there = {each for entry in named for each in _addresses(entry.value)}
    missing = [address.encode() for address in addresses if address.lower() not in there]
    if not missing:
        return changes
    last = next((entry for entry in reversed(named) if entry.key == "cc"), None)
    if last is not None:
        lines = _appended(content[last.start : last.end], missing)
        # An address after a quote or a comment that nobody closed would be part of it.
        if {each.decode().lower() for each in missing} <= _addresses(lines.partition(b":")[2]):
            changes.lines.append((last, lines))
            return changes
    changes.above = b"Cc: " + _listed(missing)
    return changes


def _addresses(value: bytes) -> set[str]:
    return {mailbox.address.lower() for mailbox in parse_addresses(value, _ALL)}


def _appended(lines: bytes, addresses: Sequence[bytes]) -> bytes:
    there = lines.rstrip()
    if there.endswith(b":"):
        return there + b" " + _listed(addresses)
    return there + (b"" if there.endswith(b",") else b",") + _CRLF + b" " + _listed(addresses)


def _listed(addresses: Iterable[bytes]) -> bytes:
    return (b"," + _CRLF + b" ").join(addresses) + _CRLF


# --- signatures of mail servers -----------------------------------------------------------------------------


def _broken(fields: Iterable[Field], changed: set[bytes]) -> list[Field]:
    """Return the signatures that no longer hold; a chain of ARC is broken as a whole."""
    if not changed:
        return []
    signatures = [entry for entry in fields if entry.key in SERVER_SIGNATURES]
    broken = [entry for entry in signatures if not changed.isdisjoint(_signed(entry.value))]
    if any(entry.key.startswith("arc-") for entry in broken):
        broken += [entry for entry in signatures if entry.key.startswith("arc-") and entry not in broken]
    return broken


def _signed(value: bytes) -> set[bytes]:
    """Return the names of the fields that a signature is over (RFC 6376 3.5)."""
    found = _SIGNED_FIELDS.search(value)
    return {name.strip().lower() for name in found[1].split(b":")} if found else set()
