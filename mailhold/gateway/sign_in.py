"""AUTH: reading what mail programs send (RFC 4954, RFC 4616), and judging it behind the brake on guessing."""

import binascii
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import fold_address
from mailhold.gateway import replies, throttle
from mailhold.gateway.exceptions import LoginRefusedError, LoginThrottledError, RefusedError


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in (primary key), and the addresses, folded, that may stand in MAIL FROM."""

    person_id: int
    addresses: frozenset[str]


# Compares an address with a password; None where they do not belong together, whatever the reason.
Authenticate = Callable[[str, str], SignedIn | None]


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a client wants to sign in with; its text form shows nothing of it."""

    address: str
    password: str


def decode_response(response: bytes) -> bytes:
    """Return what the base64 `response` of a client says; raise RefusedError (501)."""
    response = response.strip()
    if response == b"*":
        raise RefusedError(replies.AUTH_CANCELED)
    try:
        return b64decode(response, validate=True)
    except binascii.Error as error:
        raise RefusedError(replies.NOT_BASE64) from error


def plain_credentials(message: bytes) -> Credentials:
    """Return the credentials in a PLAIN message; raise RefusedError (501, or 535 where it asks to act for another)."""
    parts = message.split(b"\0")
    if len(parts) != 3:
        raise RefusedError(replies.NOT_BASE64)
    acts_for, address, password = (_text(part) for part in parts)
    if acts_for and fold_address(acts_for) != fold_address(address):
        raise RefusedError(replies.LOGIN_REFUSED)
    return Credentials(fold_address(address), password)


def login_credentials(name: bytes, password: bytes) -> Credentials:
    """Return the credentials in the two responses of LOGIN; raise RefusedError (501)."""
    return Credentials(fold_address(_text(name)), _text(password))


def _text(part: bytes) -> str:
    try:
        return part.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(replies.NOT_BASE64) from error


def sign_in(
    credentials: Credentials,
    peer_address: str,
    authenticate: Authenticate,
    clock: Callable[[], datetime] = timezone.now,
) -> SignedIn:
    """Return who `credentials` belong to; raise LoginThrottledError before, LoginRefusedError after comparing."""
    account, client = throttle.account_key(credentials.address), throttle.client_key(peer_address)
    if throttle.is_blocked(account, client, clock()):
        raise LoginThrottledError("Too many logins failed.")
    # A NUL is in no address and in no password, and PostgreSQL would not look for one.
    sound = "\0" not in credentials.address + credentials.password
    signed_in = authenticate(credentials.address, credentials.password) if sound else None
    if signed_in is None:
        _record_failure(account, client, credentials.address, peer_address, clock())
        raise LoginRefusedError("The address and the password do not belong together.")
    throttle.clear_account(account)
    return signed_in


def _record_failure(account: str, client: str, address: str, peer_address: str, now: datetime) -> None:
    actor = Actor(address=address.replace("\0", "")[:320], channel="smtp", ip_address=peer_address)
    with transaction.atomic():
        throttle.count_failure(account, client, now)
        record(Entry(tag=Tag.LOGIN_FAILED, at=now, actor=actor))
