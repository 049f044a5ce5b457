"""What one delivery attempt takes and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """What one attempt did for one recipient."""

    DELIVERED = "delivered"  # the next hop answered 2xx after the final dot
    DEFERRED = "deferred"  # 4xx, or nobody answered before the dot: try again
    FAILED = "failed"  # 5xx: never again
    UNKNOWN = "outcome_unknown"  # the dot was sent and no reply came: the next hop may have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result for one recipient, with the reply that made it (RFC 5321 4.2, RFC 3463).

    `reply_code` is 0 where no reply was read; `reply_text` then says what happened instead.
    """

    result: Result
    reply_code: int = 0
    enhanced_status: str = ""
    reply_text: str = ""
    next_hop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRecipient:
    """One recipient of an outgoing envelope with its DSN parameters (RFC 3461)."""

    address: str
    dsn_notify: str = ""
    dsn_orcpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One envelope with the very bytes to send: CRLF line ends, not dot-stuffed, trace headers already on top."""

    reverse_path: str
    recipients: tuple[OutgoingRecipient, ...]
    content: bytes
    smtputf8: bool = False
    eightbit: bool = False
    dsn_ret: str = ""
    dsn_envid: str = ""


# Called when everything but the final dot is on its way. Raises to stop there: the transaction is then aborted
# (the connection is closed, nothing was delivered) and the exception goes through to the caller.
BeforeDot = Callable[[], None]
