"""The time zones that people choose from."""

import logging
import zoneinfo
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

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


def zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of this name, or that of the installation: one that a person chose can vanish from the system."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        logger.warning("A person's time zone is not known to this system.")
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


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
