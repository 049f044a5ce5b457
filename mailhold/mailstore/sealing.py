"""Sealing: AES-256-GCM with a data key for each message, wrapped by a master key of a ring. No database here.

    wrapped key = id of the master key (8) | nonce (12) | data key (32), encrypted | tag (16)
    sealed      = nonce (12) | content, encrypted | tag (16)

The authenticated data names the message or the revision, so that bytes moved to another row do not open there.
"""

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

from mailhold.mailstore.exceptions import ContentUnreadable

KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = KEY_ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES
# What a sealed content is longer than the content.
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES

_KEY_PURPOSE = b"mailhold data key 1 "
_CONTENT_PURPOSE = b"mailhold content 1 "


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one message, opened."""

    wrapped: bytes
    _cipher: AESGCM = field(repr=False)

    def seal(self, revision_id: UUID, content: bytes) -> bytes:
        """Return `content` sealed for revision `revision_id`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _CONTENT_PURPOSE + revision_id.bytes)

    def open(self, revision_id: UUID, sealed: bytes) -> bytes:
        """Return the content that was sealed for revision `revision_id`, or raise ContentUnreadable."""
        try:
            return self._cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _CONTENT_PURPOSE + revision_id.bytes
            )
        except (InvalidTag, ValueError) as error:
            raise ContentUnreadable(
                f"Revision {revision_id} does not open: its sealed bytes or its key were changed."
            ) from error


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One key of the ring."""

    key_id: bytes
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def from_bytes(cls, key: bytes) -> "MasterKey":
        """Return the master key made of 32 random bytes."""
        return cls(hashlib.sha256(key).digest()[:KEY_ID_BYTES], AESGCM(key))

    def wrap(self, message_id: UUID, data_key: bytes) -> bytes:
        """Return `data_key` wrapped for message `message_id`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.key_id + nonce + self._cipher.encrypt(nonce, data_key, _KEY_PURPOSE + message_id.bytes)

    def unwrap(self, message_id: UUID, wrapped: bytes) -> bytes:
        """Return the data key that was wrapped for message `message_id`, or raise ContentUnreadable."""
        nonce, sealed = wrapped[KEY_ID_BYTES:][:NONCE_BYTES], wrapped[KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, _KEY_PURPOSE + message_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise ContentUnreadable(
                f"The key of message {message_id} does not open: it was changed."
            ) from error


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The master keys, newest first: the first one wraps, every one unwraps."""

    keys: tuple[MasterKey, ...]

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "KeyRing":
        """Return the ring of `texts`, each 32 bytes as URL-safe base64, or raise ImproperlyConfigured."""
        if not texts:
            raise ImproperlyConfigured(
                "MAILHOLD_SEALING_KEYS is empty; give at least one key (`mailhold keys new` prints one)."
            )
        return cls(
            tuple(MasterKey.from_bytes(_parse_key(text, place)) for place, text in enumerate(texts, start=1))
        )

    @property
    def newest(self) -> MasterKey:
        """The key that wraps."""
        return self.keys[0]

    def new_data_key(self, message_id: UUID) -> DataKey:
        """Return a fresh key for message `message_id`."""
        data_key = secrets.token_bytes(KEY_BYTES)
        return DataKey(self.newest.wrap(message_id, data_key), AESGCM(data_key))

    def open_data_key(self, message_id: UUID, wrapped: bytes) -> DataKey:
        """Return the key of message `message_id`, or raise ContentUnreadable."""
        return DataKey(wrapped, AESGCM(self._unwrap(message_id, wrapped)))

    def rewrap(self, message_id: UUID, wrapped: bytes) -> bytes:
        """Return the same data key under the newest master key, or raise ContentUnreadable."""
        return self.newest.wrap(message_id, self._unwrap(message_id, wrapped))

    def _unwrap(self, message_id: UUID, wrapped: bytes) -> bytes:
        wanted = key_id_of(wrapped)
        for key in self.keys:
            if key.key_id == wanted:
                return key.unwrap(message_id, wrapped)
        raise ContentUnreadable(
            f"The key of message {message_id} is wrapped by master key {wanted.hex()}, "
            "which MAILHOLD_SEALING_KEYS does not hold."
        )


def key_id_of(wrapped: bytes) -> bytes:
    """Return the id of the master key that wrapped `wrapped`."""
    return wrapped[:KEY_ID_BYTES]


def new_key() -> str:
    """Return a fresh master key as URL-safe base64."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _parse_key(text: str, place: int) -> bytes:
    # The sentence names the key by its place: a key that is nearly right must not come into a log.
    try:
        key = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"Key {place} in MAILHOLD_SEALING_KEYS is not 32 bytes as URL-safe base64 (44 characters); "
            "`mailhold keys new` prints one that is."
        )
    return key
