"""`mailhold dispatch`: the clock wired to release, expiry, lost bells and the sealer of the record."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from approvals.dispatcher import run

_ENDING = frozenset({signal.SIGTERM, signal.SIGINT})


class Command(BaseCommand):
    """Runs until it is told to stop."""

    help = "Claims what is due and rings for it; any number may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the dispatcher; SIGTERM and SIGINT end it after the step that runs."""
        stop = threading.Event()
        # The signals are waited for by a thread of their own: setting an event inside a handler could meet its own lock.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        threading.Thread(target=_wait_for_the_end, args=(stop,), daemon=True).start()
        run(stop)


def _wait_for_the_end(stop: threading.Event) -> None:
    signal.sigwait(_ENDING)
    stop.set()
