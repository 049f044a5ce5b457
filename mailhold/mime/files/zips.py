"""Zip archives, read from their central directory; the encryption of old (ZipCrypto) and that of WinZip (AES)."""

import hmac
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import pbkdf2_hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.names import member_name
from mailhold.mime.files.unpacking import Decompressor, Inflater, bzip2_decompressor, raw_lzma, unpack
from mailhold.mime.pieces import Problem

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65_535
_FULL_32 = 0xFFFFFFFF

_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED, _BZIP2, _LZMA, _AES = 0, 8, 12, 14, 99
_UNICODE_NAME, _AES_EXTRA, _ZIP64_EXTRA = 0x7075, 0x9901, 0x0001


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the central directory."""

    name: str
    method: int
    flags: int
    crc: int
    packed_size: int
    size: int
    offset: int
    time: int
    aes: bytes = b""

    @property
    def encrypted(self) -> bool:
        """Tell whether a password is needed."""
        return bool(self.flags & _ENCRYPTED)

    @property
    def folder(self) -> bool:
        """Tell whether it stands for a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class _Directory:
    """Where the central directory starts, its number of entries, and the bytes in front of the archive.

    There are some in front of programs that unpack themselves.
    """

    start: int
    count: int
    before: int


class Zip:
    """An archive opened. Raises Unread where it has no directory, or one that is too long."""

    def __init__(self, content: bytes, job: Job) -> None:
        self._content = content
        self._job = job
        try:
            self.entries = tuple(self._directory())
        except struct.error as error:
            raise Unread(Problem.DAMAGED) from error

    def read(self, entry: Entry, password: bytes | None = None) -> bytes:
        """Return the content of one entry, checked. Raises Unread."""
        packed, method = self._packed(entry), entry.method
        if entry.encrypted:
            packed, method = self._decrypted(entry, packed, password or b"")
        if method == _STORED:
            self._job.take_bytes(len(packed))
            content = packed
        else:
            content = unpack(
                _decompressor(method, packed, entry, self._job), _stream(method, packed), self._job
            )
        unchecked = (
            entry.method == _AES and entry.aes[:2] == b"\x02\0"
        )  # AE-2 has an authentication code instead
        if not unchecked and zlib.crc32(content) != entry.crc:
            raise Unread(Problem.DAMAGED)
        return content

    def _directory(self) -> Iterator[Entry]:
        directory = _find_directory(self._content)
        start = directory.start
        for number in range(directory.count):
            if number >= self._job.limits.members:
                raise Unread(Problem.TOO_MANY_MEMBERS)
            entry, start = _read_entry(self._content, start, directory.before)
            yield entry

    def _packed(self, entry: Entry) -> bytes:
        content = self._content
        try:
            local = _LOCAL.unpack_from(content, entry.offset)
        except struct.error as error:
            raise Unread(Problem.DAMAGED) from error
        start = entry.offset + _LOCAL.size + local[9] + local[10]
        if local[0] != b"PK\x03\x04" or start + entry.packed_size > len(content):
            raise Unread(Problem.DAMAGED)
        return content[start : start + entry.packed_size]

    def _decrypted(self, entry: Entry, packed: bytes, password: bytes) -> tuple[bytes, int]:
        if entry.method == _AES:
            return _aes_decrypted(packed, entry.aes, password), int.from_bytes(entry.aes[5:7], "little")
        expected = entry.time >> 8 if entry.flags & _SIZES_FOLLOW else entry.crc >> 24
        return _zipcrypto_decrypted(packed, password, expected, self._job), entry.method


def names_listed(content: bytes, most: int) -> frozenset[str]:
    """Return the first `most` names of the central directory; those of archives packed inside do not stand there.

    Raises Unread where there is no directory.
    """
    names = []
    try:
        directory = _find_directory(content)
        start = directory.start
        for _ in range(min(directory.count, most)):
            entry, start = _read_entry(content, start, directory.before)
            names.append(entry.name)
    except struct.error as error:
        raise Unread(Problem.DAMAGED) from error
    return frozenset(names)


def read_zip(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the files of an archive; encrypted ones with the first password that opens them."""
    archive = Zip(content, job)
    known: dict[bytes | None, str] = {}
    for entry in archive.entries:
        if entry.folder:
            continue
        job.take_member()
        member = _member(archive, entry, job, known)
        if member.encrypted:
            yield Mark(
                encrypted=True, opened=member.opened, problem="" if member.opened else Problem.ENCRYPTED
            )
        yield member


def _member(archive: Zip, entry: Entry, job: Job, known: dict[bytes | None, str]) -> Member:
    """Read one entry. `known` are the passwords that opened others, and are tried first."""
    passwords: dict[bytes | None, str] = {None: ""}
    if entry.encrypted:
        passwords = {**known, **dict(_password_bytes(job))}
    problem = Problem.ENCRYPTED
    for password, written in passwords.items():
        try:
            content = archive.read(entry, password)
        except Unread as unread:
            if not entry.encrypted or unread.problem in {
                Problem.TOO_LARGE,
                Problem.TOO_SLOW,
                Problem.UNSUPPORTED,
            }:
                problem = unread.problem
                break
            continue
        if password is not None:
            known[password] = written
            job.opened_by.append(written)
        return Member(name=entry.name, content=content, encrypted=entry.encrypted, opened=entry.encrypted)
    return Member(name=entry.name, size=entry.size, encrypted=entry.encrypted, problem=problem)


def _password_bytes(job: Job) -> Iterator[tuple[bytes, str]]:
    """Yield the bytes of each password, with the password as it is written."""
    for password in job.passwords[: job.limits.passwords]:
        yield password.encode("utf-8", "replace"), password
        if not password.isascii():
            yield password.encode("cp932", "replace"), password


def _find_directory(content: bytes) -> _Directory:
    """Find the central directory from the end of the file. Raises Unread, and struct.error where it is cut off."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - _LONGEST_COMMENT - _END.size))
    if end < 0:
        raise Unread(Problem.DAMAGED)
    _, _, _, _, count, size, offset, _ = _END.unpack_from(content, end)
    locator = end - _LOCATOR_64.size
    if locator >= 0 and content.startswith(b"PK\x06\x07", locator):
        _, _, place, _ = _LOCATOR_64.unpack_from(content, locator)
        if content.startswith(b"PK\x06\x06", place):
            *_, count, size, offset = _END_64.unpack_from(content, place)
            end = place
    start = end - size
    if start < 0:
        raise Unread(Problem.DAMAGED)
    return _Directory(start, count, before=start - offset)


def _read_entry(content: bytes, start: int, before: int) -> tuple[Entry, int]:
    """Return the entry that stands at `start`, and where the next one begins."""
    fields = _CENTRAL.unpack_from(content, start)
    signature, _, _, flags, method, time, _, crc, packed_size, size, name_length, extra_length, comment = (
        fields[:13]
    )
    offset = fields[16]
    if signature != b"PK\x01\x02":
        raise Unread(Problem.DAMAGED)
    name_end = start + _CENTRAL.size + name_length
    raw_name = content[start + _CENTRAL.size : name_end]
    extras = dict(_extras(content[name_end : name_end + extra_length]))
    if wide := extras.get(_ZIP64_EXTRA):
        size, packed_size, offset = _wide_sizes(wide, size, packed_size, offset)
    entry = Entry(
        name=member_name(raw_name, utf8=bool(flags & _UTF8), unicode=extras.get(_UNICODE_NAME, b"")[5:]),
        method=method,
        flags=flags,
        crc=crc,
        packed_size=packed_size,
        size=size,
        offset=offset + before,
        time=time,
        aes=extras.get(_AES_EXTRA, b""),
    )
    return entry, name_end + extra_length + comment


def _extras(raw: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(raw):
        kind, length = struct.unpack_from("<HH", raw, position)
        yield kind, raw[position + 4 : position + 4 + length]
        position += 4 + length


def _wide_sizes(wide: bytes, size: int, packed_size: int, offset: int) -> tuple[int, int, int]:
    """Return the three numbers, those that did not fit into 32 bits from the ZIP64 field."""
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    size, packed_size, offset = (
        next(numbers, given) if given == _FULL_32 else given for given in (size, packed_size, offset)
    )
    return size, packed_size, offset


def _decompressor(method: int, packed: bytes, entry: Entry, job: Job) -> Decompressor:
    if method == _DEFLATED:
        return Inflater()
    if method == _BZIP2:
        return bzip2_decompressor()
    if method == _LZMA:
        try:
            return raw_lzma(packed[4:9], min(entry.size, job.bytes_left()))
        except ValueError as error:
            raise Unread(Problem.DAMAGED) from error
    raise Unread(Problem.UNSUPPORTED)


def _stream(method: int, packed: bytes) -> bytes:
    """Return the compressed stream: LZMA has its properties in front."""
    return packed[9:] if method == _LZMA else packed


# WinZip's AES (specification AE-1 and AE-2): PBKDF2, counter mode with a little-endian counter, HMAC-SHA1.

_SALT_SIZES = {1: 8, 2: 12, 3: 16}
_ROUNDS, _CODE_SIZE = 1_000, 10


def _aes_decrypted(packed: bytes, extra: bytes, password: bytes) -> bytes:
    strength = extra[4] if len(extra) >= 7 else 0
    salt_size = _SALT_SIZES.get(strength, 0)
    if not salt_size or len(packed) < salt_size + 2 + _CODE_SIZE:
        raise Unread(Problem.DAMAGED)
    salt, check = packed[:salt_size], packed[salt_size : salt_size + 2]
    body, code = packed[salt_size + 2 : -_CODE_SIZE], packed[-_CODE_SIZE:]
    key_size = 8 + 8 * strength
    keys = pbkdf2_hmac("sha1", password, salt, _ROUNDS, 2 * key_size + 2)
    if keys[-2:] != check:
        raise Unread(Problem.ENCRYPTED)
    if not hmac.compare_digest(hmac.digest(keys[key_size:-2], body, "sha1")[:_CODE_SIZE], code):
        raise Unread(Problem.ENCRYPTED)
    return _counter_mode(body, keys[:key_size])


def _counter_mode(body: bytes, key: bytes) -> bytes:
    """Decrypt with a counter that counts from 1 with its lowest byte first, which no library offers."""
    blocks = len(body) // 16 + 1
    counters = b"".join(number.to_bytes(16, "little") for number in range(1, blocks + 1))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - the counter makes the mode
    stream = encryptor.update(counters)[: len(body)]
    return (int.from_bytes(body, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(body), "little")


# The encryption that PKZIP began with: broken by anyone with time, and still what most people's zips have.

_HEADER_SIZE = 12
_CRC_TABLE = tuple(zlib.crc32(bytes((byte,)), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256))
_ZIPCRYPTO_STEP = 64 * 1024


def _zipcrypto_decrypted(packed: bytes, password: bytes, expected: int, job: Job) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _update(keys, byte)
    header = _zipcrypto_run(packed[:_HEADER_SIZE], keys)
    if header[-1:] != bytes((expected & 0xFF,)):
        raise Unread(Problem.ENCRYPTED)
    plain: list[bytes] = []
    for start in range(_HEADER_SIZE, len(packed), _ZIPCRYPTO_STEP):
        job.check_time()
        plain.append(_zipcrypto_run(packed[start : start + _ZIPCRYPTO_STEP], keys))
    return b"".join(plain)


def _update(keys: list[int], byte: int) -> None:
    keys[0] = keys[0] >> 8 ^ _CRC_TABLE[(keys[0] ^ byte) & 0xFF]
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = keys[2] >> 8 ^ _CRC_TABLE[(keys[2] ^ keys[1] >> 24) & 0xFF]


def _zipcrypto_run(packed: bytes, keys: list[int]) -> bytes:
    plain = bytearray()
    table = _CRC_TABLE
    first, second, third = keys
    for byte in packed:
        mask = third | 2
        byte ^= (mask * (mask ^ 1) >> 8) & 0xFF  # noqa: PLW2901
        plain.append(byte)
        first = first >> 8 ^ table[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = third >> 8 ^ table[(third ^ second >> 24) & 0xFF]
    keys[:] = first, second, third
    return bytes(plain)
