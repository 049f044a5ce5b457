"""Writing events: the one door into the record."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.models import Event
from audit.tags import Tag
from mailhold.bulk import insert_all

# What PostgreSQL can keep neither as text nor as JSON.
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


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
    insert_all([_event(entry) for entry in entries])


def _event(entry: Entry) -> Event:
    return Event(
        tag=entry.tag,
        at=entry.at,
        message_id=entry.message_id,
        hold_id=entry.hold_id,
        actor=_storable(entry.actor.address)[:320],
        channel=entry.actor.channel,
        ip_address=_storable(entry.actor.ip_address)[:45],
        user_agent=_storable(entry.actor.user_agent)[:300],
        details=_storable(entry.details),
    )


def _storable(value: Any) -> Any:
    """Return `value` with U+FFFD for what no database keeps: a browser may name itself, a server reply, with anything."""
    if isinstance(value, str):
        return _NOT_TEXT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
