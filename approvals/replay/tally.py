"""Counting what a draft would do beside what happened. Pure.

A tally is kept as JSON between slices, and adding to it in any order gives the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from policies.verdict import Text

SAMPLES_A_GROUP = 20


class Group(StrEnum):
    """How what would happen to a message stands to what did."""

    NEWLY = "newly"  # held by the draft alone
    NO_LONGER = "no_longer"  # held in fact alone
    OTHERWISE = "otherwise"  # held both times, but by other checks or other approvers
    SAME = "same"  # held both times alike
    FREE = "free"  # held neither time
    HELD = "held"  # would be held, where nothing is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one group of recipients is stopped. `stages` has for each approval who is asked and how many must say yes.

    `delay` is in seconds, None where it is not known any more.
    """

    end: str = ""  # "returned" or "discarded" where nobody is asked
    self_check: bool = False
    stages: tuple[tuple[frozenset[int], int], ...] = ()
    delay: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happens, or has happened, to one message: the ways in which parts of it are stopped, and by what."""

    ways: frozenset[Way] = frozenset()
    policies: Mapping[str, Text] = field(default_factory=dict)  # those that match: key -> name

    @property
    def stopped(self) -> bool:
        """Tell whether something keeps the message from leaving at once, for some recipient."""
        return bool(self.ways)

    @property
    def asked(self) -> frozenset[int]:
        """Return who is asked to approve."""
        return frozenset(person for way in self.ways for people, _needed in way.stages for person in people)


def group_of(would: Outcome, fact: Outcome | None) -> Group:
    """Return how the two stand to each other."""
    if fact is None:
        return Group.HELD if would.stopped else Group.FREE
    match would.stopped, fact.stopped:
        case True, False:
            return Group.NEWLY
        case False, True:
            return Group.NO_LONGER
        case False, False:
            return Group.FREE
    return Group.SAME if _alike(would.ways, fact.ways) else Group.OTHERWISE


def _alike(would: Iterable[Way], fact: Iterable[Way]) -> bool:
    """Tell whether each way of the one is found among those of the other; a delay that is not known is any."""
    return all(any(_same(way, other) for other in fact) for way in would) and all(
        any(_same(other, way) for other in would) for way in fact
    )


def _same(one: Way, other: Way) -> bool:
    known = one.delay is not None and other.delay is not None
    return (one.end, one.self_check, one.stages) == (other.end, other.self_check, other.stages) and (
        one.delay == other.delay or not known
    )


@dataclass
class Tally:
    """The counters. Pairs are: by the draft, in fact."""

    messages: int = 0
    held: list[int] = field(default_factory=lambda: [0, 0])
    groups: dict[str, int] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=dict)  # messages, by the draft, in fact
    approvers: dict[str, list[int]] = field(default_factory=dict)
    policies: dict[str, list[int]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    not_inspected: int = 0
    gone: int = 0  # content that is no longer there
    unreadable: int = 0  # content that cannot be opened
    samples: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, counters: Mapping[str, Any]) -> Self:
        """Return the tally that `as_json` gave."""
        return cls(**counters)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return dict(vars(self))

    def add(self, day: date, would: Outcome, fact: Outcome | None, *, inspected: bool) -> Group:
        """Count one message, received on `day`; return its group."""
        sides = (would, fact or Outcome())
        group = group_of(would, fact)
        self.messages += 1
        self.groups[group] = self.groups.get(group, 0) + 1
        self.not_inspected += not inspected
        row = self.days.setdefault(day.isoformat(), [0, 0, 0])
        row[0] += 1
        for side, outcome in enumerate(sides):
            self.held[side] += outcome.stopped
            row[side + 1] += outcome.stopped
            for person in outcome.asked:
                self.approvers.setdefault(str(person), [0, 0])[side] += 1
            for key, name in outcome.policies.items():
                self.policies.setdefault(key, [0, 0])[side] += 1
                self.names.setdefault(key, {"ja": name.ja, "en": name.en})
        return group

    def wants_sample(self, group: Group) -> bool:
        """Tell whether one more message of `group` is to be shown, and count it as shown then."""
        shown = self.samples.get(group, 0)
        if group is Group.FREE or shown >= SAMPLES_A_GROUP:
            return False
        self.samples[group] = shown + 1
        return True
