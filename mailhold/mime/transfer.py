"""Content-Transfer-Encodings (RFC 2045, 6): undone as far as the bytes allow, never with an error."""

import re
from binascii import Error, a2b_base64, a2b_qp, a2b_uu

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_MOST_BLOCKS = 1_000
_UU_NAMES = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ", re.MULTILINE)

IDENTITY = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit"})


def undo(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    """Return the decoded bytes, and whether something in them was damaged or the encoding is unknown."""
    if encoding in IDENTITY:
        return raw, False
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return a2b_qp(raw), False
    if encoding in _UU_NAMES:
        return _uuencoded(raw)
    return raw, True


def _base64(raw: bytes) -> tuple[bytes, bool]:
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"= \t\r\n"):
        try:
            return a2b_base64(raw), False
        except Error:
            return _base64_block(raw), True
    # Padding in the middle: several encodings one after the other, read on by some programs and cut off by others.
    blocks = re.split(rb"=+", raw, maxsplit=_MOST_BLOCKS)
    return b"".join(map(_base64_block, blocks)), True


def _base64_block(raw: bytes) -> bytes:
    kept = raw.translate(None, _NOT_BASE64)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return a2b_base64(kept + b"=" * (-len(kept) % 4))


def _uuencoded(raw: bytes) -> tuple[bytes, bool]:
    begin = _UU_BEGIN.search(raw)
    if not begin:
        return raw, True
    decoded: list[bytes] = []
    damaged = False
    for line in raw[begin.end() :].split(b"\n")[1:]:
        if line.strip() == b"end":
            return b"".join(decoded), damaged
        try:
            decoded.append(_uu_line(line.rstrip(b"\r")))
        except Error:
            damaged = True
    return b"".join(decoded), True


def _uu_line(line: bytes) -> bytes:
    try:
        return a2b_uu(line) if line else b""
    except Error:
        # Some encoders write a line longer than its count says.
        needed = ((line[0] - 32 & 63) * 4 + 5) // 3
        return a2b_uu(line[: needed + 1])
