"""Identifiers that sort by time."""

import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Rows made one after the other lie beside each other in the index, and pages can walk by key.
    """
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0b11 << 62) | 0b10 << 62)
