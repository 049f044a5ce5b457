"""When a policy is noise: it tells mail apart no better than none would, or people answer it always alike. Pure.

Nothing is said of little mail, of few decisions, or of a policy that was changed lately: a badge that is wrong once is
never read again. docs/policies.md has the same numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# How far back it is looked, in whole days before today.
DAYS = 30
NEVER_MESSAGES = 200
ALWAYS_DAYS = 7
ALWAYS_MESSAGES = 100
APPROVED_DECISIONS = 20
NO_EFFECT_DAYS = 7
NO_EFFECT_MESSAGES = 20


class Noise(StrEnum):
    """Why a policy is noise."""

    NEVER = "never"  # no message of a month matches
    ALWAYS = "always"  # its conditions are true of every message
    APPROVED = "approved"  # everything was approved, and nothing was changed or stopped
    NO_EFFECT = "no_effect"  # whatever it asks for, others ask for as well
    FORGOTTEN = "forgotten"  # it only watches, and nobody has come back to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a policy in force since the last change of it, at most DAYS whole days and today.

    `messages` are those of the senders whom the policy is for. `approvals` are mails that this policy has had approved,
    `others` says whether one was rejected, changed or canceled instead, or came back undecided.
    """

    watching: bool
    conditional: bool  # it has conditions or exceptions: one without says itself that it is for any mail
    days: int
    messages: int
    matched: int
    no_effect: int = 0
    approvals: int = 0
    others: bool = False


def noises(record: Record) -> tuple[Noise, ...]:
    """Return all that is true of the policy; nothing where there is too little to say it."""
    return tuple(_noises(record))


def _noises(record: Record) -> Iterator[Noise]:
    if not record.matched and record.days >= DAYS and record.messages >= NEVER_MESSAGES:
        yield Noise.NEVER
    if (
        record.conditional
        and record.matched >= record.messages >= ALWAYS_MESSAGES
        and record.days >= ALWAYS_DAYS
    ):
        yield Noise.ALWAYS
    if not record.watching and record.approvals >= APPROVED_DECISIONS and not record.others:
        yield Noise.APPROVED
    if record.matched == record.no_effect >= NO_EFFECT_MESSAGES and record.days >= NO_EFFECT_DAYS:
        yield Noise.NO_EFFECT
    if record.watching and record.days >= DAYS:
        yield Noise.FORGOTTEN
