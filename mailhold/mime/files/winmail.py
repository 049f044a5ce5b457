"""What Outlook packs into winmail.dat (MS-OXTNEF): the text in its forms, the attached files, messages attached."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailhold.mime.files.found import Found, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.pieces import Problem
from mailhold.mime.tnef import BROKEN, attributes, properties, text_of

_CODEPAGE, _BODY, _MESSAGE_PROPERTIES = 0x00069007, 0x0002800C, 0x00069003
_NEXT_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_STRING8, _OBJECT = 0x1E, 0x0D
_PLAIN, _RTF, _HTML, _CONTENT = 0x1000, 0x1009, 0x1013, 0x3701
_NAMES = (0x3707, 0x3704, 0x3001)  # the best first
_INTERFACE_SIZE = 16  # an identifier in front of an object


@dataclass(slots=True)
class _Attached:
    names: dict[int, str] = field(default_factory=dict)
    content: bytes = b""

    def member(self, number: int) -> Member:
        name = next(
            (self.names[key] for key in (*_NAMES, _TITLE) if self.names.get(key)), f"attachment-{number}"
        )
        return Member(name=name, content=self.content)


def read_winmail(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the text, then the files. What comes before a damaged place is found."""
    attached: list[_Attached] = []
    codepage, broken = "", False
    try:
        for tag, value in attributes(content):
            job.check_time()
            if tag == _CODEPAGE and len(value) >= 4:
                codepage = f"cp{int.from_bytes(value[:4], 'little')}"
            elif tag == _BODY:
                yield from job.prose(text_of(_STRING8, value, codepage), "body")
            elif tag == _MESSAGE_PROPERTIES:
                yield from _bodies(value, codepage, job)
            elif tag == _NEXT_ATTACHMENT:
                attached.append(_Attached())
            elif attached:
                _note(attached[-1], tag, value, codepage)
    except BROKEN:
        broken = True
    for number, file in enumerate(attached, 1):
        job.take_member()
        job.take_bytes(len(file.content))
        yield file.member(number)
    if broken:
        raise Unread(Problem.DAMAGED)


def _bodies(value: bytes, codepage: str, job: Job) -> Iterator[Found]:
    for number, kind, values in properties(value):
        if number == _PLAIN and values:
            yield from job.prose(text_of(kind, values[0], codepage), "body")
        elif number == _HTML and values:
            yield Member(name="body.html", content=values[0])
        elif number == _RTF and values:
            yield Member(name="body.rtf", content=uncompressed_rtf(values[0], job))


def _note(file: _Attached, tag: int, value: bytes, codepage: str) -> None:
    if tag == _TITLE:
        file.names[_TITLE] = text_of(_STRING8, value, codepage)
    elif tag == _DATA:
        file.content = value
    elif tag == _ATTACHMENT:
        for number, kind, values in properties(value):
            if number in _NAMES and values:
                file.names[number] = text_of(kind, values[0], codepage)
            elif number == _CONTENT and values:
                file.content = values[0][_INTERFACE_SIZE:] if kind == _OBJECT else values[0]


# MS-OXRTFCP: a window of 4096 bytes that begins with words which RTF often has.

_FIRST_WORDS = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_COMPRESSED, _STORED = b"LZFu", b"MELA"


def uncompressed_rtf(raw: bytes, job: Job) -> bytes:
    """Return the RTF. Raises Unread where it is damaged or too large."""
    if len(raw) < 16:
        raise Unread(Problem.DAMAGED)
    _, size, kind, _ = struct.unpack_from("<LL4sL", raw)
    if kind == _STORED:
        return raw[16 : 16 + size]
    if kind != _COMPRESSED:
        raise Unread(Problem.DAMAGED)
    window = bytearray(_FIRST_WORDS.ljust(_WINDOW, b"\0"))
    place, plain, position = len(_FIRST_WORDS), bytearray(), 16
    while position < len(raw) and len(plain) < size:
        control = raw[position]
        position += 1
        for bit in range(8):
            taken = raw[position : position + (2 if control >> bit & 1 else 1)]
            position += len(taken)
            run = _run(taken, window, place)
            plain += run
            for byte in run:
                window[place % _WINDOW] = byte
                place += 1
            if not run:
                break
        job.check_time()
    job.take_bytes(len(plain))
    return bytes(plain[:size])


def _run(taken: bytes, window: bytearray, place: int) -> bytes:
    """Return a literal byte, or what a reference of two bytes repeats; b"" at the end."""
    if len(taken) < 2:
        return taken
    reference = int.from_bytes(taken, "big")
    start, length = reference >> 4, (reference & 0x0F) + 2
    if start == place % _WINDOW:
        return b""
    # A run may reach into itself, so that its first bytes repeat.
    distance = (place - start) % _WINDOW
    source = [window[(start + index) % _WINDOW] for index in range(min(length, distance))]
    return bytes(source[index % len(source)] for index in range(length))
