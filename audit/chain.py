"""The hashes of the record: pure, so that anybody can recompute them from an export.

An event's hash is the SHA-256 of its canonical JSON: all columns but the block, keys sorted, no spaces, UTF-8, times
in UTC with microseconds. A block's hash is the SHA-256 of the line `mailhold block 1`, the hash of the block before
it (32 zero bytes before the first one), its number (8 bytes, big-endian), its sealing time and its entries; an entry
is the event's id (8 bytes, big-endian) and the event's hash, in the order of ids.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

FIRST_PREVIOUS_HASH = bytes(32)
ID_BYTES = 8
ENTRY_BYTES = ID_BYTES + 32
# What an event's hash covers; the block is left out, for it is where the hash goes.
EVENT_COLUMNS = (
    "id",
    "tag",
    "at",
    "message_id",
    "hold_id",
    "actor",
    "channel",
    "ip_address",
    "user_agent",
    "details",
)


def event_hash(event: Mapping[str, Any]) -> bytes:
    """Return the hash of `event`, given as its columns."""
    columns = {name: event[name] for name in EVENT_COLUMNS}
    canonical = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    # A lone surrogate cannot be recorded, but whatever is found must be hashed and not break the verification.
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()


def entries_of(events: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the entries of a block made of `events`, in their order."""
    return b"".join(event["id"].to_bytes(ID_BYTES, "big") + event_hash(event) for event in events)


def read_entries(entries: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the id and the hash of each event in `entries`."""
    for start in range(0, len(entries), ENTRY_BYTES):
        entry = entries[start : start + ENTRY_BYTES]
        yield int.from_bytes(entry[:ID_BYTES], "big"), entry[ID_BYTES:]


def block_hash(*, previous_hash: bytes, number: int, sealed_at: datetime, entries: bytes) -> bytes:
    """Return the hash of a block."""
    digest = hashlib.sha256(b"mailhold block 1\n")
    digest.update(previous_hash)
    digest.update(number.to_bytes(8, "big", signed=True))
    digest.update(_utc(sealed_at).encode("ascii"))
    digest.update(entries)
    return digest.digest()


def _plain(value: Any) -> str:
    return _utc(value) if isinstance(value, datetime) else str(value)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
