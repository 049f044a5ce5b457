"""`mailhold dispatch`: the clock wired to release, expiry, lost bells and the sealer of the record."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from approvals.dispatcher import run


class Command(BaseCommand):
    """Runs until it is told to stop."""

    help = "Claims what is due and rings for it; any number may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the dispatcher; SIGTERM and SIGINT end it after the step that runs."""
        stop = threading.Event()

        def end(signum: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        run(stop)
