"""`mailhold policy figures`: what each policy in force did to real mail, and which are noise."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, ngettext

from approvals.noise_words import remarks
from approvals.policy_figures import Line, Overview, overview, span_of
from policies.languages import in_active_language
from policies.loading import policies_in_force
from policies.spec import Mode

MOST_DAYS = 366


def add_arguments(parser: ArgumentParser) -> None:
    """Name what it takes."""
    parser.add_argument(
        "--days",
        metavar="N",
        type=_days,
        default=30,
        help=f"So many days, the last of which is today: 1 to {MOST_DAYS}, 30 by default.",
    )
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")


def _days(text: str) -> int:
    """Return a number of days; raises ValueError, which argparse puts into words."""
    days = int(text)
    if not 1 <= days <= MOST_DAYS:
        raise ValueError
    return days


def printed(days: int, now: datetime, *, as_json: bool) -> str:
    """Return what the command prints."""
    found = overview(policies_in_force().policies, span_of(days, now), now)
    return json.dumps(_as_json(found), ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(found))


def _as_json(found: Overview) -> dict[str, Any]:
    return {
        "days": found.span.days,
        "from": found.span.first.isoformat(),
        "until": found.span.today.isoformat(),
        "counted_from": found.counted_from.isoformat() if found.counted_from else None,
        "messages": found.messages,
        "policies": [
            {
                "key": line.policy.key,
                "name": {"ja": line.policy.name.ja, "en": line.policy.name.en},
                "enabled": line.policy.enabled,
                "mode": line.policy.mode.value,
                "matched": line.matched,
                "held": line.kept,
                "only_because_of_it": line.alone,
                "approved": line.approved,
                "rejected": line.rejected,
                "noise": [noise.value for noise in line.noise],
            }
            for line in found.lines
        ],
    }


def _lines(found: Overview) -> Iterator[str]:
    yield ngettext(
        "Messages of the last day: %(messages)d",
        "Messages of the last %(days)d days: %(messages)d",
        found.span.days,
    ) % {"days": found.span.days, "messages": found.messages}
    if found.counted_from is not None and found.counted_from > found.span.first:
        yield _("Matches have been counted since %(day)s.") % {"day": found.counted_from.isoformat()}
    for line in found.lines:
        yield f"{line.policy.key}: {in_active_language(line.policy.name)} ({_mode(line)})"
        yield f"  {_counts(line)}"
        for remark in remarks(line.noise, line.record):
            yield f"  ! {remark.badge}: {remark.why} {remark.advice}"


def _mode(line: Line) -> str:
    if not line.policy.enabled:
        return _("switched off")
    return _("watches only") if line.policy.mode is Mode.WATCH else _("acts")


def _counts(line: Line) -> str:
    numbers = {"matched": line.matched, "held": line.kept, "alone": line.alone}
    if line.policy.mode is Mode.WATCH:
        return (
            _("matched %(matched)d, would be held %(held)d, %(alone)d of them only because of it") % numbers
        )
    numbers |= {"approved": line.approved, "rejected": line.rejected}
    return (
        _(
            "matched %(matched)d, held %(held)d, %(alone)d of them only because of it; approved %(approved)d, "
            "rejected %(rejected)d"
        )
        % numbers
    )
