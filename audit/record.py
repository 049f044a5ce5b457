"""Writing events: the one door into the record."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.models import Event
from audit.tags import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted, and by which door: a page after signing in, a link, the API, a command."""

    address: str = ""
    channel: str = ""
    ip_address: str = ""
    user_agent: str = ""


SYSTEM = Actor(channel="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event to be written. `details` holds plain JSON values: codes, counts and ids, never content of mail."""

    tag: Tag
    at: datetime
    actor: Actor = SYSTEM
    message_id: UUID | None = None
    hold_id: UUID | None = None
    details: dict[str, Any] = field(default_factory=dict)


def record(*entries: Entry) -> None:
    """Write `entries` in the caller's transaction."""
    record_all(entries)


def record_all(entries: Iterable[Entry]) -> None:
    """Write many events with one statement, in the caller's transaction."""
    Event.objects.bulk_create(
        Event(
            tag=entry.tag,
            at=entry.at,
            message_id=entry.message_id,
            hold_id=entry.hold_id,
            actor=entry.actor.address,
            channel=entry.actor.channel,
            ip_address=entry.actor.ip_address,
            user_agent=entry.actor.user_agent[:300],
            details=entry.details,
        )
        for entry in entries
    )
