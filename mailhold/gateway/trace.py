"""The trace fields that a message gets (RFC 5321 4.4), and the stop of mail loops. Pure."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from mailhold.gateway import replies
from mailhold.gateway.exceptions import RefusedError

MOST_RECEIVED = 50
LONGEST_HELO = 255
_NOT_IN_HELO = re.compile(r"[^A-Za-z0-9.:_\[\]-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a message came: who said hello from where, to whom, and with which protocol."""

    helo_name: str
    peer_address: str
    hostname: str
    protocol: str


def clean_helo(name: str) -> str:
    """Return what the client called itself, fit to stand in a header field: nothing that could end or open anything."""
    return _NOT_IN_HELO.sub("?", name[:LONGEST_HELO]) or "unknown"


def protocol_name(*, extended: bool, tls: bool, signed_in: bool, smtputf8: bool) -> str:
    """Return the keyword after `with` (RFC 3848, RFC 6531 3.7.3)."""
    if not extended:
        return "SMTP"
    return ("UTF8SMTP" if smtputf8 else "ESMTP") + ("S" if tls else "") + ("A" if signed_in else "")


def trace_header(way: Way, message_id: uuid.UUID, received_at: datetime, instance: str) -> str:
    """Return the fields that stand above the message when it leaves: Received, and the mark of this installation."""
    literal = f"IPv6:{way.peer_address}" if ":" in way.peer_address else way.peer_address
    return (
        f"Received: from {clean_helo(way.helo_name)} ([{literal}])\r\n"
        f"\tby {way.hostname} with {way.protocol} id {message_id};\r\n"
        f"\t{format_datetime(received_at)}\r\n"
        f"X-Mailhold-Trace: {instance}\r\n"
    )


def refuse_loop(content: bytes, instance: str) -> None:
    """Raise RefusedError (554 5.4.6) where `content` came through here before or through too many servers.

    `content` has CRLF line ends only.
    """
    end = 0 if content.startswith(b"\r\n") else content.find(b"\r\n\r\n")
    fields = b"\n" + (content if end < 0 else content[: end + 2]).lower()
    mark = b"\nx-mailhold-trace: " + instance.lower().encode("ascii") + b"\r\n"
    if mark in fields or fields.count(b"\nreceived:") > MOST_RECEIVED:
        raise RefusedError(replies.LOOP)
