"""`mailhold doctor`: what is wrong with this installation, in plain sentences."""

import sys
from typing import Any

from django.conf import settings
from django.core.checks import Error, run_checks
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from mailhold import examination, health
from mailhold.version import VERSION


class Command(BaseCommand):
    """Examines settings, database, keys, disk, clock, next hop and processes."""

    help = "Says in plain sentences what is wrong with this installation; ends with 1 where something is."
    # A wrong setting is what this command is there to report.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the choice to examine an installation that is not started."""
        parser.add_argument(
            "--stopped",
            action="store_true",
            help="Do not ask for running processes: this installation is stopped.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine everything, say what was found, and end with 1 where something is wrong."""
        self.stdout.write(f"mailhold {VERSION}, Python {sys.version.split()[0]}, {self._database()}")
        problems = self._settings()
        checks = settings.DOCTOR_CHECKS + ([] if options["stopped"] else settings.READINESS_CHECKS)
        for name, problem in health.run_checks(checks).items():
            self.stdout.write(
                f"  {'PROBLEM' if problem else 'ok':<8} {name}{f': {problem}' if problem else ''}"
            )
            problems += bool(problem)
        if problems:
            self.stdout.write(self.style.ERROR("Something is wrong; see above."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("All is well."))

    def _settings(self) -> int:
        found = run_checks()
        for message in found:
            hint = f" {message.hint}" if message.hint else ""
            word = "PROBLEM" if isinstance(message, Error) else "warning"
            self.stdout.write(f"  {word:<8} settings: {message.msg}{hint}")
        return sum(isinstance(message, Error) for message in found)

    def _database(self) -> str:
        try:
            return examination.versions()
        except DatabaseError:
            return "database not reached"
