"""What policies do, or would do, to much mail, in numbers and samples: values for one presentation. Pure.

Shown by `approvals/_figures.html`, whatever they were counted from. `in_fact` is what happened beside what would have;
None where nothing is compared, and then no column is shown for it. Texts are in the language of the reader already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The messages of one day, in the time zone of the reader, and how many of them are held."""

    date: date
    messages: int
    held: int
    in_fact: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many messages a person must decide on, or a policy matches. `note` says more in a few words."""

    name: str
    count: int
    in_fact: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message: what would happen to it and why, and what did. `url` is "" where there is no page to open."""

    received_at: datetime
    sender: str
    subject: str
    recipients: str  # shortened, by `shortened`
    would: tuple[str, ...]
    happened: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Messages to which the same happens; some of them as samples."""

    title: str
    count: int
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All of it. Messages are counted, each once, however many recipients it has."""

    messages: int
    held: int
    in_fact: int | None = None
    days: tuple[Day, ...] = ()
    approvers: tuple[Share, ...] = ()
    policies: tuple[Share, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def compared(self) -> bool:
        """Tell whether what happened in fact is beside it."""
        return self.in_fact is not None

    @property
    def opened(self) -> Group | None:
        """Return the group whose samples are seen at once: the first that has some."""
        return next((group for group in self.groups if group.samples), None)

    @property
    def most_a_day(self) -> int:
        """Return how many messages the busiest day has, at least 1: the length of the longest bar."""
        return max((day.messages for day in self.days), default=0) or 1


def shortened(addresses: Sequence[str], shown: int = 2) -> str:
    """Return the first of `addresses`, and how many more there are."""
    more = len(addresses) - shown
    return ", ".join(addresses[:shown]) + (f" +{more}" if more > 0 else "")
