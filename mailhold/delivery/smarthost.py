"""Delivery through the smarthost: one attempt, one transaction, over a connection that is kept.

Content goes out byte for byte as it was given, 8-bit octets also where the next hop does not offer 8BITMIME: to
recode it would break signatures and the promise that unchanged mail leaves unchanged, and such hops pass them.
"""

import os
import threading
import time

from django.conf import settings

from mailhold.delivery import demo
from mailhold.delivery.connection import Connection
from mailhold.delivery.exceptions import BareLineEnd, SessionEnded
from mailhold.delivery.outcome import BeforeDot, Outcome, Outgoing, Result
from mailhold.delivery.reply import MAX_TEXT
from mailhold.delivery.route import Route, configured_route
from mailhold.delivery.transaction import Transaction

# A kept connection is used again within so many seconds, and for so many messages.
KEEP_SECONDS = 60
KEEP_MESSAGES = 100


class _Kept(threading.local):
    connection: Connection | None = None


_kept = _Kept()


def deliver(outgoing: Outgoing, before_dot: BeforeDot | None = None) -> dict[str, Outcome]:
    """Make one delivery attempt and return the outcome for each recipient's address.

    Everything but the final dot is sent first, then `before_dot` is called, then the dot goes out: what it raises
    stops the delivery and goes through. Raises BareLineEnd, before anything is sent, for content whose line ends
    are not all CRLF, and ImproperlyConfigured for a wrong MAILHOLD_SMARTHOST.
    """
    route = configured_route()
    refuse_bare_line_ends(outgoing.content)
    if route is None:
        return demo.deliver(outgoing, before_dot)
    return deliver_by(route, outgoing, before_dot)


def deliver_by(route: Route, outgoing: Outgoing, before_dot: BeforeDot | None = None) -> dict[str, Outcome]:
    """Do what `deliver` does, by a given route."""
    kept = take_kept(route, time.monotonic())
    if kept is not None:
        outcomes = _attempt(kept, outgoing, before_dot, kept=True)
        if outcomes is not None:
            return outcomes
    try:
        fresh = Connection(
            route,
            helo=settings.SMTP_HOSTNAME,
            timeout=settings.SMARTHOST_TIMEOUT,
            dot_timeout=settings.DOT_TIMEOUT,
        )
    except SessionEnded as ended:
        return _unreached(route, outgoing, ended)
    return _attempt(fresh, outgoing, before_dot, kept=False) or {}


def refuse_bare_line_ends(content: bytes) -> None:
    """Raise BareLineEnd unless every CR and every LF in `content` is half of a CRLF."""
    pairs = content.count(b"\r\n")
    if content.count(b"\r") != pairs or content.count(b"\n") != pairs:
        raise BareLineEnd


def take_kept(route: Route, now: float) -> Connection | None:
    """Return this thread's kept connection to `route` if it can be used at `now` (monotonic), ending it otherwise."""
    connection, _kept.connection = _kept.connection, None
    if connection is None:
        return None
    if connection.pid != os.getpid():
        # It belongs to the process that forked us: a word from here would end up in that one's conversation.
        connection.close()
        return None
    if connection.route != route or now - connection.idle_since >= KEEP_SECONDS:
        connection.quit()
        return None
    return connection


def close_kept() -> None:
    """Take leave of the next hop, if this thread keeps a connection."""
    connection, _kept.connection = _kept.connection, None
    if connection is not None and connection.pid == os.getpid():
        connection.quit()


def _attempt(
    connection: Connection, outgoing: Outgoing, before_dot: BeforeDot | None, *, kept: bool
) -> dict[str, Outcome] | None:
    """Run the transaction; None says that a kept connection turned out dead before anything depended on it."""
    transaction = Transaction(connection, outgoing)
    try:
        transaction.run(before_dot)
    except SessionEnded as ended:
        if kept and transaction.can_start_anew(ended):
            return None
        transaction.conclude(ended)
        return transaction.outcomes
    except BaseException:
        # Only a closed connection ends content without delivering it.
        connection.close()
        raise
    _keep(connection, transaction)
    return transaction.outcomes


def _keep(connection: Connection, transaction: Transaction) -> None:
    connection.transactions += 1
    unknown = any(outcome.result is Result.UNKNOWN for outcome in transaction.outcomes.values())
    if unknown or not connection.reusable:
        connection.close()
    elif connection.transactions >= KEEP_MESSAGES:
        connection.quit()
    else:
        connection.idle_since = time.monotonic()
        _kept.connection = connection


def _unreached(route: Route, outgoing: Outgoing, ended: SessionEnded) -> dict[str, Outcome]:
    outcome = Outcome(
        result=Result.DEFERRED,
        reply_code=ended.reply.code if ended.reply else 0,
        enhanced_status=ended.reply.enhanced if ended.reply else "",
        reply_text=str(ended)[:MAX_TEXT],
        next_hop=str(route),
    )
    return {recipient.address: outcome for recipient in outgoing.recipients}
