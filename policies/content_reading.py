"""From the bytes of a message to what policies may know of its content. Pure."""

import re

from mailhold.mime.parse import ParsedMessage, attachment_bytes, judged_text, parse
from policies.facts import AttachmentFact, ContentFact
from policies.reference import fold_recipient

_CALENDAR = frozenset({"text/calendar", "application/ics"})
_REPLY = re.compile(rb"^METHOD(?:;[^:\r\n]*)?:REPLY\s*$", re.IGNORECASE | re.MULTILINE)


def content_fact(content: bytes) -> ContentFact:
    """Return what policies may know of the message in `content`. Never raises."""
    parsed = parse(content)
    return ContentFact(
        subject=parsed.subject,
        body=judged_text(parsed),
        attachments=tuple(
            AttachmentFact(name=part.name, content_type=part.content_type, size=part.size)
            for part in parsed.all_attachments()
        ),
        own_attachments=len(parsed.attachments),
        inspected=parsed.inspected,
        problem="" if parsed.inspected else (parsed.problems or ("damaged",))[0],
        headers=parsed.headers,
        reply_to=frozenset(fold_recipient(mailbox.address) for mailbox in parsed.reply_to if mailbox.address),
        names={fold_recipient(mailbox.address): mailbox.name for mailbox in (*parsed.cc, *parsed.to)},
        signed=parsed.has_signature,
        encrypted=parsed.encrypted,
        calendar_reply=_is_calendar_reply(parsed, content),
    )


def _is_calendar_reply(parsed: ParsedMessage, content: bytes) -> bool:
    return any(
        _REPLY.search(attachment_bytes(content, attachment.index))
        for attachment in parsed.attachments
        if attachment.content_type in _CALENDAR
    )
