"""The parts of the facts, from the cheapest to the dearest."""

from enum import IntEnum


class Part(IntEnum):
    """What a condition must have read before it can answer. A policy's conditions are asked in this order."""

    ENVELOPE = 0
    SENDER_DETAILS = 1
    CONTENT = 2
    CONTACTS = 3
    FREQUENT_DOMAINS = 4
    ANSWERED = 5
    INSPECTION = 6
    FINDINGS = 7
    MALWARE = 8
