"""Verification: recompute every hash of the record and name each row that is not as it was sealed.

What a chain cannot show by itself is a record rewritten from some block to its end, or a tail cut off; a head that
was published elsewhere shows both. Events that are in no block yet, a few seconds' worth, are not covered.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from audit.chain import (
    ENTRY_BYTES,
    EVENT_COLUMNS,
    FIRST_PREVIOUS_HASH,
    block_hash,
    event_hash,
    read_entries,
)
from audit.exceptions import NotAHead
from audit.models import Block, Event

# A sealer that runs needs seconds.
WAITING_AFTER = timedelta(minutes=5)
MOST_PROBLEMS = 1000
_BLOCKS_AT_ONCE = 20
_HEAD = re.compile(r"([0-9a-f]{64}):([0-9]{1,18})")

# Hashes of events by id; None where the row cannot even be read.
Hashes = Mapping[int, bytes | None]


@dataclass(frozen=True, slots=True)
class Head:
    """The last block: its hash covers everything before it."""

    number: int
    hash: bytes

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Return the head written as HASH:NUMBER, or raise NotAHead."""
        found = _HEAD.fullmatch(text.strip().lower())
        if not found:
            raise NotAHead(text)
        return cls(int(found[2]), bytes.fromhex(found[1]))

    def __str__(self) -> str:
        return f"{self.hash.hex()}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found. `waiting` events should have been sealed by now: the sealer does not run."""

    blocks: int
    events: int
    waiting: int
    head: Head
    problems: tuple[str, ...]


def current_head() -> Head:
    """Return the head of the record; block 0 where there is no block yet."""
    last = Block.objects.order_by("-number").values_list("number", "hash").first()
    return Head(last[0], bytes(last[1])) if last else Head(0, FIRST_PREVIOUS_HASH)


def verify(now: datetime, published: Head | None = None) -> Report:
    """Recompute the whole record, a few blocks at a time, and compare it with the `published` head where one is given.

    At most MOST_PROBLEMS problems are listed, each a sentence that names block and event.
    """
    walk = _Walk(published)
    for block, hashes in _blocks():
        walk.take(block, hashes)
        if len(walk.problems) >= MOST_PROBLEMS:
            walk.problems.append(f"Verification stopped after {MOST_PROBLEMS} problems.")
            break
    else:
        walk.end()
    return Report(
        blocks=walk.blocks,
        events=walk.events,
        waiting=Event.objects.filter(block__isnull=True, at__lt=now - WAITING_AFTER).count(),
        head=walk.head,
        problems=tuple(walk.problems),
    )


@dataclass(slots=True)
class _Walk:
    """Goes from block to block and collects what is wrong."""

    published: Head | None
    head: Head = Head(0, FIRST_PREVIOUS_HASH)
    blocks: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)

    def take(self, block: Block, hashes: Hashes) -> None:
        self.problems += _missing_blocks(self.head.number, block.number)
        self.problems += _chain_problems(self.head, block)
        self.problems += _event_problems(block.number, bytes(block.entries), hashes)
        self.head = Head(block.number, bytes(block.hash))
        self.blocks += 1
        self.events += len(hashes)
        if self.published and self.published.number == block.number and self.published.hash != self.head.hash:
            self.problems.append(
                f"Block {block.number} is not the one that was published: the record was rewritten."
            )

    def end(self) -> None:
        if self.published and self.published.number > self.head.number:
            self.problems.append(
                f"Blocks {self.head.number + 1} to {self.published.number} are missing: "
                "the end of the record was cut off."
            )
        self.problems += _stray_events()


def _blocks() -> Iterator[tuple[Block, Hashes]]:
    """Yield every block, by number, with the hashes of its events."""
    last: int | None = None
    while True:
        rows = Block.objects.order_by("number")
        blocks = list((rows if last is None else rows.filter(number__gt=last))[:_BLOCKS_AT_ONCE])
        if not blocks:
            return
        hashes = _hashes([block.number for block in blocks])
        for block in blocks:
            yield block, hashes[block.number]
        last = blocks[-1].number


def _hashes(numbers: Sequence[int]) -> Mapping[int, Hashes]:
    """Return the hashes of the events of the blocks `numbers`."""
    events = Event.objects.filter(block_id__in=numbers)
    found: defaultdict[int, dict[int, bytes | None]] = defaultdict(dict)
    try:
        for event in events.values("block_id", *EVENT_COLUMNS):
            found[event["block_id"]][event["id"]] = event_hash(event)
    except ValueError:
        # SQLite keeps what is no UUID, time or JSON in such a column; then each event is read for itself.
        for pk, number in events.values_list("pk", "block_id"):
            found[number][pk] = _readable_hash(pk)
    return found


def _readable_hash(pk: int) -> bytes | None:
    try:
        return event_hash(Event.objects.values(*EVENT_COLUMNS).get(pk=pk))
    except ValueError:
        return None


def _missing_blocks(before: int, number: int) -> Iterator[str]:
    if number == before + 2:
        yield f"Block {before + 1} is missing."
    elif number > before + 2:
        yield f"Blocks {before + 1} to {number - 1} are missing."
    elif number <= before:
        yield f"Block {number} stands where none can be: numbers begin at 1."


def _chain_problems(before: Head, block: Block) -> Iterator[str]:
    previous_hash, entries = bytes(block.previous_hash), bytes(block.entries)
    if before.number == block.number - 1 and previous_hash != before.hash:
        yield f"Block {block.number} does not follow from block {before.number}: one of the two was altered."
    if block.event_count * ENTRY_BYTES != len(entries):
        yield f"Block {block.number} was altered: it counts {block.event_count} events and lists another number."
    # An unreadable time comes as None from SQLite.
    if not block.sealed_at or bytes(block.hash) != block_hash(
        previous_hash=previous_hash, number=block.number, sealed_at=block.sealed_at, entries=entries
    ):
        yield f"Block {block.number} was altered: its hash does not match its row."


def _event_problems(number: int, entries: bytes, hashes: Hashes) -> Iterator[str]:
    listed = dict(read_entries(entries))
    for pk, sealed_hash in listed.items():
        if pk not in hashes:
            yield f"Event {pk} of block {number} was removed."
        elif hashes[pk] != sealed_hash:
            yield f"Event {pk} of block {number} was altered."
    for pk in hashes.keys() - listed.keys():
        yield f"Event {pk} was put into block {number} after that was sealed."


def _stray_events() -> Iterator[str]:
    blocks: Any = Block.objects.filter(number=OuterRef("block_id"))
    stray = Event.objects.filter(~Exists(blocks), block__isnull=False).order_by("id")
    for pk, number in stray.values_list("pk", "block_id")[:MOST_PROBLEMS]:
        yield f"Event {pk} belongs to block {number}, which is missing."
