"""The time zones that people choose from."""

import zoneinfo
from functools import cache

from django.utils.translation import gettext_lazy as _

COMMON = (
    "Asia/Tokyo",
    "UTC",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Bangkok",
    "Asia/Kolkata",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
)

Choice = tuple[str, str]


def choices() -> list[tuple[object, list[Choice]]]:
    """Return what a select box offers: the common zones first, then all of this system."""
    known = _known()
    common = [name for name in COMMON if name in known]
    return [
        (_("Common"), [_choice(name) for name in common]),
        (_("All"), [_choice(name) for name in sorted(known.difference(common))]),
    ]


def _choice(name: str) -> Choice:
    return name, name.replace("_", " ")


@cache
def _known() -> frozenset[str]:
    # Besides regions the system lists odd names such as "localtime" and "GMT+0".
    return frozenset(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
