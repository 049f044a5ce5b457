"""What has to be in place before the processes start: tables, the cache's table, files of the pages, first rows."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from mailhold.directory.models import Person
from mailhold.directory.setup import create_setup_link
from mailhold.version import VERSION

# Any number will do, as long as it is always the same: the key of PostgreSQL's advisory lock.
_LOCK_KEY = 7_246_245_465


def prepare(say: Callable[[str], None]) -> None:
    """Bring database and files up to date; of several that start at once, one does it and the others wait."""
    with one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("clearsessions", verbosity=0)
        collect_static(say)
        run_steps(settings.START_STEPS)


def run_steps(names: Sequence[str]) -> None:
    """Call the functions with these dotted names, each of which may be called at every start."""
    for name in names:
        import_string(name)()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other start is under way, on this machine or (PostgreSQL) on any other."""
    with (settings.DATA_DIR / "start.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK_KEY])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK_KEY])


def collect_static(say: Callable[[str], None]) -> None:
    """Gather the files of the pages where they changed since the last time."""
    stamp, current = Path(settings.STATIC_ROOT) / ".collected", _static_digest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == current:
        return
    say("Gathering the files of the pages ...")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current, encoding="ascii")


def _static_digest() -> str:
    digest = hashlib.sha256(VERSION.encode("ascii"))
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def setup_address() -> str | None:
    """Return the address of a fresh one-time set-up link, or None where an administrator exists."""
    if Person.objects.filter(is_superuser=True, is_active=True).exists():
        return None
    return f"{settings.BASE_URL}/setup/{create_setup_link(timezone.now())}/"
