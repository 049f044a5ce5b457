"""What can go wrong with stored messages, as sentences that may be logged: they hold ids, never content."""

from uuid import UUID


class MailstoreError(Exception):
    """Anything the mailstore refuses or cannot do."""


class ContentUnreadable(MailstoreError):
    """Sealed bytes that cannot be opened: the key is not in the ring, or the bytes are not the ones that were sealed."""


class EnvelopeNotStorable(MailstoreError):
    """An envelope that would have to be changed to fit; a changed address is another address, so it is refused."""

    def __init__(self, message_id: UUID, field: str, limit: int) -> None:
        super().__init__(
            f"Message {message_id}: {field} has more than {limit} characters, a NUL or a lone surrogate, "
            "and is not stored."
        )
