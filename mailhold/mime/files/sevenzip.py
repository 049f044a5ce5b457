"""7z archives: a small reader of the format, for the ways of packing that people use in mail.

Read are LZMA, LZMA2, BZip2, Deflate and stored, the simple filters (delta and BCJ), and AES-256. BCJ2, which only
programs are packed with, and PPMd are said to be unsupported. The structure follows "7zFormat.txt" of the LZMA SDK, which is in the public domain.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.names import printable_name
from mailhold.mime.files.unpacking import (
    FILTERS,
    Decompressor,
    Inflater,
    bzip2_decompressor,
    raw_lzma,
    unfilter,
    unpack,
)
from mailhold.mime.pieces import Problem

_SIGNATURE_SIZE = 32
_LONGEST_HEADER = 16 * 1024 * 1024
_MOST_CODERS = 4
_END, _HEADER, _STREAMS, _FILES = 0x00, 0x01, 0x04, 0x05
_PACK_INFO, _UNPACK_INFO, _SUBSTREAMS = 0x06, 0x07, 0x08
_SIZE, _CRC, _FOLDER, _UNPACK_SIZE, _UNPACK_STREAMS = 0x09, 0x0A, 0x0B, 0x0C, 0x0D
_EMPTY_STREAM, _EMPTY_FILE, _NAMES, _ENCODED_HEADER, _PROPERTIES = 0x0E, 0x0F, 0x11, 0x17, 0x02
_COPY, _LZMA, _LZMA2 = b"\x00", b"\x03\x01\x01", b"\x21"
_DEFLATE, _BZIP2, _AES = b"\x04\x01\x08", b"\x04\x02\x02", b"\x06\xf1\x07\x01"


@dataclass(frozen=True, slots=True)
class _Coder:
    method: bytes
    properties: bytes


@dataclass(slots=True)
class _Folder:
    """One packed block. `coders` are in the order in which they are undone, None where they are no simple chain."""

    coders: list[_Coder] | None
    outputs: int
    packed_streams: int
    order: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    crc: int | None = None
    file_sizes: list[int] = field(default_factory=list)
    file_crcs: list[int | None] = field(default_factory=list)
    holds_header: bool = False

    @property
    def encrypted(self) -> bool:
        return any(coder.method == _AES for coder in self.coders or ())

    @property
    def size(self) -> int:
        return self.sizes[self.order[-1]] if self.order else max(self.sizes, default=0)


@dataclass(slots=True)
class _Streams:
    position: int = 0
    packed_sizes: list[int] = field(default_factory=list)
    folders: list[_Folder] = field(default_factory=list)


def read_7z(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the files; encrypted blocks are opened with the first password that fits."""
    archive = _Archive(content, job)
    try:
        yield from archive.files()
    except (struct.error, IndexError, ValueError) as error:
        raise Unread(Problem.DAMAGED) from error


class _Archive:
    def __init__(self, content: bytes, job: Job) -> None:
        self._content = content
        self._job = job
        self._keys: dict[tuple[bytes, str], bytes] = {}
        self._opened_by: list[str] = []

    def files(self) -> Iterator[Found]:
        header = self._header()
        encrypted_names = False
        while header.byte() == _ENCODED_HEADER:
            streams = _read_streams(header, self._job)
            folder = streams.folders[0]
            encrypted_names = encrypted_names or folder.encrypted
            try:
                folder.holds_header = True
                header = _Bytes(self._unpacked(folder, streams.position, streams.packed_sizes)[0])
            except Unread as unread:
                yield Mark(encrypted=folder.encrypted, problem=unread.problem)
                return
        if encrypted_names:
            yield Mark(encrypted=True, opened=True)
        yield from self._listed(header)

    def _header(self) -> "_Bytes":
        offset, size, crc = struct.unpack_from("<QQL", self._content, 12)
        start = _SIGNATURE_SIZE + offset
        if size > _LONGEST_HEADER or start + size > len(self._content):
            raise Unread(Problem.DAMAGED)
        raw = self._content[start : start + size]
        if zlib.crc32(raw) != crc:
            raise Unread(Problem.DAMAGED)
        return _Bytes(raw or bytes((_HEADER, _END)))

    def _listed(self, header: "_Bytes") -> Iterator[Found]:
        streams = _Streams()
        names: list[str] = []
        empty: list[bool] = []
        while (kind := header.byte()) != _END:
            if kind == _STREAMS:
                streams = _read_streams(header, self._job)
            elif kind == _FILES:
                names, empty = _read_files(header, self._job)
            elif kind == _PROPERTIES:
                while header.byte() != _END:
                    header.take(header.number())
            else:
                raise Unread(Problem.DAMAGED)
        full = iter([name for name, without in zip(names, empty, strict=True) if not without])
        yield from self._folders(streams, full)

    def _folders(self, streams: _Streams, names: Iterator[str]) -> Iterator[Found]:
        position, first = streams.position, 0
        for folder in streams.folders:
            sizes = streams.packed_sizes[first : first + folder.packed_streams]
            yield from self._folder(folder, position, sizes, names)
            position, first = position + sum(sizes), first + folder.packed_streams

    def _folder(
        self, folder: _Folder, position: int, sizes: list[int], names: Iterator[str]
    ) -> Iterator[Found]:
        content, opened, problem = b"", False, ""
        try:
            content, opened = self._unpacked(folder, position, sizes)
        except Unread as unread:
            problem = unread.problem
        if folder.encrypted:
            yield Mark(encrypted=True, opened=opened, problem=problem)
        start = 0
        for size, crc in zip(folder.file_sizes, folder.file_crcs, strict=True):
            self._job.take_member()
            piece = content[start : start + size]
            start += size
            damaged = not problem and (len(piece) < size or (crc is not None and zlib.crc32(piece) != crc))
            yield Member(
                name=next(names, ""),
                content=b"" if problem or damaged else piece,
                size=size,
                encrypted=folder.encrypted,
                opened=opened,
                problem=Problem.DAMAGED if damaged else problem,
            )

    def _unpacked(self, folder: _Folder, position: int, sizes: list[int]) -> tuple[bytes, bool]:
        """Return the content of a block, and whether a password opened it. Raises Unread."""
        if folder.coders is None or not sizes:
            raise Unread(Problem.UNSUPPORTED)
        start = _SIGNATURE_SIZE + position
        packed = self._content[start : start + sizes[0]]
        if len(packed) < sizes[0]:
            raise Unread(Problem.DAMAGED)
        if not folder.encrypted:
            return self._undone(folder, packed, ""), False
        for password in dict.fromkeys((*self._opened_by, *self._job.passwords[: self._job.limits.passwords])):
            try:
                content = self._undone(folder, packed, password)
            except Unread as unread:
                if unread.problem in {Problem.TOO_SLOW, Problem.UNSUPPORTED}:
                    raise
                continue
            self._opened_by.append(password)
            self._job.opened_by.append(password)
            return content, True
        raise Unread(Problem.ENCRYPTED)

    def _undone(self, folder: _Folder, packed: bytes, password: str) -> bytes:
        content = packed
        for coder, number in zip(folder.coders or (), folder.order, strict=True):
            size = folder.sizes[number]
            if coder.method == _AES:
                content = self._decrypted(content, coder.properties, password)[:size]
            elif coder.method in FILTERS:
                content = unfilter(content, coder.method, coder.properties)
            elif coder.method == _COPY:
                self._job.take_bytes(len(content))
            else:
                if size > self._job.bytes_left():
                    raise Unread(Problem.TOO_LARGE)
                content = unpack(_decompressor(coder, size), content, self._job, most=size)
        if len(content) < folder.size or not _is_right(folder, content):
            raise Unread(Problem.DAMAGED)
        return content

    def _decrypted(self, packed: bytes, properties: bytes, password: str) -> bytes:
        first, second = properties[0], properties[1] if len(properties) > 1 else 0
        salt_size = (first >> 7 & 1) + (second >> 4) if first & 0xC0 else 0
        vector_size = (first >> 6 & 1) + (second & 0x0F) if first & 0xC0 else 0
        salt, vector = properties[2 : 2 + salt_size], properties[2 + salt_size : 2 + salt_size + vector_size]
        place = (properties, password)
        if place not in self._keys:
            self._keys[place] = _key(password, salt, first & 0x3F, self._job)
        decryptor = Cipher(algorithms.AES(self._keys[place]), modes.CBC(vector.ljust(16, b"\0"))).decryptor()
        return decryptor.update(packed[: len(packed) // 16 * 16])


def _is_right(folder: _Folder, content: bytes) -> bool:
    if folder.crc is not None:
        return zlib.crc32(content) == folder.crc
    if folder.holds_header:
        return content[:1] in {bytes((_HEADER,)), bytes((_ENCODED_HEADER,))}
    if folder.encrypted and folder.file_crcs and folder.file_crcs[0] is not None:
        return zlib.crc32(content[: folder.file_sizes[0]]) == folder.file_crcs[0]
    return True


def _key(password: str, salt: bytes, power: int, job: Job) -> bytes:
    """Return the key: SHA-256 over 2**power repetitions of salt, password and a counter."""
    secret = salt + password.encode("utf-16-le", "replace")
    if power == 0x3F:
        return secret[:32].ljust(32, b"\0")
    if power > 24:
        raise Unread(Problem.TOO_SLOW)
    digest = hashlib.sha256()
    step = 4096
    for start in range(0, 1 << power, step):
        job.check_time()
        numbers = range(start, min(start + step, 1 << power))
        digest.update(b"".join([secret + number.to_bytes(8, "little") for number in numbers]))
    return digest.digest()


def _decompressor(coder: _Coder, size: int) -> Decompressor:
    if coder.method == _LZMA:
        return raw_lzma(coder.properties, size)
    if coder.method == _LZMA2:
        return raw_lzma(coder.properties, size, second=True)
    if coder.method == _BZIP2:
        return bzip2_decompressor()
    if coder.method == _DEFLATE:
        return Inflater()
    raise Unread(Problem.UNSUPPORTED)


class _Bytes:
    """A place in the header. Raises IndexError behind its end."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0

    def byte(self) -> int:
        value = self._raw[self._position]
        self._position += 1
        return value

    def take(self, count: int) -> bytes:
        if count > len(self._raw) - self._position:
            raise IndexError
        taken = self._raw[self._position : self._position + count]
        self._position += count
        return taken

    def rest(self) -> bytes:
        return self._raw[self._position :]

    def number(self) -> int:
        """Read a number whose first byte tells by its leading ones how many follow."""
        first, value, mask = self.byte(), 0, 0x80
        for index in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * index
            value |= self.byte() << 8 * index
            mask >>= 1
        return value

    def count(self, job: Job) -> int:
        """Read a number of things that each need memory."""
        value = self.number()
        if value > job.limits.members:
            raise Unread(Problem.TOO_MANY_MEMBERS)
        return value

    def bits(self, count: int) -> list[bool]:
        raw = self.take((count + 7) // 8)
        return [bool(raw[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def optional_bits(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def digests(self, count: int) -> list[int | None]:
        return [
            int.from_bytes(self.take(4), "little") if given else None for given in self.optional_bits(count)
        ]


def _read_streams(header: _Bytes, job: Job) -> _Streams:
    streams = _Streams()
    listed = False
    while (kind := header.byte()) != _END:
        if kind == _PACK_INFO:
            _read_pack_info(header, streams, job)
        elif kind == _UNPACK_INFO:
            _read_folders(header, streams, job)
        elif kind == _SUBSTREAMS:
            _read_substreams(header, streams, job)
            listed = True
        else:
            raise Unread(Problem.DAMAGED)
    if not listed:
        for folder in streams.folders:
            folder.file_sizes, folder.file_crcs = [folder.size], [folder.crc]
    return streams


def _read_pack_info(header: _Bytes, streams: _Streams, job: Job) -> None:
    streams.position, count = header.number(), header.count(job)
    while (kind := header.byte()) != _END:
        if kind == _SIZE:
            streams.packed_sizes = [header.number() for _ in range(count)]
        elif kind == _CRC:
            header.digests(count)
        else:
            raise Unread(Problem.DAMAGED)


def _read_folders(header: _Bytes, streams: _Streams, job: Job) -> None:
    while (kind := header.byte()) != _END:
        if kind == _FOLDER:
            count = header.count(job)
            if header.byte():
                raise Unread(Problem.UNSUPPORTED)  # kept elsewhere, which no program does
            streams.folders = [_read_folder(header) for _ in range(count)]
        elif kind == _UNPACK_SIZE:
            for folder in streams.folders:
                folder.sizes = [header.number() for _ in range(folder.outputs)]
        elif kind == _CRC:
            for folder, crc in zip(streams.folders, header.digests(len(streams.folders)), strict=True):
                folder.crc = crc
        else:
            raise Unread(Problem.DAMAGED)


def _read_folder(header: _Bytes) -> _Folder:
    count = header.number()
    if not 0 < count <= 32:
        raise Unread(Problem.DAMAGED)
    coders, inputs, outputs = [], 0, 0
    for _ in range(count):
        flags = header.byte()
        method = header.take(flags & 0x0F)
        ins, outs = (header.number(), header.number()) if flags & 0x10 else (1, 1)
        properties = header.take(header.number()) if flags & 0x20 else b""
        coders.append(_Coder(method, properties))
        inputs, outputs = inputs + ins, outputs + outs
        if inputs > 32 or outputs > 32:
            raise Unread(Problem.DAMAGED)
    bound = {header.number(): header.number() for _ in range(outputs - 1)}
    packed = inputs - len(bound)
    if packed > 1:
        for _ in range(packed):
            header.number()
    if inputs != count or outputs != count or packed != 1 or count > _MOST_CODERS:
        return _Folder(None, outputs, max(1, packed))
    order = _chain(bound, count)
    return _Folder([coders[index] for index in order], outputs, 1, order)


def _chain(bound: dict[int, int], count: int) -> list[int]:
    """Return the coders from the packed bytes outward. `bound` says for an input which coder's output it takes."""
    takers = {taken: taker for taker, taken in bound.items()}
    current = next((index for index in range(count) if index not in bound), None)
    order: list[int] = []
    while current is not None and current not in order:
        order.append(current)
        current = takers.get(current)
    if len(order) != count or max(order) >= count:
        raise Unread(Problem.DAMAGED)
    return order


def _read_substreams(header: _Bytes, streams: _Streams, job: Job) -> None:
    counts = [1] * len(streams.folders)
    kind = header.byte()
    if kind == _UNPACK_STREAMS:
        counts = [header.count(job) for _ in streams.folders]
        kind = header.byte()
    if sum(counts) > job.limits.members:
        raise Unread(Problem.TOO_MANY_MEMBERS)
    for folder, count in zip(streams.folders, counts, strict=True):
        sizes = [header.number() for _ in range(count - 1)] if kind == _SIZE else []
        folder.file_sizes = [*sizes, max(0, folder.size - sum(sizes))] if count else []
        folder.file_crcs = [folder.crc] if count == 1 else [None] * count
    if kind == _SIZE:
        kind = header.byte()
    while kind != _END:
        if kind != _CRC:
            raise Unread(Problem.DAMAGED)
        unknown = [folder for folder in streams.folders if len(folder.file_sizes) != 1 or folder.crc is None]
        given = iter(header.digests(sum(len(folder.file_sizes) for folder in unknown)))
        for folder in unknown:
            folder.file_crcs = [next(given) for _ in folder.file_sizes]
        kind = header.byte()


def _read_files(header: _Bytes, job: Job) -> tuple[list[str], list[bool]]:
    """Return the names of all files and folders, and which of them have no content."""
    count = header.count(job)
    names, empty = [""] * count, [False] * count
    while (kind := header.byte()) != _END:
        body = _Bytes(header.take(header.number()))
        if kind == _EMPTY_STREAM:
            empty = body.bits(count)
        elif kind == _NAMES and not body.byte():
            raw = body.rest().decode("utf-16-le", "replace")
            names = [printable_name(name) for name in raw.split("\0")[:count]]
            names += [""] * (count - len(names))
    return names, empty
