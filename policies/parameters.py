"""What kinds of conditions and actions say about their parameters, and about a wrong one."""

from dataclasses import dataclass

from policies.verdict import Text

LARGEST_NUMBER = 2_147_483_647
LONGEST_SECONDS = 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter as forms and documentation show it."""

    label: Text
    help: Text
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParameter(Parameter):
    """A whole number of at least `least`; forms begin with the `suggested` one."""

    suggested: int = 1
    least: int = 1
    most: int = LARGEST_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers a parameter allows."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a parameter; an empty name means the whole."""

    parameter: str
    text: Text


# What values can be the names of.
NAMED = {
    "list": Text("宛先リスト", "list of recipients"),
    "calendar": Text("カレンダー", "calendar"),
    "department": Text("部署", "department"),
}
