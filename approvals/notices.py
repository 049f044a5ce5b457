"""Putting down that a mail of our own is due; `approvals.flows.notify` writes and sends it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from approvals import bell
from approvals.models import Hold, Notice
from mailhold.directory.models import Person
from mailhold.directory.people import fold_domain, own_domains

Kind = Notice.Kind

# What goes back to whoever sent it even when a program did: invariant 9, no mail is dropped silently.
_ALSO_FOR_PROGRAMS = frozenset(
    {Kind.REJECTED, Kind.EXPIRED, Kind.RETURNED, Kind.NOT_DELIVERED, Kind.OUTCOME_UNKNOWN}
)


def to_sender(
    hold: Hold, kind: Notice.Kind, now: datetime, own: frozenset[str] | None = None, **about: Any
) -> list[Notice]:
    """Return the notice for the sender of `hold`, or nothing where nobody would read it or it could do harm.

    A null reverse path never gets mail (RFC 5321 4.5.5), not even by way of the From field: an answer to an answer
    could go on for ever. Outside senders get only what they need to know of a mail that did not leave.
    `own` are the own domains, where the caller has read them already.
    """
    if not hold.sender_address:
        return []
    address = hold.sender.email if hold.sender else hold.sender_address
    if hold.automatic and kind not in _ALSO_FOR_PROGRAMS:
        return []
    if hold.sender is None and kind not in _ALSO_FOR_PROGRAMS and not _is_internal(address, own):
        return []
    return [_notice(hold, kind, hold.sender, address, now, about)]


def _is_internal(address: str, own: frozenset[str] | None) -> bool:
    return fold_domain(address) in (own_domains() if own is None else own)


def to_reverse_path(hold: Hold, kind: Notice.Kind, now: datetime, **about: Any) -> list[Notice]:
    """Return the notice for the envelope sender: reports of failure go there and nowhere else (RFC 5321 4.5.5)."""
    address = hold.message.reverse_path
    person = hold.sender if hold.sender and address.lower() in hold.sender.addresses() else None
    return [_notice(hold, kind, person, address, now, about)] if address else []


def to_people(
    hold: Hold, kind: Notice.Kind, people: Iterable[Person], now: datetime, **about: Any
) -> list[Notice]:
    """Return one notice for each of `people`."""
    return [_notice(hold, kind, person, person.email, now, about) for person in people]


def _notice(
    hold: Hold, kind: Notice.Kind, person: Person | None, address: str, now: datetime, about: dict[str, Any]
) -> Notice:
    return Notice(
        kind=kind, hold=hold, person=person, address=address, about=about, created_at=now, next_attempt_at=now
    )


def put_down(notices: Iterable[Notice]) -> None:
    """Write `notices` and ring for them, in the caller's transaction."""
    written = Notice.objects.bulk_create(notices)
    bell.ring_notices(notice.pk for notice in written)
