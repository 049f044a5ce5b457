"""Reading and writing the signs of life of background processes."""

import os
import socket
from datetime import datetime, timedelta

from django.db.models import Max

from mailhold.models import Heartbeat

# Rows of processes that ended long ago are swept out by those that live.
KEPT = timedelta(days=1)


def beat(kind: str, now: datetime) -> None:
    """Record that this process, one of `kind` ("dispatcher", "worker"), does its work at `now`."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(kind=kind, instance=f"{socket.gethostname()}:{os.getpid()}", at=now)],
        update_conflicts=True,
        unique_fields=["kind", "instance"],
        update_fields=["at"],
    )
    Heartbeat.objects.filter(at__lt=now - KEPT).delete()


def newest(kind: str) -> datetime | None:
    """Return when a process of `kind` last said that it works; None if none ever did."""
    at: datetime | None = Heartbeat.objects.filter(kind=kind).aggregate(at=Max("at"))["at"]
    return at
