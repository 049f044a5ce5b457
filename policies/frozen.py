"""A set of policies as one text, exactly: with the numbers of its policies, people and departments. Pure.

A policy file is for people: it names them by address, and is read against the directory as that is then. What is in
force must be there whatever the directory says.
"""

from dataclasses import dataclass

from policies.reference import NO_REFERENCE, Reference
from policies.spec import PolicySpec
from policies.wire import decode, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """All policies in the order in which they are applied, with rules, lists and calendars."""

    policies: tuple[PolicySpec, ...] = ()
    reference: Reference = NO_REFERENCE


def freeze(frozen: Frozen) -> str:
    """Return the text from which `thaw` makes an equal value."""
    return encode(frozen).decode("ascii")


def thaw(text: str) -> Frozen:
    """Return the set that `text` holds; raise WireError for a text that `freeze` did not make."""
    return decode(Frozen, text.encode("ascii", "replace"))
