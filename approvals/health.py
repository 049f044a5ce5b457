"""Readiness of the hold queue: the clock runs, workers answer, nothing waits that should be gone."""

from datetime import timedelta

from django.utils import timezone

from approvals.flows.release import oldest_due
from mailhold.heartbeats import newest

SILENT = timedelta(seconds=60)
LATE = timedelta(seconds=60)


def dispatcher() -> str | None:
    """Return what is wrong with the dispatcher, or None."""
    return _silence("dispatcher", "The dispatcher")


def worker() -> str | None:
    """Return what is wrong with the workers, or None."""
    return _silence("worker", "The worker")


def oldest_due_hold() -> str | None:
    """Return a sentence where a hold is due and still here, or None."""
    since = oldest_due(timezone.now())
    if since is None or timezone.now() - since < LATE:
        return None
    return f"The oldest due hold has waited for {int((timezone.now() - since).total_seconds())} seconds."


def _silence(kind: str, name: str) -> str | None:
    last = newest(kind)
    if last is None:
        return f"{name} has never run."
    silent = timezone.now() - last
    return f"{name} has been silent for {int(silent.total_seconds())} seconds." if silent > SILENT else None
