"""Passwords for mail programs: made once, shown once, revoked at once."""

import hmac
import secrets
import time
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.utils import timezone

from mailhold.directory.exceptions import PasswordTooShort, TooManyPasswords
from mailhold.directory.models import ApplicationPassword, Person
from mailhold.directory.people import person_by_address

# 31 signs that nobody takes for one another; 24 of them are 118 bits.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 6, 4
# Guesses are throttled (mailhold.gateway.throttle); below RECOMMENDED the command that sets a password warns.
SHORTEST, RECOMMENDED, LONGEST = 6, 12, 200
MOST_PER_PERSON = 20
REMEMBERED_SECONDS = 60
USED_AT_PRECISION = timedelta(minutes=1)


class VerifiedPasswords:
    """What this process verified within the last minute, so that a mail program's next connection is cheap.

    It holds HMACs under a random key of the process, over the row's id, its hash and the password: a row that was
    revoked or changed is never found here, because verification reads the row first.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._key = secrets.token_bytes(32)
        self._limit = limit
        self._until: dict[bytes, float] = {}
        self._lock = Lock()

    def knows(self, row: ApplicationPassword, password: str, now: float) -> bool:
        """Tell whether `password` was verified against this very row; `now` is in monotonic seconds."""
        return self._until.get(self._mark(row, password), now) > now

    def remember(self, row: ApplicationPassword, password: str, now: float) -> None:
        """Keep for a minute that `password` fits this row."""
        with self._lock:
            if len(self._until) >= self._limit:
                self._until = {mark: until for mark, until in self._until.items() if until > now}
            if len(self._until) < self._limit:
                self._until[self._mark(row, password)] = now + REMEMBERED_SECONDS

    def _mark(self, row: ApplicationPassword, password: str) -> bytes:
        return hmac.digest(self._key, f"{row.pk}\0{row.password_hash}\0{password}".encode(), sha256)


_verified = VerifiedPasswords()


def create(person: Person, label: str, password: str | None = None) -> str:
    """Give `person` one more application password and return it, the only time that it can be seen.

    Without `password` one of 118 random bits is made. Raises PasswordTooShort and TooManyPasswords.
    """
    if password is None:
        password = generate()
    elif not SHORTEST <= len(password) <= LONGEST or not _is_text(password):
        raise PasswordTooShort
    if ApplicationPassword.objects.filter(person=person).count() >= MOST_PER_PERSON:
        raise TooManyPasswords
    ApplicationPassword.objects.create(person=person, label=label, password_hash=make_password(password))
    return password


def generate() -> str:
    """Return a fresh password in groups that can be typed from a screen."""
    return "-".join(
        "".join(secrets.choice(SIGNS) for _sign in range(GROUP_LENGTH)) for _group in range(GROUPS)
    )


def verify(address: str, password: str) -> Person | None:
    """Return the active person whose main or further address and application password these are.

    The rows are read each time, so that a revoked password and somebody who left are refused at once. An address
    that nobody has takes as long as a wrong password.
    """
    if len(password) > LONGEST or not _is_text(password):
        return None
    person = person_by_address(address)
    rows = _rows(person)
    for row in rows:
        if _verified.knows(row, password, time.monotonic()):
            return _used(row, person)
    for row in rows:
        if check_password(password, row.password_hash):
            _verified.remember(row, password, time.monotonic())
            return _used(row, person)
    if not rows:
        # As slow as a wrong password for somebody who has one.
        make_password(password)
    return None


def _rows(person: Person | None) -> list[ApplicationPassword]:
    if person is None or not person.is_active:
        return []
    return list(ApplicationPassword.objects.filter(person=person).order_by("pk"))


def _used(row: ApplicationPassword, person: Person | None) -> Person | None:
    note_use(row, timezone.now())
    return person


def note_use(row: ApplicationPassword, now: datetime) -> None:
    """Keep when the password was last used, to the minute, so that busy mail programs cause few writes."""
    before = now - USED_AT_PRECISION
    if row.used_at is None or row.used_at < before:
        stale = Q(used_at__isnull=True) | Q(used_at__lt=before)
        ApplicationPassword.objects.filter(stale, pk=row.pk).update(used_at=now)


def _is_text(password: str) -> bool:
    # A lone surrogate cannot be encoded, and a NUL ends a string for somebody along the way.
    return "\0" not in password and not any("\ud800" <= sign <= "\udfff" for sign in password)
