"""Decompression in steps, so that neither a bomb nor a slow stream gets past the limits."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, Protocol

from mailhold.mime.files.found import Unread
from mailhold.mime.files.job import Job
from mailhold.mime.pieces import Problem

_STEP = 256 * 1024
_MOST_STREAMS = 1_000  # written one behind the other
_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
_LZMA_MEMORY = 128 * 1024 * 1024

# Filters of 7z by their old and new numbers.
FILTERS = MappingProxyType(
    {
        b"\x03": lzma.FILTER_DELTA,
        b"\x03\x03\x01\x03": lzma.FILTER_X86,
        b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
        b"\x03\x03\x04\x01": lzma.FILTER_IA64,
        b"\x03\x03\x05\x01": lzma.FILTER_ARM,
        b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
        b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
        b"\x04": lzma.FILTER_X86,
        b"\x05": lzma.FILTER_POWERPC,
        b"\x06": lzma.FILTER_IA64,
        b"\x07": lzma.FILTER_ARM,
        b"\x08": lzma.FILTER_ARMTHUMB,
        b"\x09": lzma.FILTER_SPARC,
    }
)
_CHUNK = 65_536


class Decompressor(Protocol):
    """What the standard library's decompressors of bz2 and lzma have in common."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most `max_length` unpacked bytes."""

    @property
    def needs_input(self) -> bool:
        """Tell whether more packed bytes are needed to go on."""

    @property
    def eof(self) -> bool:
        """Tell whether the stream has ended."""

    @property
    def unused_data(self) -> bytes:
        """Return what stands behind the stream."""


class Inflater:
    """zlib's decompressor in the dress of the others."""

    def __init__(self, window_bits: int = -15) -> None:
        self._inner: Any = zlib.decompressobj(window_bits)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most `max_length` unpacked bytes."""
        unpacked: bytes = self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))
        return unpacked

    @property
    def needs_input(self) -> bool:
        """Tell whether more packed bytes are needed to go on."""
        return not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        """Tell whether the stream has ended."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """Return what stands behind the stream."""
        unused: bytes = self._inner.unused_data
        return unused


def unpack(decompressor: Decompressor, packed: bytes, job: Job, most: int | None = None) -> bytes:
    """Return what `packed` holds, `most` bytes of it. Raises Unread where it is damaged or too large."""
    pieces: list[bytes] = []
    total = 0
    try:
        for piece in _steps(decompressor, packed):
            total += len(piece)
            job.take_bytes(len(piece))
            if total > job.limits.ratio_free_bytes and total > job.limits.ratio * len(packed):
                raise Unread(Problem.TOO_LARGE)
            pieces.append(piece)
            if most is not None and total >= most:
                break
    except _BROKEN as error:
        raise Unread(Problem.DAMAGED) from error
    return b"".join(pieces)[:most]


def _steps(decompressor: Decompressor, packed: bytes) -> Iterator[bytes]:
    piece = decompressor.decompress(packed, _STEP)
    yield piece
    while not decompressor.eof:
        piece = decompressor.decompress(b"", _STEP)
        if not piece and decompressor.needs_input:
            return  # broken off: what was read is given, and its check sum tells
        yield piece


def unpack_streams(make: Callable[[], Decompressor], packed: bytes, job: Job) -> bytes:
    """Return what streams one behind the other hold, as gzip, bzip2 and xz files may."""
    unpacked: list[bytes] = []
    for _ in range(_MOST_STREAMS):
        decompressor = make()
        unpacked.append(unpack(decompressor, packed, job))
        if not decompressor.eof:
            raise Unread(Problem.DAMAGED)
        packed = decompressor.unused_data.lstrip(b"\0")
        if not packed:
            break
    return b"".join(unpacked)


def gzip_decompressor() -> Decompressor:
    """Return a decompressor of one gzip stream."""
    return Inflater(31)


def bzip2_decompressor() -> Decompressor:
    """Return a decompressor of one bzip2 stream."""
    return bz2.BZ2Decompressor()


def xz_decompressor() -> Decompressor:
    """Return a decompressor of one xz stream, in bounded memory."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)


def raw_lzma(properties: bytes, size: int, *, second: bool = False) -> Decompressor:
    """Return a decompressor of bare LZMA, or with `second` of LZMA2, of `size` unpacked bytes.

    The dictionary is never larger than what comes out, whatever the properties ask for. Raises ValueError for wrong ones.
    """
    if second:
        bits = properties[0] if properties else 41
        if bits > 40:
            raise ValueError("LZMA2 has no such dictionary.")
        wanted = 0xFFFFFFFF if bits == 40 else (2 | bits & 1) << (bits // 2 + 11)
        filters: dict[str, int] = {"id": lzma.FILTER_LZMA2}
    else:
        if len(properties) < 5 or properties[0] >= 225:
            raise ValueError("LZMA has no such properties.")
        first = properties[0]
        wanted = int.from_bytes(properties[1:5], "little")
        filters = {"id": lzma.FILTER_LZMA1, "lc": first % 9, "lp": first // 9 % 5, "pb": first // 45}
    filters["dict_size"] = max(4096, min(wanted, size))
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])


def unfilter(content: bytes, method: bytes, properties: bytes) -> bytes:
    """Undo one of FILTERS. The library has them only in front of LZMA2, so the bytes are dressed as that, stored."""
    chosen: dict[str, int] = {"id": FILTERS[method]}
    if chosen["id"] == lzma.FILTER_DELTA:
        chosen["dist"] = properties[0] + 1 if properties else 1
    stored = b"".join(
        bytes((2 if start else 1,)) + (len(chunk) - 1).to_bytes(2, "big") + chunk
        for start in range(0, len(content), _CHUNK)
        if (chunk := content[start : start + _CHUNK])
    )
    try:
        filters = [chosen, {"id": lzma.FILTER_LZMA2, "dict_size": _CHUNK}]
        return lzma.decompress(stored + b"\0", lzma.FORMAT_RAW, filters=filters)
    except lzma.LZMAError as error:
        raise Unread(Problem.DAMAGED) from error
