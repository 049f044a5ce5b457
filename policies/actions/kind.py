"""What a kind of action is made of, and whether an action fits its kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from policies.parameters import LONGEST_SECONDS, Flaw
from policies.spec import Action
from policies.verdict import Text, Treatment

LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What persons (by id) and departments (by id) are called in sentences."""

    persons: Mapping[int, str] = field(default_factory=dict)
    departments: Mapping[int, str] = field(default_factory=dict)

    def person(self, pk: int) -> str:
        """Return the name of the person `pk`."""
        return self.persons.get(pk, f"#{pk}")

    def department(self, pk: int) -> str:
        """Return the name of the department `pk`."""
        return self.departments.get(pk, f"#{pk}")


def _nothing_more(action: Action) -> list[Flaw]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionKind:
    """A kind of action.

    `takes` names the parameters of `Action` that mean something to it. `effect` returns what it asks for.
    `sentence` says it inside a policy's sentence. `alone` says that no other action may stand beside it.
    Forms begin with what is `suggested`.
    """

    code: str
    label: Text
    help: Text
    effect: Callable[[Action], Treatment]
    sentence: Callable[[Action, Names], Text]
    takes: frozenset[str] = frozenset()
    check: Callable[[Action], list[Flaw]] = _nothing_more
    alone: bool = False
    suggested: Mapping[str, Any] = field(default_factory=dict)

    def flaws(self, action: Action) -> list[Flaw]:
        """Return what is wrong with the parameters of `action`; nothing where it can be used."""
        found = [*self._unused(action), *self.check(action)]
        label = self.label
        return [
            Flaw(
                flaw.parameter,
                Text(f"動作「{label.ja}」: {flaw.text.ja}", f"Action “{label.en}”: {flaw.text.en}"),
            )
            for flaw in found
        ]

    def only_taken(self, action: Action) -> Action:
        """Return `action` with the parameters that it does not take at their defaults."""
        plain = Action(kind=action.kind)
        return replace(
            plain, **{name: getattr(action, name) for name in self.takes if getattr(action, name) is not None}
        )

    def _unused(self, action: Action) -> Iterator[Flaw]:
        plain = Action(kind=action.kind)
        for each in fields(action):
            given = getattr(action, each.name)
            if each.name not in self.takes and given != getattr(plain, each.name):
                yield Flaw(each.name, Text("この項目は使いません。", "this parameter is not used by it."))


def flaw_of_seconds(parameter: str, seconds: int | None) -> list[Flaw]:
    """Return what is wrong with a duration that must be given."""
    if seconds is not None and 1 <= seconds <= LONGEST_SECONDS:
        return []
    text = Text(
        "時間を 1秒から366日までで指定してください(例: 5m、24h)。",
        "a time from one second to 366 days is needed, such as 5m or 24h.",
    )
    return [Flaw(parameter, text)]
