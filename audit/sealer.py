"""The sealer: links what was recorded into hash-chained blocks, every few seconds, so that no writer waits."""

from datetime import datetime

from django.db import IntegrityError, transaction

from audit.chain import EVENT_COLUMNS, FIRST_PREVIOUS_HASH, block_hash, entries_of
from audit.exceptions import SealerMetAnother
from audit.models import Block, Event

EVENTS_PER_BLOCK = 1000
BLOCKS_PER_CALL = 50


def seal(now: datetime) -> int:
    """Link the events that are in no block yet into the next blocks; return how many events those were.

    An event that commits late, with a lower id than those already sealed, goes into the block after; the order of the
    record is (block, id). Where two sealers meet, the one that comes second finds the block's number taken and leaves
    the rest to the other. Call it outside a transaction: each block is one of its own.
    """
    sealed = 0
    for _ in range(BLOCKS_PER_CALL):
        # Asked before the transaction, so that an idle sealer takes no lock on SQLite.
        if not Event.objects.filter(block__isnull=True).exists():
            break
        try:
            sealed += _seal_block(now)
        except SealerMetAnother:
            break
    return sealed


@transaction.atomic
def _seal_block(now: datetime) -> int:
    last = Block.objects.order_by("-number").values_list("number", "hash").first()
    number, previous_hash = (last[0] + 1, bytes(last[1])) if last else (1, FIRST_PREVIOUS_HASH)
    # The ids are named one by one below: between two statements further events may commit between them.
    events = list(
        Event.objects.filter(block__isnull=True).order_by("id").values(*EVENT_COLUMNS)[:EVENTS_PER_BLOCK]
    )
    if not events:
        return 0
    entries = entries_of(events)
    _insert(
        Block(
            number=number,
            previous_hash=previous_hash,
            hash=block_hash(previous_hash=previous_hash, number=number, sealed_at=now, entries=entries),
            event_count=len(events),
            sealed_at=now,
            entries=entries,
        )
    )
    if Event.objects.seal([event["id"] for event in events], number) != len(events):
        raise SealerMetAnother(number)
    return len(events)


def _insert(block: Block) -> None:
    # The number is the primary key: on PostgreSQL a second sealer waits here until the first has committed.
    try:
        with transaction.atomic():
            block.save(force_insert=True)
    except IntegrityError as error:
        if Block.objects.filter(pk=block.pk).exists():
            raise SealerMetAnother(block.number) from error
        raise
