"""`mailhold worker`: django-q2's cluster, watched and restarted."""

import logging
import os
import signal
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.cluster import Cluster
from django_q.models import OrmQ

from mailhold import heartbeats, pulse
from mailhold.tether import tie_to_parent
from mailhold.watchdog import TURN_SECONDS, Watchdog

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0


class Command(BaseCommand):
    """Runs the tasks; any number of these may run, on any number of machines."""

    help = "Runs the tasks that the dispatcher hands out, and restarts the workers when they are stuck."
    stopping = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the mark of the inner process, which runs the cluster itself."""
        parser.add_argument(
            "--cluster", action="store_true", help="Run the cluster itself (the watching process starts it)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Watch a cluster until SIGTERM, or be one."""
        if options["cluster"]:
            run_cluster()
        else:
            self.watch()

    def watch(self) -> None:
        """Keep one cluster working, and show a heartbeat while it works."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask_to_stop)
        watchdog = Watchdog(settings.WORKERS, os.environ, give_back)
        beaten_at = float("-inf")
        try:
            while not self.stopping:
                if watchdog.turn() and time.monotonic() - beaten_at >= BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    beat()
                time.sleep(TURN_SECONDS)
        finally:
            watchdog.stop()

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Note that the loop shall end (a signal handler)."""
        self.stopping = True


def beat() -> None:
    """Write the heartbeat; without a database the cluster is watched all the same."""
    try:
        heartbeats.beat("worker", timezone.now())
    except DatabaseError:
        logger.exception("The heartbeat of the worker could not be written.")
        connection.close()


def give_back(rows: frozenset[int]) -> None:
    """Let these rows of the queue be taken again at once; a task may run twice, and rows elsewhere know it."""
    if not rows:
        return
    try:
        count = OrmQ.objects.filter(pk__in=rows).update(lock=timezone.now())
        logger.warning("Tasks of an ended cluster were given back.", extra={"count": count})
    except DatabaseError:
        logger.exception(
            "Tasks of an ended cluster could not be given back; they come up again by themselves later."
        )
        connection.close()


def run_cluster() -> None:
    """Run django-q2's cluster here; every process that it forks ends when the one that forked it ends."""
    tie_to_parent(signal.SIGKILL)
    os.register_at_fork(after_in_child=lambda: tie_to_parent(signal.SIGKILL))
    if pulse.PIPE in os.environ:
        pulse.listen()
    Cluster().start()
