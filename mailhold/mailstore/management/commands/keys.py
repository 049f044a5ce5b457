"""`mailhold keys`: the master key ring. docs/keys.md explains when to use which."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.record import Actor
from mailhold.mailstore import sealing
from mailhold.mailstore.ring import key_ring
from mailhold.mailstore.rotation import Progress, count_by_key, rotate


class Command(BaseCommand):
    """Make, look at and rotate the keys that seal the content of messages."""

    help = "Make, look at and rotate the keys that seal the content of messages."
    # `keys new` is what repairs a ring that the check refuses; the other actions read the ring themselves.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the action."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("new", help="print a fresh master key for MAILHOLD_SEALING_KEYS")
        actions.add_parser("status", help="count the messages under each master key")
        actions.add_parser("rotate", help="wrap the key of every message under the newest master key")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do the action."""
        {"new": self._new, "status": self._status, "rotate": self._rotate}[action]()

    def _new(self) -> None:
        self.stdout.write(sealing.new_key())

    def _status(self) -> None:
        counts, ring = count_by_key(), key_ring()
        for key in ring.keys:
            newest = " (newest)" if key is ring.newest else ""
            self.stdout.write(f"{key.key_id.hex()}{newest}: {counts.pop(key.key_id.hex(), 0)} messages")
        for key_id, count in sorted(counts.items()):
            self.stdout.write(f"{key_id} (not in MAILHOLD_SEALING_KEYS): {count} messages cannot be opened")
        if counts:
            raise CommandError("Put the missing keys back at the end of MAILHOLD_SEALING_KEYS.")

    def _rotate(self) -> None:
        done = rotate(now=timezone.now, actor=Actor(channel="command"), report=self._progress)
        for sentence in done.unreadable:
            self.stderr.write(sentence)
        if done.unreadable:
            raise CommandError(
                f"{len(done.unreadable)} messages could not be opened and were left as they are."
            )
        self.stdout.write(f"Done: {done.rewrapped} of {done.seen} messages were wrapped anew.")

    def _progress(self, progress: Progress) -> None:
        self.stdout.write(f"{progress.seen} messages seen, {progress.rewrapped} wrapped anew")
