"""Our own mails to people: pure, from values to bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from mailhold.delivery.parts import Part, header, mailbox, message_part, multipart, text_part
from mailhold.delivery.reply import printable


@dataclass(frozen=True, slots=True)
class AttachedMessage:
    """A message to attach, and its file name such as "original.eml"."""

    name: str
    content: bytes


def compose(
    *,
    sender: str,
    sender_name: str,
    to: str,
    to_name: str,
    subject: str,
    text: str,
    html: str | None,
    language: str,
    message_id: str,
    now: datetime,
    trace: str,
    attachments: Sequence[AttachedMessage] = (),
) -> bytes:
    """Return a notice as a message with CRLF line ends.

    It says that no person wrote it (RFC 3834), so that no responder answers. `message_id` comes with its angle
    brackets; `trace` identifies the notice in X-Mailhold-Trace. The result has 8-bit octets only where an attached
    message has them. Raises UnfitAddress.
    """
    body = _body(text, html, attachments, seed=message_id)
    headers = (
        mailbox("From", sender_name, sender),
        mailbox("To", to_name, to),
        header("Subject", subject),
        f"Date: {format_datetime(now)}",
        f"Message-ID: {printable(message_id)}",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        f"Content-Language: {printable(language)}",
        f"X-Mailhold-Trace: {printable(trace)}",
        "MIME-Version: 1.0",
        *body.headers,
    )
    return Part(headers, body.body).octets()


def _body(text: str, html: str | None, attachments: Sequence[AttachedMessage], seed: str) -> Part:
    body = text_part(text)
    if html is not None:
        body = multipart("alternative", [body, text_part(html, "html")], f"{seed} alternative")
    if not attachments:
        return body
    attached = [message_part(one.content, one.name) for one in attachments]
    return multipart("mixed", [body, *attached], f"{seed} mixed")
