"""What `mailhold doctor` looks at beyond the readiness checks; each returns a problem as a sentence, or None."""

import os
import shutil
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from mailhold.delivery.connection import Connection
from mailhold.delivery.exceptions import SessionEnded
from mailhold.delivery.route import configured_route
from mailhold.mailstore.content import read_content
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Revision

LEAST_FREE_BYTES = 1 << 30
CLOCK_SECONDS = 2.0


def migrations() -> str | None:
    """Every migration was applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} migrations are not applied: run `mailhold migrate`." if plan else None


def durability() -> str | None:
    """What the database has committed is on stable storage: a 250 to the sender rests on that."""
    return _postgresql_durability() if connection.vendor == "postgresql" else _sqlite_durability()


def _postgresql_durability() -> str | None:
    off = [
        name
        for name in ("fsync", "synchronous_commit", "full_page_writes")
        if _value(f"SHOW {name}") == "off"
    ]
    if not off:
        return None
    return f"PostgreSQL runs with {', '.join(off)} off: accepted mail can be lost in a power cut. Turn it on."


def _sqlite_durability() -> str | None:
    # 2 is FULL, 3 is EXTRA.
    if int(str(_value("PRAGMA synchronous"))) >= 2:
        return None
    return "SQLite runs with less than synchronous=FULL: accepted mail can be lost in a power cut."


def _value(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


def integrity() -> str | None:
    """The database file is whole (SQLite; PostgreSQL has tools of its own)."""
    if connection.vendor != "sqlite":
        return None
    found = _value("PRAGMA quick_check(1)")
    return None if found == "ok" else f"The database file is damaged: {found}. Restore the last backup."


def shared_cache() -> str | None:
    """The cache that counts sign-in attempts works."""
    try:
        cache.set("mailhold-doctor", "well", 10)
        works = cache.get("mailhold-doctor") == "well"
    except DatabaseError:
        works = False
    return None if works else "The cache table cannot be used: run `mailhold createcachetable`."


def clock() -> str | None:
    """The clocks of the database and of this machine agree."""
    if connection.vendor != "postgresql":
        return None
    there = _value("SELECT clock_timestamp()")
    if not isinstance(there, datetime):
        return "The database does not say what time it is."
    apart = abs((datetime.now(UTC) - there).total_seconds())
    if apart <= CLOCK_SECONDS:
        return None
    return f"The clocks of this machine and of the database differ by {apart:.0f} seconds: run a time service on both."


def disk_space() -> str | None:
    """The data directory has room."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free >= LEAST_FREE_BYTES:
        return None
    return f"Only {free // (1 << 20)} MiB are free in {settings.DATA_DIR}: mail is refused when the disk is full."


def disk_writes() -> str | None:
    """A file can be written to the data directory and forced to the disk."""
    trial = Path(settings.DATA_DIR) / f".doctor-{os.getpid()}-{time.monotonic_ns()}"
    try:
        with trial.open("xb") as file:
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
    except OSError as error:
        return f"{settings.DATA_DIR} cannot be written: {error.strerror}."
    finally:
        trial.unlink(missing_ok=True)
    return None


def newest_content() -> str | None:
    """The key ring opens the newest message."""
    revision = Revision.objects.order_by("-made_at").first()
    if revision is None:
        return None
    try:
        read_content(revision)
    except ContentUnreadable as error:
        return f"{error} Are MAILHOLD_SEALING_KEYS those of this database?"
    return None


def smarthost() -> str | None:
    """The next hop can be reached, and takes STARTTLS and the password where they are asked for."""
    route = configured_route()
    if route is None:
        return None
    try:
        Connection(route, helo=settings.SMTP_HOSTNAME, timeout=20, dot_timeout=20).quit()
    except SessionEnded as error:
        return f"The smarthost cannot be used: {error}"
    return None


def versions() -> str:
    """Return the versions that a report of a problem should name."""
    if connection.vendor == "postgresql":
        return f"PostgreSQL {_value('SHOW server_version')}, psycopg {psycopg.__version__}"
    return f"SQLite {sqlite3.sqlite_version}"
