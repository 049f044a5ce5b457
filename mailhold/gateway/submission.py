"""What the gateway hands to the `accept` it was given: one message with its envelope, as the client sent it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPath:
    """One RCPT (RFC 5321 4.1.1.3) with its DSN parameters (RFC 3461 4.1, 4.2); empty text where none was given."""

    address: str
    dsn_notify: str = ""
    dsn_orcpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One message at the end of DATA, before it is answered.

    `content` has CRLF line ends only, is un-dot-stuffed, and ends with CRLF. `trace_header` is the Received field
    (RFC 5321 4.4, with its final CRLF) that goes above the content when the message leaves; it names `id`.
    """

    id: uuid.UUID
    received_at: datetime
    reverse_path: str
    forward_paths: tuple[ForwardPath, ...]
    content: bytes
    trace_header: str
    smtputf8: bool = False
    eightbit: bool = False
    dsn_ret: str = ""
    dsn_envid: str = ""
    # The person that signed in (primary key), or None where the network was trusted.
    submitter_id: int | None = None
    peer_address: str = ""
    helo_name: str = ""
    protocol: str = "ESMTP"


# Commits all of the submissions in one transaction, or raises and keeps none of them.
Accept = Callable[[Sequence[Submission]], None]
