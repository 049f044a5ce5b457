"""Ringing django-q2: a bell that says that rows wait, never the truth about them (docs/adr/0004).

A ring is a row in django-q2's own table, written in the caller's transaction, so it rings if and only if the rows it
speaks of were committed. A bell may ring twice or never: tasks look at the rows, and the dispatcher sweeps.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

BATCH = 20


def ring_screening(message_ids: Sequence[UUID]) -> None:
    """Ask a worker to screen these messages, together."""
    async_task("approvals.tasks.screen", [str(key) for key in message_ids])


def ring_rescreening(hold_id: UUID) -> None:
    """Ask a worker to screen the new revision of this hold."""
    async_task("approvals.tasks.rescreen", str(hold_id))


def ring_delivery(hold_ids: Iterable[UUID]) -> None:
    """Ask workers to deliver these holds, in batches."""
    keys = [str(key) for key in hold_ids]
    for start in range(0, len(keys), BATCH):
        async_task("approvals.tasks.deliver", keys[start : start + BATCH])


def ring_notices(notice_ids: Iterable[int]) -> None:
    """Ask workers to send these notices, in batches."""
    keys = list(notice_ids)
    for start in range(0, len(keys), BATCH):
        async_task("approvals.tasks.notify", keys[start : start + BATCH])


def waiting_rings() -> int:
    """Return how many rings nobody has answered yet; those in the hands of a worker, living or dead, do not count."""
    waiting: int = OrmQ.objects.filter(lock__lte=timezone.now()).count()
    return waiting
