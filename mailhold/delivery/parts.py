"""MIME written by hand (RFC 2045, RFC 2046): pure, CRLF only, and what is attached keeps its very bytes.

The email package would parse and re-serialise what it attaches; here a message goes in as it is.
"""

import quopri
import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from hashlib import sha256
from urllib.parse import quote

from mailhold.delivery.exceptions import UnfitAddress
from mailhold.delivery.reply import printable

_CRLF = "\r\n"
_QUOTES = "''"
# A line may hold 998 octets and its CRLF (RFC 5322 2.1.1).
_LONG_LINE = re.compile(rb"[^\r\n]{999}")
_ADDRESS = re.compile(
    r'(?:[^\x00-\x20\x7f<>"@,;:()\\]+|"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*")@[^\x00-\x20\x7f<>"@,;()\\]+'
)


@dataclass(frozen=True, slots=True)
class Part:
    """Header lines (without the end of line) and body of one part. `eightbit` says that it needs 8BITMIME."""

    headers: tuple[str, ...]
    body: bytes
    eightbit: bool = False

    def octets(self) -> bytes:
        """Return the part as it stands in a message."""
        return "".join(f"{header}\r\n" for header in self.headers).encode() + b"\r\n" + self.body


def text_part(text: str, subtype: str = "plain") -> Part:
    """Return `text` as a part in UTF-8: quoted-printable where that stays readable, else base64."""
    octets = "\n".join(text.splitlines()).encode("utf-8", "replace") + b"\n"
    readable = sum(octet < 0x80 for octet in octets) * 10 > len(octets) * 9
    if readable:
        body = quopri.encodestring(octets).replace(b"\n", b"\r\n")
    else:
        body = encodebytes(octets.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    encoding = "quoted-printable" if readable else "base64"
    return Part(
        (f'Content-Type: text/{subtype}; charset="utf-8"', f"Content-Transfer-Encoding: {encoding}"), body
    )


def binary_part(content: bytes, content_type: str, *extra: str) -> Part:
    """Return `content` in base64."""
    headers = (f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *extra)
    return Part(headers, encodebytes(content).replace(b"\n", b"\r\n"))


def message_part(content: bytes, name: str, *, seven_bit: bool = False) -> Part:
    """Return message `content` as an attachment called `name`.

    As message/rfc822 its bytes stay as they are. That type knows no encoding (RFC 2046 5.2.1), so a message that
    cannot stand in another (NUL, long lines, bare line ends, or 8-bit octets where `seven_bit` forbids them) becomes
    a base64 file.
    """
    disposition = f"Content-Disposition: attachment; {_file_name(name)}"
    eightbit = not content.isascii()
    if not fits_in_message(content) or (eightbit and seven_bit):
        return binary_part(content, "application/octet-stream", disposition)
    encoding = f"Content-Transfer-Encoding: {'8bit' if eightbit else '7bit'}"
    return Part(("Content-Type: message/rfc822", encoding, disposition), content, eightbit)


def fits_in_message(content: bytes) -> bool:
    """Whether `content` can be part of an 8-bit message as it is (RFC 2045 2.8)."""
    pairs = content.count(b"\r\n")
    return (
        b"\0" not in content
        and content.count(b"\r") == content.count(b"\n") == pairs
        and not _LONG_LINE.search(content)
    )


def multipart(subtype: str, parts: Sequence[Part], seed: str, parameters: str = "") -> Part:
    """Return `parts` as one multipart. The boundary follows from `seed` and stands in none of them."""
    pieces = [part.octets() for part in parts]
    boundary = _boundary(seed, pieces)
    marker = f"--{boundary}\r\n".encode()
    body = b"".join(marker + piece + b"\r\n" for piece in pieces) + f"--{boundary}--\r\n".encode()
    eightbit = any(part.eightbit for part in parts)
    content_type = f'Content-Type: multipart/{subtype}; {parameters}boundary="{boundary}"'
    return Part(
        (content_type, f"Content-Transfer-Encoding: {'8bit' if eightbit else '7bit'}"), body, eightbit
    )


def header(name: str, text: str) -> str:
    """Return header line `name` with `text`, encoded (RFC 2047) and folded where it must be."""
    clean = printable(text)
    if clean.isascii() and "=?" not in clean and len(name) + 2 + len(clean) <= 78:
        return f"{name}: {clean}"
    return _encoded(name, clean)


def mailbox(name: str, display_name: str, address: str) -> str:
    """Return header line `name` with one mailbox (RFC 5322 3.4). Raises UnfitAddress."""
    if not _ADDRESS.fullmatch(address):
        raise UnfitAddress
    display = printable(display_name)
    if not display:
        return f"{name}: {address}"
    if display.isascii() and "=?" not in display and len(display) <= 60:
        quoted = re.sub(r'(["\\])', r"\\\1", display)
        return f'{name}: "{quoted}"\r\n <{address}>'
    return f"{_encoded(name, display)}\r\n <{address}>"


def _encoded(name: str, text: str) -> str:
    return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=_CRLF)}"


def _boundary(seed: str, pieces: Sequence[bytes]) -> str:
    boundary = _digest(seed)
    while any(boundary.encode() in piece for piece in pieces):
        boundary = _digest(boundary)
    return boundary


def _digest(seed: str) -> str:
    # "=_" can stand neither in quoted-printable nor in base64 (RFC 2045 6.7).
    return f"=_{sha256(seed.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _file_name(name: str) -> str:
    clean = printable(name) or "message.eml"
    if clean.isascii() and '"' not in clean and "\\" not in clean and len(clean) <= 60:
        return f'filename="{clean}"'
    # RFC 2231, in sections that keep the line short.
    octets = quote(clean.encode("utf-8", "replace"), safe="")
    units = re.findall(r"%..|[^%]", octets)
    sections = ["".join(units[start : start + 18]) for start in range(0, len(units), 18)]
    return ";\r\n ".join(
        f"filename*{index}*={'' if index else 'utf-8' + _QUOTES}{section}"
        for index, section in enumerate(sections)
    )
