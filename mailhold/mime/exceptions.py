"""What can go wrong when a message is rewritten. Reading never raises."""


class MimeError(Exception):
    """Anything that this package raises on purpose."""


class CannotEdit(MimeError):
    """The message cannot be changed as asked; the text says why, in a sentence for people."""


class NoSuchAttachment(MimeError):
    """The message has no attachment of that number."""

    def __init__(self, index: int) -> None:
        super().__init__(f"The message has no attachment number {index}.")
        self.index = index
