"""What the record refuses, as sentences."""


class RecordIsAppendOnly(Exception):
    """Somebody tried to change or delete what was recorded."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: a row of the record is never changed or deleted.")


class SealerMetAnother(Exception):
    """Another sealer made the block first."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Block {number} was being made by another sealer.")


class NotAHead(Exception):
    """A text that names no head of the record."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a head: 64 hexadecimal digits, a colon, and the block's number.")
