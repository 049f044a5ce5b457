"""Tar archives, and single files packed by gzip, bzip2 and xz. Sparse files are read as they lie, not blown up."""

from collections.abc import Iterator

from mailhold.mime.files.found import Found, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.names import member_name
from mailhold.mime.files.unpacking import (
    bzip2_decompressor,
    gzip_decompressor,
    unpack_streams,
    xz_decompressor,
)
from mailhold.mime.pieces import Problem

_BLOCK = 512
_FILES = frozenset({b"0", b"\0", b"7", b"S"})
_LONG_NAME, _EXTENDED = b"L", b"x"
_LONGEST_NAME = 64 * 1024


def read_tar(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the files; links and devices have no content and are passed over."""
    position, long_name = 0, b""
    while position + _BLOCK <= len(content):
        header = content[position : position + _BLOCK]
        if not header.strip(b"\0"):
            return
        if not is_tar(header):
            raise Unread(Problem.DAMAGED)
        job.take_member()
        size, kind = _number(header[124:136]), header[156:157]
        start, end = position + _BLOCK, position + _BLOCK + size
        if end > len(content):
            raise Unread(Problem.DAMAGED)
        body = content[start:end]
        if kind == _LONG_NAME:
            long_name = body[:_LONGEST_NAME].rstrip(b"\0")
        elif kind == _EXTENDED:
            long_name = _extended_name(body[:_LONGEST_NAME]) or long_name
        else:
            if kind in _FILES:
                job.take_bytes(size)
                yield Member(name=member_name(long_name or _name(header)), content=body)
            long_name = b""
        position = start + (size + _BLOCK - 1) // _BLOCK * _BLOCK


def is_tar(content: bytes) -> bool:
    """Tell whether `content` begins with a header whose check sum is right."""
    header = content[:_BLOCK]
    if len(header) < _BLOCK or not header[0]:
        return False
    total = sum(header) - sum(header[148:156]) + 8 * 0x20
    try:
        return _number(header[148:156]) == total
    except Unread:
        return False


def read_gzip(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the packed file, or the files of the packed tar."""
    yield from _unpacked(unpack_streams(gzip_decompressor, content, job), job)


def read_bzip2(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the packed file, or the files of the packed tar."""
    yield from _unpacked(unpack_streams(bzip2_decompressor, content, job), job)


def read_xz(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the packed file, or the files of the packed tar."""
    yield from _unpacked(unpack_streams(xz_decompressor, content, job), job)


def _unpacked(content: bytes, job: Job) -> Iterator[Found]:
    if is_tar(content):
        yield from read_tar(content, job)
    else:
        job.take_member()
        yield Member(name="", content=content)


def _number(raw: bytes) -> int:
    """Read an octal number, or one in base 256 as GNU writes large ones."""
    if raw[:1] == b"\x80":
        return int.from_bytes(raw[1:], "big")
    digits = raw.strip(b"\0 ")
    if digits.translate(None, b"01234567"):
        raise Unread(Problem.DAMAGED)
    return int(digits or b"0", 8)


def _name(header: bytes) -> bytes:
    name = header[:100].rstrip(b"\0")
    prefix = header[345:500].rstrip(b"\0") if header[257:263] == b"ustar\0" else b""
    return b"/".join(filter(None, (prefix, name)))


def _extended_name(body: bytes) -> bytes:
    """Return the path that a POSIX header gives: records of "length key=value", one a line."""
    for record in body.split(b"\n"):
        _, _, pair = record.partition(b" ")
        key, _, value = pair.partition(b"=")
        if key == b"path":
            return value
    return b""
