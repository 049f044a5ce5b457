"""Identifiers that sort by time."""

import secrets
import time
import uuid

_MILLISECOND = 1_000_000  # in nanoseconds


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562 5.7): Unix milliseconds, twelve bits of the fraction, 62 random bits.

    Rows made one after the other lie beside each other in the index, and pages can walk by key. The fraction
    (RFC 9562 6.2, method 3) keeps the order of what one process makes within a millisecond.
    """
    milliseconds, rest = divmod(time.time_ns(), _MILLISECOND)
    fraction = (rest << 12) // _MILLISECOND
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)
