"""`mailhold up`: the whole installation under one supervisor."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from mailhold import startup
from mailhold.binds import BindError, ensure_free, parse_bind
from mailhold.supervisor import Program, Supervisor

PYTHON = (sys.executable, "-P", "-m")


def programs(smtp_processes: int) -> tuple[Program, ...]:
    """Return the processes of an installation, in the order in which they are stopped: what takes in work first."""
    return (
        *(Program("smtp", (*PYTHON, "mailhold", "smtp")) for _ in range(smtp_processes)),
        Program(
            "web", (*PYTHON, "gunicorn", "-c", "python:mailhold.gunicorn_conf", "mailhold.wsgi:application")
        ),
        Program("dispatch", (*PYTHON, "mailhold", "dispatch")),
        Program("worker", (*PYTHON, "mailhold", "worker")),
    )


def ensure_ports_free(web: str, smtp: Sequence[str]) -> None:
    """Raise CommandError where one of the addresses cannot be listened on."""
    for setting, text in (("MAILHOLD_WEB_BIND", web), *(("MAILHOLD_SMTP_BIND", word) for word in smtp)):
        if text.startswith("unix:"):
            continue
        try:
            ensure_free(parse_bind(text))
        except BindError as error:
            raise CommandError(f"{setting}: {error}") from error


class Command(BaseCommand):
    """Starts everything that an installation on one machine needs, and keeps it running."""

    help = "Prepares the database, then runs pages, SMTP, dispatcher and workers until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the choice of demo data."""
        parser.add_argument(
            "--demo",
            action="store_true",
            default=settings.DEMO,
            help="Fill in demo people and mail (MAILHOLD_DEMO=1).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, prepare, say where to click, and supervise."""
        # Every process must know that this is a demo, this one as well.
        settings.DEMO = options["demo"]
        ensure_ports_free(settings.WEB_BIND, settings.SMTP_BIND)
        startup.prepare(self.say)
        if settings.DEMO:
            startup.run_steps(settings.DEMO_STEPS)
        self.say_where_to_click(startup.setup_address())
        # The children open their own.
        connections.close_all()
        Supervisor(programs(settings.SMTP_PROCESSES), child_settings(os.environ, demo=settings.DEMO)).run()

    def say(self, line: str) -> None:
        """Show a line at once, also where the output is a file."""
        self.stdout.write(line)
        self.stdout.flush()

    def say_where_to_click(self, setup_address: str | None) -> None:
        """Show the addresses of this installation."""
        self.say(f"\nPages:    {settings.BASE_URL}/")
        if settings.DEMO:
            self.say(f"Demo:     {settings.BASE_URL}/demo/  (be one of the demo people, send a mail)")
        self.say(f"SMTP:     {', '.join(settings.SMTP_BIND)}")
        if not settings.SMARTHOST:
            self.say(
                f"Mailbox:  {settings.BASE_URL}/mailbox/  (no smarthost is set: released mail stays here)"
            )
        if setup_address:
            self.say(f"Set up:   {setup_address}  (make the first administrator; works once)")
        self.say("Stop with Ctrl-C.\n")


def child_settings(env: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """Return the environment of the children: ours, with what was said on the command line."""
    return {**env, "MAILHOLD_DEMO": "1" if demo else "0"}
