"""A policy as plain values: who it is for, when it matches, what it asks for. No Django."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar, cast

from policies.facts import SenderFact
from policies.verdict import Approvers, LinkLevel, Text

T = TypeVar("T")
NO_TEXT = Text("", "")


class Mode(StrEnum):
    """Whether a policy acts, or only has its matches recorded."""

    ENFORCE = "enforce"
    WATCH = "watch"


class Remembering:
    """Lets a frozen value keep what was worked out of it: word lists folded, patterns compiled."""

    def once(self, make: Callable[[Self], T]) -> T:
        """Return `make(self)`, calling `make` the first time only."""
        made: dict[Callable[[Self], Any], Any] = self.__dict__.setdefault("_made", {})
        if make not in made:
            made[make] = make(self)
        return cast("T", made[make])


@dataclass(frozen=True, kw_only=True)
class Condition(Remembering):
    """One question about a message or a recipient. Which parameters mean something is up to the kind."""

    kind: str
    values: tuple[str, ...] = ()
    number: int | None = None
    choice: str = ""


@dataclass(frozen=True, kw_only=True)
class Action(Remembering):
    """One thing that a policy asks for. Parameters that the kind does not take keep their defaults."""

    kind: str
    seconds: int | None = None
    sender_may_send_now: bool = False
    approvers: Approvers | None = None
    ids: tuple[int, ...] = ()  # persons or one department, ascending
    needed: int = 1
    deadline_seconds: int | None = None
    link_level: LinkLevel = LinkLevel.L0
    allow_self: bool = False
    text: Text = NO_TEXT
    points: int | None = None
    header: str = ""
    address: str = ""
    tag: str = ""

    @property
    def person_ids(self) -> tuple[int, ...]:
        """Return the persons among `ids`."""
        return () if self.approvers is Approvers.DEPARTMENT else self.ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose mail a policy is for: everyone's, or that of the named persons and departments.

    A scope without `everyone` whose persons have all left holds nobody, rather than suddenly everyone.
    """

    everyone: bool = True
    person_ids: frozenset[int] = frozenset()
    department_ids: frozenset[int] = frozenset()

    def holds(self, sender: SenderFact) -> bool:
        """Tell whether mail of `sender` is in the scope."""
        if self.everyone:
            return True
        return sender.person_id in self.person_ids or not self.department_ids.isdisjoint(sender.departments)


@dataclass(frozen=True, kw_only=True)
class PolicySpec(Remembering):
    """A policy. All conditions must match and no exception may; then the actions are asked for.

    Policies are walked by `priority`, the lowest number first, then by `id`. `stop` ends the walk for the recipient.
    """

    id: int = 0
    key: str
    name: Text
    description: str = ""
    priority: int = 100
    enabled: bool = True
    mode: Mode = Mode.ENFORCE
    scope: Scope = Scope()
    conditions: tuple[Condition, ...] = ()
    exceptions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()
    stop: bool = False
