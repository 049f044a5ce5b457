"""Attachment names within winmail.dat (MS-OXTNEF), so that people and policies see what Outlook packed away."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from mailhold.mime.charsets import clean, decode
from mailhold.mime.parameters import safe_name

CONTENT_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE = 0x223E9F78
_HEADER = Struct("<IH")
_ATTRIBUTE = Struct("<BII")
_LONG = Struct("<I")
_PROPERTY = Struct("<HH")

_OEM_CODEPAGE = 0x00069007
_ATTACH_RENDDATA = 0x00069002
_ATTACH_TITLE = 0x00018010
_ATTACHMENT = 0x00069005

_LONG_FILENAME, _FILENAME, _DISPLAY_NAME = 0x3707, 0x3704, 0x3001
_NAMES_BEST_FIRST = (_LONG_FILENAME, _FILENAME, _ATTACH_TITLE, _DISPLAY_NAME)

_MULTI_VALUED = 0x1000
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_VARIABLE = frozenset({_STRING8, _UNICODE, _OBJECT, _BINARY})
_FIXED_SIZES = {
    0x00: 4,
    0x01: 4,
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_MOST_PROPERTIES = 2_000


@dataclass(frozen=True, slots=True)
class Contained:
    """The names of the attachments, and whether the file broke off before its end."""

    names: tuple[str, ...]
    damaged: bool


def attachment_names(raw: bytes, most: int) -> Contained:
    """Return the names of at most `most` attachments, the longest form of each, made harmless."""
    found: list[dict[int, str]] = []
    damaged = False
    try:
        _read(raw, most, found)
    except BROKEN:
        damaged = True
    names = (next((given[key] for key in _NAMES_BEST_FIRST if given.get(key)), "") for given in found)
    return Contained(
        tuple(safe_name(name) or f"attachment-{number}" for number, name in enumerate(names, 1)), damaged
    )


class _BrokenError(Exception):
    """The file does not follow its own lengths."""


BROKEN = (struct.error, _BrokenError)


def _read(raw: bytes, most: int, found: list[dict[int, str]]) -> None:
    signature, _ = _HEADER.unpack_from(raw, 0)
    if signature != _SIGNATURE:
        raise _BrokenError
    codepage = ""
    for tag, value in attributes(raw):
        if tag == _OEM_CODEPAGE and len(value) >= _LONG.size:
            codepage = f"cp{_LONG.unpack_from(value)[0]}"
        elif tag == _ATTACH_RENDDATA:
            if len(found) == most:
                raise _BrokenError
            found.append({})
        elif tag == _ATTACH_TITLE and found:
            found[-1][_ATTACH_TITLE] = _string(value, codepage)
        elif tag == _ATTACHMENT and found:
            found[-1].update(_names_in_properties(value, codepage))


def attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes of a file by their tags. Raises one of BROKEN at the place where it breaks off."""
    position = _HEADER.size
    while position + _ATTRIBUTE.size <= len(raw):
        level, tag, length = _ATTRIBUTE.unpack_from(raw, position)
        position += _ATTRIBUTE.size
        if level not in {1, 2} and not any(raw[position - _ATTRIBUTE.size :][:64].strip(b"\0\r\n ")):
            return  # filled up with zeros
        if level not in {1, 2} or position + length > len(raw):
            raise _BrokenError
        yield tag, raw[position : position + length]
        position += length + 2  # the checksum is wrong in too many files to mean anything


def _names_in_properties(value: bytes, codepage: str) -> dict[int, str]:
    return {
        number: text_of(kind, values[0], codepage)
        for number, kind, values in properties(value)
        if number in {_LONG_FILENAME, _FILENAME, _DISPLAY_NAME} and values
    }


def properties(value: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """Yield number, type and values of MAPI properties; no values for those of fixed size. Raises one of BROKEN."""
    (count,) = _LONG.unpack_from(value, 0)
    position = _LONG.size
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, number = _PROPERTY.unpack_from(value, position)
        position += _PROPERTY.size
        if number >= 0x8000:
            position = _after_property_name(value, position)
        values, position = _property_values(value, position, kind)
        yield number, kind, values


def text_of(kind: int, value: bytes, codepage: str) -> str:
    """Return a property of text."""
    return _utf16(value) if kind == _UNICODE else _string(value, codepage)


def _after_property_name(value: bytes, position: int) -> int:
    position += 16  # the GUID of the property set
    (kind,) = _LONG.unpack_from(value, position)
    position += _LONG.size
    (length,) = _LONG.unpack_from(value, position)
    position += _LONG.size
    return position if kind == 0 else position + _padded(length)


def _property_values(value: bytes, position: int, kind: int) -> tuple[list[bytes], int]:
    """Return the values of variable size (those of fixed size are passed over), and where the next property is."""
    base, multi = kind & ~_MULTI_VALUED, bool(kind & _MULTI_VALUED)
    count = 1
    if multi or base in _VARIABLE:
        (count,) = _LONG.unpack_from(value, position)
        position += _LONG.size
    if base not in _VARIABLE:
        if base not in _FIXED_SIZES:
            raise _BrokenError
        return [], position + count * _FIXED_SIZES[base]
    values = []
    for _ in range(count):
        (length,) = _LONG.unpack_from(value, position)
        position += _LONG.size
        values.append(value[position : position + length])
        position += _padded(length)
        if position > len(value) + 3:
            raise _BrokenError
    return values, position


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4


def _string(raw: bytes, codepage: str) -> str:
    return decode(raw.partition(b"\0")[0], codepage or None).text


def _utf16(raw: bytes) -> str:
    return clean(raw.decode("utf-16-le", "replace").partition("\0")[0])
