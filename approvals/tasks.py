"""What django-q2 calls. A task takes ids, calls one flow, and may run twice or never."""

from collections.abc import Sequence
from uuid import UUID

from approvals.clock import database_now
from approvals.flows import (
    deliver as delivering,
    notify as notifying,
    rescreen as rescreening,
    screen as screening,
)
from approvals.replay import running as replaying


def screen(message_ids: Sequence[str]) -> int:
    """Screen messages that wait, and others with them; return how many were in nobody else's hands."""
    waiting = screening.with_others_waiting([UUID(key) for key in message_ids])
    return screening.screen(waiting, database_now()) if waiting else 0


def rescreen(hold_id: str) -> bool:
    """Screen the new revision of an edited hold."""
    return rescreening.rescreen(UUID(hold_id), database_now())


def deliver(hold_ids: Sequence[str]) -> int:
    """Attempt the delivery of holds; return how many were in nobody else's hands."""
    return delivering.deliver([UUID(key) for key in hold_ids])


def replay(replay_id: str) -> bool:
    """Do one slice of a replay; return whether it was done."""
    return replaying.work(UUID(replay_id))


def notify(notice_ids: Sequence[int]) -> int:
    """Send notices; return how many were in nobody else's hands."""
    return notifying.notify(notice_ids, database_now())
