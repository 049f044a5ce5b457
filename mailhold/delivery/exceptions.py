"""What can go wrong on the way out, each a sentence. Sentences name hosts and replies, never passwords or content."""

from smtplib import SMTPException

from mailhold.delivery.reply import Reply


class DeliveryError(Exception):
    """Something about the delivery itself, as opposed to a refusal of the next hop."""


class BareLineEnd(DeliveryError):
    """The content holds a CR or LF alone: what one server takes for a line end another does not (smuggling)."""

    def __init__(self) -> None:
        super().__init__("The message holds a bare CR or LF and is not sent: line ends must be CRLF.")


class UnfitAddress(DeliveryError):
    """An address that cannot stand in a command or a header."""

    def __init__(self) -> None:
        super().__init__("An address holds characters that an address cannot have.")


class SessionEnded(DeliveryError):
    """The conversation with the next hop is over before its time.

    `reply` is what the next hop said, where it said something; `permanent` where that was a 5xx about this very
    message, and not about us or the connection.
    """

    def __init__(self, sentence: str, reply: Reply | None = None, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.reply = reply
        self.permanent = permanent


class NotSent(SMTPException):
    """Raised by the email backend: a mail of our own did not reach the next hop."""
