"""Brake on password guessing, per account and per client address, over all processes.

Failures count in a window that begins with the first of them. When a limit is reached, the account or the address is
blocked for a while: nothing is compared any more, so that a right guess looks like a wrong one. Logins that run at
the same moment may exceed the limit by their number, which the threads that compare passwords bound.
"""

import ipaddress
from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, F, Value, When

from mailhold.gateway.models import LoginFailure

WINDOW = timedelta(minutes=10)
BLOCK = timedelta(minutes=10)
KEEP = timedelta(days=1)
MOST_PER_ACCOUNT = 10
# Behind one address may sit a whole office, with one mail program that still has an old password.
MOST_PER_CLIENT = 50
_LONGEST_ACCOUNT = 320


def account_key(address: str) -> str:
    """Return the key of an account; `address` is folded."""
    return "account:" + address.replace("\0", "")[:_LONGEST_ACCOUNT]


def client_key(peer_address: str) -> str:
    """Return the key of a client: its IPv4 address, or its IPv6 /64, of which one client has all."""
    peer = ipaddress.ip_address(peer_address)
    if peer.version == 4:
        return f"ip:{peer}"
    return f"ip:{ipaddress.ip_network((peer, 64), strict=False)}"


def is_blocked(account: str, client: str, now: datetime) -> bool:
    """Say whether one of the two keys is blocked."""
    return LoginFailure.objects.filter(key__in=(account, client), blocked_until__gt=now).exists()


def count_failure(account: str, client: str, now: datetime) -> None:
    """Count a failed login for both keys, in the caller's transaction."""
    # Always in this order, so that two failures never wait for each other's row.
    _count(account, MOST_PER_ACCOUNT, now)
    _count(client, MOST_PER_CLIENT, now)


def clear_account(account: str) -> None:
    """Forget the failures of an account, because its owner signed in."""
    rows = LoginFailure.objects.filter(key=account)
    # The usual login has nothing to forget, and then costs no write.
    if rows.exists():
        rows.delete()


def _count(key: str, most: int, now: datetime) -> None:
    # Each step changes the row only in the state it is meant for. Where another process was faster, none of the
    # steps found its state, and the second round does.
    for _round in range(2):
        if _count_in_window(key, most, now) or _begin_window(key, now) or _begin_row(key, now):
            return


def _count_in_window(key: str, most: int, now: datetime) -> bool:
    blocked_until = Case(
        When(failures__gte=most - 1, then=Value(now + BLOCK)),
        default=F("blocked_until"),
        output_field=DateTimeField(null=True),
    )
    rows = LoginFailure.objects.filter(key=key, window_started_at__gt=now - WINDOW)
    return rows.update(failures=F("failures") + 1, blocked_until=blocked_until) == 1


def _begin_window(key: str, now: datetime) -> bool:
    rows = LoginFailure.objects.filter(key=key, window_started_at__lte=now - WINDOW)
    return rows.update(failures=1, window_started_at=now, blocked_until=None) == 1


def _begin_row(key: str, now: datetime) -> bool:
    _row, made = LoginFailure.objects.get_or_create(
        key=key, defaults={"failures": 1, "window_started_at": now}
    )
    if made:
        LoginFailure.objects.filter(window_started_at__lt=now - KEEP).delete()
    return made
