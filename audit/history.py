"""The history of a message, for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.models import Event
from audit.sentences import channel_name, sentence

MOST_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One event in words of the active language. `who` is an address, or empty where mailhold acted by itself."""

    at: datetime
    who: str
    how: str
    sentence: str
    tag: str
    hold_id: UUID | None
    details: dict[str, Any]


def history(message_id: UUID) -> list[HistoryRow]:
    """Return what happened to message `message_id`, oldest first; the first MOST_ROWS events at most."""
    events = Event.objects.filter(message_id=message_id).order_by("id")[:MOST_ROWS]
    return [_row(event) for event in events]


def _row(event: Event) -> HistoryRow:
    return HistoryRow(
        at=event.at,
        who=event.actor,
        how=channel_name(event.channel),
        sentence=sentence(event.tag),
        tag=event.tag,
        hold_id=event.hold_id,
        details=event.details,
    )
