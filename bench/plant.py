"""An installation of mailhold for the bench: its own data directory and ports, the processes that a part needs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
from django.apps import apps
from django.db import connection, connections

from audit.record import SYSTEM
from bench.ports import free_port, wait_for_port
from mailhold.heartbeats import newest
from mailhold.models import Heartbeat
from mailhold.supervisor import child_environment, stop_process
from policies.files import apply

EMPTIED = ("mailstore", "approvals", "audit", "django_q")
SMTP_PROCESSES = 2


class Plant:
    """`with Plant(folder, ["smtp", "dispatch", "worker"]) as plant` has these processes running.

    The database is that of DATABASE_URL, prepared already and shared with the bench itself.
    """

    def __init__(self, folder: Path, kinds: Iterable[str], *, next_hop: int | None = None) -> None:
        self.kinds = tuple(kinds)
        self.smtp_port = free_port()
        self.log = folder / "mailhold.log"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._env = {
            **os.environ,
            "MAILHOLD_SMTP_BIND": f"127.0.0.1:{self.smtp_port}",
            "MAILHOLD_LOG_LEVEL": "WARNING",
        }
        if next_hop:
            self._env["MAILHOLD_SMARTHOST"] = f"smtp://127.0.0.1:{next_hop}?tls=off"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        command = (sys.executable, "-P", "-m", "mailhold")
        Heartbeat.objects.all().delete()
        with self.log.open("ab") as log:
            for kind in self.kinds:
                for _ in range(SMTP_PROCESSES if kind == "smtp" else 1):
                    self._processes.append(_start_tied((*command, kind), self._env, log.fileno()))
        wait_for_port(self.smtp_port, 60)
        # The second process has its socket a moment later; the cluster beats when it works.
        time.sleep(2)
        if "worker" in self.kinds:
            _wait_for_worker(60)

    def __exit__(self, *_error: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            stop_process(process, 40)
        self._processes.clear()
        problems = [line for line in self.log.read_text(errors="replace").splitlines() if "ERROR" in line]
        if problems:
            print(
                f"{self.log.name} has {len(problems)} errors, such as:\n  {problems[0][:300]}",
                file=sys.stderr,
            )


def _start_tied(command: tuple[str, ...], env: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    """Start a process that ends when the bench ends, in whatever way."""
    tied = [sys.executable, "-P", "-m", "mailhold.tether", "SIGTERM", *command]
    return subprocess.Popen(
        tied,
        env=child_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _wait_for_worker(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if newest("worker"):
            return
        time.sleep(0.2)
    raise TimeoutError("The workers did not start.")


def count(statement: str) -> int:
    """Return the number that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def wait_until(statement: str, wanted: int, seconds: float) -> None:
    """Return when `statement` gives `wanted`; raise TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while (found := count(statement)) != wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{statement} gives {found} and not {wanted} after {seconds:.0f} s.")
        time.sleep(0.02)


def empty() -> None:
    """Take all mail, all events and all rings out of the database, so that every round begins alike."""
    tables = ", ".join(
        connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
        for label in EMPTIED
        for model in apps.get_app_config(label).get_models()
    )
    for _ in range(5):
        # A process that is about to lock the same tables the other way round is met now and then.
        with suppress(psycopg.errors.DeadlockDetected), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables}")
            cursor.execute("CHECKPOINT")
            return
    raise RuntimeError("The tables could not be emptied.")


def set_policies(text: str) -> None:
    """Make the policies those of a policy file."""
    result = apply(text, SYSTEM)
    if result.problems:
        raise ValueError(result.problems[0].text.en)
    connections.close_all()
