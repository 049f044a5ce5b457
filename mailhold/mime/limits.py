"""How much of one message is read, whatever the message asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on the reading of one message. What passes them is left unread and said so, never an error."""

    depth: int = 20  # parts within parts, attached messages counted too
    parts: int = 500  # of the whole message, attached messages counted too
    false_boundaries: int = 20_000  # lines that begin like a boundary and are none
    header_bytes: int = 256 * 1024  # of one header block
    header_fields: int = 2_000  # of one header block
    all_header_fields: int = 10_000  # of all parts together
    mailboxes: int = 2_000  # of one address field
    text_characters: int = 1_000_000  # of plain text, and as many again of HTML
    decoded_bytes: int = 128 * 1024 * 1024  # all attachments together
    tnef_names: int = 500
    image_bytes: int = 2 * 1024 * 1024  # one image shown within HTML
    images_bytes: int = 8 * 1024 * 1024  # all of them


DEFAULT_LIMITS = Limits()
