"""`mailhold audit`: seal the record, verify it, and print its head for publishing elsewhere."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.exceptions import NotAHead
from audit.sealer import seal
from audit.verify import Head, current_head, verify


class Command(BaseCommand):
    """Seal the record, verify it, and print its head for publishing elsewhere."""

    help = "Seal the record, verify it, and print its head for publishing elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the action and its options."""
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("verify", help="recompute every hash and name each row that was changed")
        check.add_argument("--head", metavar="HASH:NUMBER", help="a head printed earlier by `audit head`")
        actions.add_parser("head", help="print the hash and the number of the last block")
        actions.add_parser("seal", help="link what was recorded since the last time")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do the action."""
        if action == "verify":
            self._verify(options["head"])
        elif action == "head":
            self.stdout.write(str(current_head()))
        else:
            self.stdout.write(f"{seal(timezone.now())} events sealed.")

    def _verify(self, published: str | None) -> None:
        try:
            head = Head.parse(published) if published else None
        except NotAHead as error:
            raise CommandError(str(error)) from error
        report = verify(timezone.now(), head)
        for sentence in report.problems:
            self.stderr.write(sentence)
        if report.waiting:
            self.stdout.write(f"{report.waiting} events wait for the sealer; is the dispatcher running?")
        if report.problems:
            raise CommandError(f"The record is not as it was sealed: {len(report.problems)} problems.")
        self.stdout.write(f"{report.events} events in {report.blocks} blocks are as they were sealed.")
        self.stdout.write(f"Head: {report.head}")
