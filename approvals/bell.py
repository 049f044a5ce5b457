"""Ringing django-q2: a bell that says that rows wait, never the truth about them (docs/adr/0004).

A ring is a row in django-q2's own table, written in the caller's transaction, so it rings if and only if the rows it
speaks of were committed. A bell may ring twice or never: tasks look at the rows, and the dispatcher sweeps.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from mailhold.bulk import insert_all

BATCH = 20
_JUST = timedelta(minutes=1)


def ring_screening(message_ids: Sequence[UUID]) -> None:
    """Ask a worker to screen these messages, together."""
    _ring("approvals.tasks.screen", [[str(key) for key in message_ids]])


def ring_rescreening(hold_id: UUID) -> None:
    """Ask a worker to screen the new revision of this hold."""
    _ring("approvals.tasks.rescreen", [str(hold_id)])


def ring_delivery(hold_ids: Iterable[UUID]) -> None:
    """Ask workers to deliver these holds, in batches."""
    _ring("approvals.tasks.deliver", _batches([str(key) for key in hold_ids]))


def ring_notices(notice_ids: Iterable[int]) -> None:
    """Ask workers to send these notices, in batches."""
    _ring("approvals.tasks.notify", _batches(list(notice_ids)))


def ring_replay(replay_id: UUID) -> None:
    """Ask a worker for one slice of this replay."""
    _ring("approvals.tasks.replay", [str(replay_id)])


def _batches(keys: Sequence[object]) -> list[object]:
    return [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]


def _ring(function: str, arguments: Iterable[object]) -> None:
    """Ring once for each of `arguments`: what django-q2's `async_task` writes, in one statement and without a query."""
    now = timezone.now()
    insert_all(
        [OrmQ(key=Conf.PREFIX, payload=_package(function, argument), lock=now) for argument in arguments]
    )


def _package(function: str, argument: object) -> str:
    key = uuid4().hex
    package: str = SignedPackage.dumps(
        {
            "id": key,
            "name": key,
            "func": function,
            "args": (argument,),
            "kwargs": {},
            "ack_failure": Conf.ACK_FAILURES,
            "started": timezone.now(),
        }
    )
    return package


def waiting_rings() -> int:
    """Return how many rings nobody has answered yet; those in the hands of a worker, living or dead, do not count."""
    waiting: int = OrmQ.objects.filter(lock__lte=timezone.now()).count()
    return waiting


def others_ring() -> bool:
    """Say whether, beside the task that asks, others wait or were begun just now; what has long run is in a slow hand."""
    now = timezone.now()
    just_begun = Q(lock__gte=now + timedelta(seconds=Conf.RETRY) - _JUST)
    count: int = OrmQ.objects.filter(Q(lock__lte=now) | just_begun).count()
    return count > 1
