"""Keeping the lease on holds while a slow next hop is talked to, and on what else may take long.

A lease is short, so that the work of a dead process is taken over soon; a living process renews it. Without that, a
next hop that is slower than a lease would be given up by one worker after the other, each just before its dot.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError, InterfaceError

from approvals.clock import database_now
from approvals.models import Hold
from approvals.states import HoldState

logger = logging.getLogger(__name__)


def renew(token: UUID) -> int:
    """Let the lease `token` last for its full time from now; return for how many holds."""
    until = database_now() + timedelta(seconds=settings.LEASE_SECONDS)
    return Hold.objects.filter(lease_token=token, state=HoldState.QUEUED).update(
        leased_until=until, next_attempt_at=until
    )


@contextmanager
def kept(token: UUID, renewing: Callable[[UUID], int] = renew) -> Iterator[None]:
    """Renew the lease `token` (on queued holds) by a thread that sleeps most of the time, until the block ends."""
    over = Event()
    thread = Thread(target=_renew_until, args=(over, token, renewing), daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew_until(over: Event, token: UUID, renewing: Callable[[UUID], int]) -> None:
    renewed = False
    while not over.wait(settings.LEASE_SECONDS / 3):
        renewed = True
        try:
            renewing(token)
        except (DatabaseError, InterfaceError):
            # The next turn may find the database there; if none does, the lease ends, and the fence before the dot holds.
            logger.exception("a lease could not be renewed")
            connection.close()
    if renewed:
        connection.close()
