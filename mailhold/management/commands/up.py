"""`mailhold up`: the whole installation under one supervisor."""

import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
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
        addresses = addresses_to_click(startup.setup_address())
        # The children open their own.
        connections.close_all()
        supervisor = Supervisor(
            programs(settings.SMTP_PROCESSES), child_settings(os.environ, demo=settings.DEMO)
        )
        supervisor.run(Announcement(addresses, self.say, (settings.WEB_BIND, *settings.SMTP_BIND)))

    def say(self, line: str) -> None:
        """Show a line at once, also where the output is a file."""
        self.stdout.write(line)
        self.stdout.flush()


def addresses_to_click(setup_address: str | None) -> str:
    """Return the addresses of this installation, a line each."""
    lines = [f"Pages:    {settings.BASE_URL}/"]
    if setup_address:
        lines.append(f"Set up:   {setup_address}  (make the first administrator; works once)")
    if settings.DEMO:
        lines.append(f"Demo:     {settings.BASE_URL}/demo/  (be one of the demo people, send a mail)")
    if not settings.SMARTHOST:
        lines.append(
            f"Mailbox:  {settings.BASE_URL}/mailbox/  (no smarthost is set: released mail stays here)"
        )
    lines.append(f"SMTP:     {', '.join(settings.SMTP_BIND)}")
    return "\n".join(["", "mailhold runs.", "", *lines, "", "Stop with Ctrl-C.", ""])


@dataclass
class Announcement:
    """Says `text` once, as soon as something listens on all addresses `binds`."""

    text: str
    say: Callable[[str], None]
    binds: Sequence[str]
    done: bool = False

    def __call__(self) -> None:
        """Look, and say it if it is time."""
        if not self.done and all(is_listening(bind) for bind in self.binds):
            self.done = True
            self.say(self.text)


def is_listening(text: str) -> bool:
    """Say whether a connection to this address to listen on is taken."""
    if text.startswith("unix:"):
        return Path(text.removeprefix("unix:")).exists()
    bind = parse_bind(text)
    try:
        # An empty host stands for all addresses, this machine's own among them.
        socket.create_connection((bind.host or "localhost", bind.port), timeout=1).close()
    except OSError:
        return False
    return True


def child_settings(env: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """Return the environment of the children: ours, with what was said on the command line."""
    return {**env, "MAILHOLD_DEMO": "1" if demo else "0"}
