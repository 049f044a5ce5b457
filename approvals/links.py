"""Links in mails: for one hold, one revision, one person, one purpose, a time (docs/links.md).

A token is 256 random bits. Only its SHA-256 is stored, so whoever reads the database cannot use a link. Looking
at a link never changes anything; what a link may do is asked anew at every POST.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import F

from approvals.models import Hold, Link
from approvals.states import OPEN_STATES, HoldState
from mailhold.directory.models import Person

# After the end a link shows the result, without content, for this long.
RESULT_SHOWN = timedelta(days=7)


class Standing(StrEnum):
    """What a link is worth now."""

    LIVE = "live"
    DECIDED = "decided"  # the hold has moved on: the page says who did what
    EDITED = "edited"  # for a revision that is no longer what would leave
    EXPIRED = "expired"
    REVOKED = "revoked"  # its person may no longer decide, or has left


def issue(
    hold: Hold,
    purpose: Link.Purpose,
    *,
    person: Person | None,
    address: str,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Return a fresh token; it is in nobody's hands but the caller's, and cannot be had again."""
    token = secrets.token_urlsafe(32)
    Link.objects.create(
        token_hash=_hash(token),
        purpose=purpose,
        hold=hold,
        revision_id=hold.revision_id,
        person=person,
        address=address,
        created_at=now,
        expires_at=expires_at,
    )
    return token


def url_for(token: str) -> str:
    """Return the address that goes into the mail."""
    return f"{settings.BASE_URL}/a/{token}"


def find(token: str) -> Link | None:
    """Return the link of `token`, None for anything that never was one."""
    return (
        Link.objects.filter(token_hash=_hash(token))
        .select_related("hold__message", "hold__sender", "hold__revision", "hold__ended_by", "person")
        .first()
    )


def count_opening(link: Link) -> None:
    """Count that the page was looked at: an anonymous number, of which nothing depends."""
    Link.objects.filter(pk=link.pk).update(opened=F("opened") + 1)


def standing(link: Link, now: datetime) -> Standing:
    """Return what `link` is worth at `now`."""
    hold = link.hold
    if link.person is not None and not link.person.is_active:
        return Standing.REVOKED
    if hold.revision_id != link.revision_id:
        return Standing.EDITED
    if hold.state not in OPEN_STATES:
        return Standing.DECIDED if now < _ended(hold) + RESULT_SHOWN else Standing.EXPIRED
    if now >= link.expires_at:
        return Standing.EXPIRED
    if hold.state != HoldState.HELD:
        return Standing.DECIDED
    if link.purpose == Link.Purpose.DECIDE and not hold.gates.filter(approvers__person=link.person).exists():
        return Standing.REVOKED
    return Standing.LIVE


def _ended(hold: Hold) -> datetime:
    return hold.ended_at or hold.changed_at


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii", "replace")).digest()
