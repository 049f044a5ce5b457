"""The pulse of django-q2's cluster: a small task that goes all the way round, so that a stuck cluster shows.

A process of the cluster that is killed while it holds the lock of a queue stops the whole cluster without a word. So the
pusher mixes a probe among the real tasks; it passes the task queue, a worker, the result queue and the monitor,
and the monitor then writes to a pipe that the `worker` command reads (mailhold/watchdog.py). The workers write
there too when they begin and end a task, because a cluster in which all are at work cannot show a pulse. And the
broker writes which rows it took and which are done, so that the others can be given back when the cluster is ended.
"""

import os
import time
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.signals import post_execute, post_execute_in_worker, pre_execute
from django_q.signing import SignedPackage

PIPE = "MAILHOLD_PULSE_FD"
PROBE = "mailhold.pulse.probe"
PROBE_SECONDS = 3.0


def probe() -> None:
    """Do nothing: that it was run is what counts."""


class ProbingBroker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """The ORM broker; in a watched cluster its reader finds a probe among the tasks every few seconds."""

    _probed_at = float("-inf")

    def dequeue(self) -> list[tuple[int | None, str]] | None:
        """Return the next tasks, each with its row's key; a probe has no row."""
        if PIPE in os.environ and time.monotonic() - self._probed_at >= PROBE_SECONDS:
            self._probed_at = time.monotonic()
            return [(None, _package())]
        tasks: list[tuple[int | None, str]] | None = super().dequeue()
        for row, _task in tasks or ():
            _report(f"took {row}\n")
        return tasks

    def acknowledge(self, task_id: int) -> None:
        """Take the row of a task that has run out of the queue."""
        super().acknowledge(task_id)
        _report(f"done {task_id}\n")


def _package() -> str:
    task = {
        "id": uuid4().hex,
        "name": "probe",
        "func": PROBE,
        "args": (),
        "kwargs": {},
        "save": False,
        "started": timezone.now(),
    }
    package: str = SignedPackage.dumps(task)
    return package


def listen() -> None:
    """Have the processes of this cluster report to the pipe; called before it starts, so that all of them inherit it."""
    pre_execute.connect(_busy)
    post_execute_in_worker.connect(_idle)
    post_execute.connect(_through)


def _busy(**_signal: Any) -> None:
    _report(f"busy {os.getpid()}\n")


def _idle(**_signal: Any) -> None:
    _report(f"idle {os.getpid()}\n")


def _through(task: dict[str, Any], **_signal: Any) -> None:
    if task["func"] == PROBE:
        _report("through\n")


def _report(line: str) -> None:
    if PIPE not in os.environ:
        return
    # Shorter than PIPE_BUF, so lines of several processes never mix.
    try:
        os.write(int(os.environ[PIPE]), line.encode("ascii"))
    except BlockingIOError:
        # The reader is behind and the pipe is full: it will find enough signs of life in there.
        return
