"""Bearer keys for the HTTP API."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from mailhold.directory.models import ApiKey, Person

# Makes a key easy to find for those who search files for lost secrets.
PREFIX = "mh_"
USED_AT_PRECISION = timedelta(minutes=1)


def new_key() -> tuple[str, str]:
    """Return a fresh key of 256 random bits, and what is kept of it."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, hash_of(key)


def hash_of(key: str) -> str:
    """Return what is kept of a key: it has 256 bits, so a plain SHA-256 gives nothing away."""
    return sha256(key.encode(errors="replace")).hexdigest()


def create(person: Person, label: str) -> str:
    """Return a new key that acts as `person`, the only time that it can be seen."""
    key, key_hash = new_key()
    ApiKey.objects.create(person=person, label=label, key_hash=key_hash)
    return key


def person_for(key: str) -> Person | None:
    """Return the active person as whom `key` acts; None for a key that is unknown, revoked, or of somebody who left."""
    if not key.startswith(PREFIX):
        return None
    row = (
        ApiKey.objects.select_related("person").filter(key_hash=hash_of(key), person__is_active=True).first()
    )
    if row is None:
        return None
    note_use(row, timezone.now())
    return row.person


def note_use(row: ApiKey, now: datetime) -> None:
    """Keep when the key was last used, to the minute, so that busy scripts cause few writes."""
    before = now - USED_AT_PRECISION
    if row.used_at is None or row.used_at < before:
        ApiKey.objects.filter(Q(used_at__isnull=True) | Q(used_at__lt=before), pk=row.pk).update(used_at=now)
