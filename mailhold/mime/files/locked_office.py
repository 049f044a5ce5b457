"""Office files with a password (MS-OFFCRYPTO): "agile" and "standard" encryption of documents of ECMA-376."""

import base64
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.ole import streams
from mailhold.mime.files.safexml import walk
from mailhold.mime.pieces import Problem

_SEGMENT = 4096
_LONGEST_INFORMATION = 16 * 1024
_MOST_ROUNDS = 1_000_000
_CLOCK_TICK = 20_000
_STANDARD_ROUNDS = 50_000
_HASHES = {"SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
_VERIFIER, _VERIFIER_HASH = b"\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79", b"\xd7\xaa\x0f\x6d\x30\x61\x34\x4e"
_KEY = b"\x14\x6e\x0b\xe7\xab\xac\xd0\xd6"
_EXCEL_PASSWORD = "VelvetSweatshop"  # noqa: S105 - what Excel itself tries first, so that it opens unasked


def read_locked_office(content: bytes, job: Job) -> Iterator[Found]:
    """Yield the document within, opened with the first password that fits. Raises Unread where none does."""
    yield Mark(encrypted=True)
    information, package = _streams(content)
    if information[:4] == b"\4\0\4\0":
        lock: _Agile | _Standard = _Agile.read(information[8:], job)
    elif information[2:4] == b"\2\0":
        lock = _Standard.read(information)
    else:
        raise Unread(Problem.UNSUPPORTED)
    job.take_bytes(len(package))
    for password in (_EXCEL_PASSWORD, *job.passwords[: job.limits.passwords]):
        key = lock.key(password, job)
        if key is not None:
            if password != _EXCEL_PASSWORD:
                job.opened_by.append(password)
            yield Mark(opened=True)
            (size,) = struct.unpack_from("<Q", package)
            yield Member(
                name="", content=lock.decrypted(package[8:], key)[:size], encrypted=True, opened=True
            )
            return
    raise Unread(Problem.ENCRYPTED)


def _streams(content: bytes) -> tuple[bytes, bytes]:
    information, package = streams(content, "EncryptionInfo", "EncryptedPackage")
    if len(information) < 8 or len(package) < 8:
        raise Unread(Problem.DAMAGED)
    return information[:_LONGEST_INFORMATION], package


def _aes(key: bytes, mode: modes.CBC | modes.ECB, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), mode).decryptor().update(data[: len(data) // 16 * 16])


@dataclass(frozen=True, slots=True)
class _Agile:
    """What stands in the XML (section 2.3.4.10)."""

    hash_name: str
    key_size: int
    rounds: int
    salt: bytes
    verifier: bytes
    verifier_hash: bytes
    sealed_key: bytes
    data_hash: str
    data_salt: bytes

    @classmethod
    def read(cls, xml: bytes, job: Job) -> "_Agile":
        elements = _Elements()
        walk(xml.rstrip(b"\0"), elements, job)
        data, own = elements.found.get("keyData", {}), elements.found.get("encryptedKey", {})
        try:
            lock = cls(
                hash_name=_HASHES[own["hashAlgorithm"]],
                key_size=int(own["keyBits"]) // 8,
                rounds=int(own["spinCount"]),
                salt=base64.b64decode(own["saltValue"]),
                verifier=base64.b64decode(own["encryptedVerifierHashInput"]),
                verifier_hash=base64.b64decode(own["encryptedVerifierHashValue"]),
                sealed_key=base64.b64decode(own["encryptedKeyValue"]),
                data_hash=_HASHES[data["hashAlgorithm"]],
                data_salt=base64.b64decode(data["saltValue"]),
            )
        except (KeyError, ValueError) as error:
            raise Unread(Problem.UNSUPPORTED) from error
        if lock.key_size not in {16, 24, 32} or len(lock.salt) != 16 or lock.rounds > _MOST_ROUNDS:
            raise Unread(Problem.UNSUPPORTED)
        return lock

    def key(self, password: str, job: Job) -> bytes | None:
        """Return the key of the document, or None for the wrong password."""
        digest = hashlib.new(self.hash_name, self.salt + password.encode("utf-16-le", "replace")).digest()
        digest = _spun(digest, self.hash_name, self.rounds, job)
        given = self._opened(digest, _VERIFIER, self.verifier)
        expected = self._opened(digest, _VERIFIER_HASH, self.verifier_hash)
        actual = hashlib.new(self.hash_name, given).digest()
        if not expected or expected[: len(actual)] != actual:
            return None
        return self._opened(digest, _KEY, self.sealed_key)[: self.key_size]

    def decrypted(self, package: bytes, key: bytes) -> bytes:
        """Return the document: each 4096 bytes have a start of their own."""
        return b"".join(
            _aes(key, modes.CBC(self._vector(number)), package[start : start + _SEGMENT])
            for number, start in enumerate(range(0, len(package), _SEGMENT))
        )

    def _vector(self, number: int) -> bytes:
        return hashlib.new(self.data_hash, self.data_salt + struct.pack("<L", number)).digest()[:16]

    def _opened(self, digest: bytes, block: bytes, sealed: bytes) -> bytes:
        key = (
            hashlib.new(self.hash_name, digest + block)
            .digest()[: self.key_size]
            .ljust(self.key_size, b"\x36")
        )
        return _aes(key, modes.CBC(self.salt), sealed)


@dataclass(frozen=True, slots=True)
class _Standard:
    """What stands in the binary header (sections 2.3.4.5 to 2.3.4.9)."""

    key_size: int
    salt: bytes
    verifier: bytes
    verifier_hash: bytes

    @classmethod
    def read(cls, information: bytes) -> "_Standard":
        try:
            (header_size,) = struct.unpack_from("<L", information, 8)
            _, _, algorithm, _, bits = struct.unpack_from("<5L", information, 12)
            salt_size, salt, verifier, _, verifier_hash = struct.unpack_from(
                "<L16s16sL32s", information, 12 + header_size
            )
        except struct.error as error:
            raise Unread(Problem.DAMAGED) from error
        if algorithm not in {0x660E, 0x660F, 0x6610} or salt_size != 16 or bits not in {128, 192, 256}:
            raise Unread(Problem.UNSUPPORTED)
        return cls(bits // 8, salt, verifier, verifier_hash)

    def key(self, password: str, job: Job) -> bytes | None:
        """Return the key of the document, or None for the wrong password."""
        digest = hashlib.sha1(self.salt + password.encode("utf-16-le", "replace")).digest()  # noqa: S324 - as written
        digest = _spun(digest, "sha1", _STANDARD_ROUNDS, job)
        digest = hashlib.sha1(digest + b"\0\0\0\0").digest()  # noqa: S324 - as written
        key = (_padded(digest, 0x36) + _padded(digest, 0x5C))[: self.key_size]
        given = _aes(key, modes.ECB(), self.verifier)  # noqa: S305 - as written
        expected = _aes(key, modes.ECB(), self.verifier_hash)  # noqa: S305 - as written
        return key if hashlib.sha1(given).digest() == expected[:20] else None  # noqa: S324 - as written

    def decrypted(self, package: bytes, key: bytes) -> bytes:
        """Return the document."""
        return _aes(key, modes.ECB(), package)  # noqa: S305 - as written


def _spun(digest: bytes, hash_name: str, rounds: int, job: Job) -> bytes:
    make = getattr(hashlib, hash_name)
    for number in range(rounds):
        if number % _CLOCK_TICK == 0:
            job.check_time()
        digest = make(number.to_bytes(4, "little") + digest).digest()
    return digest


def _padded(digest: bytes, byte: int) -> bytes:
    block = bytes(a ^ byte for a in digest.ljust(64, b"\0"))
    return hashlib.sha1(block).digest()  # noqa: S324 - as written


@dataclass(slots=True)
class _Elements:
    found: dict[str, dict[str, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.found.setdefault(name, attributes)

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass
