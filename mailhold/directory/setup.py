"""The one-time link with which the first administrator is made."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.hashers import make_password
from django.db import transaction

from mailhold.directory.exceptions import AddressTaken, SetupLinkExpired, SetupLinkUnusable, SetupLinkUsed
from mailhold.directory.models import Address, Person, SetupLink, fold_address

LIFETIME = timedelta(days=1)


def create_setup_link(now: datetime) -> str:
    """Return the token of a new set-up link, valid for a day; it goes into `/setup/TOKEN/`, and only its hash is kept."""
    token = secrets.token_urlsafe(32)
    SetupLink.objects.create(token_hash=_hash(token), created_at=now, expires_at=now + LIFETIME)
    return token


def check_setup_link(token: str, now: datetime) -> None:
    """Raise SetupLinkUnusable, SetupLinkUsed or SetupLinkExpired unless the link can still be used."""
    link = SetupLink.objects.filter(token_hash=_hash(token)).first()
    if link is None:
        raise SetupLinkUnusable
    if link.used_at is not None:
        raise SetupLinkUsed
    if link.expires_at <= now:
        raise SetupLinkExpired


def use_setup_link(
    token: str, *, now: datetime, address: str, name: str, password: str, language: str
) -> Person:
    """Spend the link and return the administrator it makes; of two who try at once the first one wins.

    Somebody who is already in the directory becomes administrator. Raises what `check_setup_link` raises, and
    AddressTaken where the address is another person's further one; the link can then still be used.
    """
    address = fold_address(address)
    with transaction.atomic():
        unused = SetupLink.objects.filter(token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now)
        if not unused.update(used_at=now):
            check_setup_link(token, now)
            raise SetupLinkUnusable
        if Address.objects.filter(address=address).exists():
            raise AddressTaken
        Person.objects.get_or_create(email=address)
        Person.objects.filter(email=address).update(
            name=name,
            password=make_password(password),
            language=language,
            is_active=True,
            is_staff=True,
            is_superuser=True,
        )
        return Person.objects.get(email=address)


def _hash(token: str) -> str:
    # A token has 256 bits, so a plain SHA-256 gives nothing away.
    return sha256(token.encode(errors="replace")).hexdigest()
