"""Django's own mail, such as password resets, on the road that our notices take."""

from collections.abc import Sequence
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import SafeMIMEText

from mailhold.delivery.exceptions import BareLineEnd, NotSent
from mailhold.delivery.outcome import Outcome, Outgoing, OutgoingRecipient, Result
from mailhold.delivery.smarthost import deliver


class SmarthostBackend(BaseEmailBackend):
    """Sends through the smarthost (or into the demo mailbox), with the notice address as reverse path."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send all and return how many the next hop took for every recipient.

        Raises NotSent, after all were tried, when one was not taken and failing silently was not asked for.
        """
        messages = [message for message in email_messages if message.recipients()]
        troubles = [trouble for message in messages if (trouble := _send(message))]
        if troubles and not self.fail_silently:
            raise NotSent(troubles[0])
        return len(messages) - len(troubles)


def _send(message: EmailMessage) -> str:
    """Send one message and return what went wrong, empty when nothing did."""
    content = _content(message)
    outgoing = Outgoing(
        reverse_path=settings.NOTICE_ADDRESS,
        recipients=tuple(OutgoingRecipient(address=one) for one in dict.fromkeys(message.recipients())),
        content=content,
        eightbit=not content.isascii(),
    )
    try:
        outcomes = deliver(outgoing)
    except BareLineEnd as error:
        return str(error)
    return next((_sentence(one) for one in outcomes.values() if one.result is not Result.DELIVERED), "")


def _content(message: EmailMessage) -> bytes:
    mime = cast("SafeMIMEText", message.message())
    for name, value in (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")):
        if name not in mime:
            mime[name] = value
    return mime.as_bytes(linesep="\r\n")


def _sentence(outcome: Outcome) -> str:
    reply = " ".join(filter(None, (str(outcome.reply_code or ""), outcome.reply_text)))
    return f"The mail was not sent ({outcome.result}): {reply}"
