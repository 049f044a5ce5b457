"""Rotation: every message's data key is wrapped anew by the newest master key; the content stays as it is."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Message
from mailhold.mailstore.ring import key_ring
from mailhold.mailstore.sealing import KeyRing, key_id_of

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a rotation has come: messages looked at, wrapped anew, and those whose key did not open."""

    seen: int = 0
    rewrapped: int = 0
    unreadable: tuple[str, ...] = ()


def rotate(
    *,
    now: Callable[[], datetime],
    actor: Actor,
    report: Callable[[Progress], None] = lambda _: None,
    batch: int = BATCH,
) -> Progress:
    """Wrap the key of every message under the newest master key; `report` hears of each batch.

    Each batch is a transaction of its own with its event, and only rows that still need it are touched: a rotation
    that was stopped goes on when it is started again. A key that does not open is left as it is and reported.
    """
    ring, progress = key_ring(), Progress()
    for rows in _batches(batch):
        with transaction.atomic():
            rewrapped, unreadable = _rotate_batch(ring, rows)
            if rewrapped:
                details = {"messages": rewrapped, "key_id": ring.newest.key_id.hex()}
                record(Entry(tag=Tag.KEYS_ROTATED, at=now(), actor=actor, details=details))
        progress = Progress(
            seen=progress.seen + len(rows),
            rewrapped=progress.rewrapped + rewrapped,
            unreadable=(*progress.unreadable, *unreadable),
        )
        report(progress)
    return progress


def count_by_key(batch: int = BATCH) -> Counter[str]:
    """Return how many messages each master key wraps, by the key's id in hexadecimal."""
    return Counter(key_id_of(wrapped).hex() for rows in _batches(batch) for _, wrapped in rows)


def _rotate_batch(ring: KeyRing, rows: list[tuple[UUID, bytes]]) -> tuple[int, list[str]]:
    rewrapped, unreadable = 0, []
    for message_id, wrapped in rows:
        if key_id_of(wrapped) == ring.newest.key_id:
            continue
        try:
            fresh = ring.rewrap(message_id, wrapped)
        except ContentUnreadable as error:
            unreadable.append(str(error))
            continue
        # Conditional: another rotation may have been here first.
        rewrapped += Message.objects.filter(pk=message_id, wrapped_key=wrapped).update(wrapped_key=fresh)
    return rewrapped, unreadable


def _batches(batch: int) -> Iterator[list[tuple[UUID, bytes]]]:
    """Yield every message's id and wrapped key, walking by id."""
    rows = Message.objects.order_by("pk").values_list("pk", "wrapped_key")
    found = list(rows[:batch])
    while found:
        yield [(message_id, bytes(wrapped)) for message_id, wrapped in found]
        found = list(rows.filter(pk__gt=found[-1][0])[:batch])
