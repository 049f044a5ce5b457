"""The dispatcher: a loop of small steps, each safe to run twice, on any number of nodes at once."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError, InterfaceError

from approvals import counting
from approvals.clock import database_now
from approvals.flows import deliver, expire, notify, release
from approvals.replay import running as replaying
from audit import sealer
from mailhold.heartbeats import beat

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2

Step = Callable[[datetime], object]


@dataclass
class _Chore:
    """A step and how often it is worth taking."""

    step: Step
    every: timedelta
    done_at: datetime | None = field(default=None)

    def run(self, now: datetime) -> bool:
        # A time before the last one says that the clock was put back: waiting for it to come round would stop the mail.
        if self.done_at is not None and self.done_at <= now < self.done_at + self.every:
            return False
        self.done_at = now
        self.step(now)
        return True


def chores() -> list[_Chore]:
    """Return everything that the clock does, the most urgent first."""
    return [
        _Chore(release.claim_due, timedelta(0)),
        _Chore(_ring_for_the_lost, timedelta(seconds=1)),
        _Chore(deliver.settle_lost, timedelta(seconds=1)),
        _Chore(expire.expire_due, timedelta(seconds=2)),
        _Chore(expire.remind_due, timedelta(seconds=2)),
        _Chore(sealer.seal, timedelta(seconds=5)),
        _Chore(replaying.ring_due, timedelta(seconds=1)),
        _Chore(replaying.delete_old, timedelta(hours=1)),
        _Chore(counting.sum_up, timedelta(minutes=1)),
        _Chore(lambda now: beat("dispatcher", now), timedelta(seconds=5)),
    ]


def _ring_for_the_lost(now: datetime) -> None:
    release.ring_due_attempts(now)
    notify.ring_due_notices(now)
    if release.rings_are_welcome():
        release.ring_unscreened(now)
        release.ring_unscreened_revisions(now)


def run(stop: threading.Event) -> None:
    """Do the chores until `stop` is set. A database that is away is waited for; nothing else is survived silently."""
    todo = chores()
    while not stop.is_set():
        try:
            tick(todo)
        except (DatabaseError, InterfaceError):
            logger.exception("the database failed; trying again")
            connection.close()
            stop.wait(2)
        close_old_connections()
        stop.wait(TICK_SECONDS)


def tick(todo: list[_Chore]) -> None:
    """Do what is due now."""
    for chore in todo:
        chore.run(database_now())
