"""What policies name and administrators keep beside them: lists of recipients, and calendars. No Django."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from policies.folding import fold_domain
from policies.verdict import Text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True)
class EntryList:
    """Addresses and domains under one name. An entry `.partner.example` stands for all domains below it too."""

    name: str
    entries: tuple[str, ...] = ()
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()  # with their dot

    @classmethod
    def of(cls, name: str, entries: tuple[str, ...]) -> "EntryList":
        """Return the list made of `entries` as people write them."""
        domains = [entry for entry in entries if "@" not in entry]
        below = [fold_domain(entry[1:]) for entry in domains if entry.startswith(".")]
        return cls(
            name=name,
            entries=entries,
            addresses=frozenset(fold_recipient(entry) for entry in entries if "@" in entry),
            domains=frozenset(fold_domain(entry.removeprefix(".")) for entry in domains),
            endings=tuple(f".{domain}" for domain in below),
        )

    def holds(self, address: str, domain: str) -> bool:
        """Tell whether the recipient `address`, of `domain`, is in the list."""
        folded = fold_domain(domain)
        return (
            folded in self.domains
            or folded.endswith(self.endings)
            or fold_recipient(address) in self.addresses
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """When an office is open. `hours` has one entry a weekday, Monday first; None: closed all day."""

    name: str
    time_zone: str
    hours: tuple[tuple[time, time] | None, ...]
    holidays: bool = True  # closed on the public holidays of Japan
    closed: frozenset[date] = frozenset()
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How all policies are applied together.

    With `first_only` the first policy that matches a recipient decides alone; otherwise the strictest of each demand
    holds. The numbers are points of risk, ascending: from which on mail waits a minute, waits five minutes for the
    sender's own check too, needs a peer, needs the manager.
    """

    first_only: bool = False
    wait: int = 20
    check: int = 40
    peer: int = 60
    manager: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All lists and calendars by name, and the rules; None: those of a new installation."""

    rules: Rules | None = None
    lists: Mapping[str, EntryList] = field(default_factory=dict)
    calendars: Mapping[str, OfficeHours] = field(default_factory=dict)

    def entry_list(self, name: str) -> EntryList:
        """Return a list, or raise UnknownNameError: a policy without its list must not let mail pass."""
        if name not in self.lists:
            raise UnknownNameError("list", name)
        return self.lists[name]

    def calendar(self, name: str) -> OfficeHours:
        """Return a calendar, the default one for "", or raise UnknownNameError."""
        if name in self.calendars:
            return self.calendars[name]
        if name:
            raise UnknownNameError("calendar", name)
        return next((each for each in self.calendars.values() if each.default), STANDARD_HOURS)


class UnknownNameError(Exception):
    """A policy names something that does not exist any more."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"A policy names the {what} {name!r}, which does not exist.")


_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_DAY = (time(9), time(18))
# What holds until an administrator makes a default calendar.
STANDARD_HOURS = OfficeHours(name="", time_zone="Asia/Tokyo", hours=(_DAY,) * 5 + (None, None), default=True)
NO_REFERENCE = Reference()


def fold_recipient(address: str) -> str:
    """Return `address` in the form in which addresses are compared: lower case, the domain as `fold_domain` has it."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local.lower()}{at}{fold_domain(domain)}" if at else address.strip().lower()


def flaw_of_entry(entry: str) -> Text | None:
    """Return what is wrong with an entry of a list, or None."""
    domain = entry.rpartition("@")[2] if "@" in entry else entry.removeprefix(".")
    local = entry.rpartition("@")[0] if "@" in entry else "x"
    folded = fold_domain(domain)
    labels = folded.split(".")
    plain = all(
        label and label.replace("-", "").replace("_", "").isalnum() and label.isascii() for label in labels
    )
    # A word without any dot is rather the heading of a column than a domain.
    dotted = len(labels) > 1 or entry.startswith(".") or "@" in entry
    if plain and dotted and len(folded) <= 253 and local and not any(sign.isspace() for sign in entry):
        return None
    return Text(
        f"「{entry}」はアドレスでもドメインでもありません。taro@partner.example、partner.example、"
        ".partner.example(サブドメインも)の形で書いてください。",
        f"“{entry}” is no address and no domain; write it like taro@partner.example, partner.example or "
        ".partner.example (sub-domains too).",
    )


def parse_span(text: str) -> tuple[time, time] | None:
    """Return the times in `09:00-18:00`, the later one last, or None."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        return None
    hours = [int(each) for each in found.groups()]
    if max(hours[0], hours[2]) > 23 or max(hours[1], hours[3]) > 59:
        return None
    opens, closes = time(hours[0], hours[1]), time(hours[2], hours[3])
    return (opens, closes) if opens < closes else None


def parse_day(text: str) -> date | None:
    """Return the day that `2026-12-29` names, or None."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
