"""Where in a message a condition found what it says: places, and offsets into the texts as they are written."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What a mark points at. Those after the body have a name: of the attachment, or the recipient's address."""

    SUBJECT = "subject"
    BODY = "body"
    ATTACHMENT = "attachment"  # what is written in it
    FILE = "file"  # the attachment itself
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place that made a condition match.

    In a subject, a body and an attachment `start` and `end` count the signs of the text; an attachment's text is that of
    the piece with the number `piece` (see `policies.facts.text_of`).
    """

    place: Place
    name: str = ""
    piece: int = 0
    start: int = 0
    end: int = 0
