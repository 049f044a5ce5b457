"""Versions on pages: their files line by line without what stays, and what they changed in brief."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from mailhold.mime.diff import Kind, Row
from policies.telling import told

# Lines that stay the same around those that do not.
_AROUND = 3
# Differences that a list shows of a version.
_BRIEF = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """So many equal lines that are not shown."""

    count: int


def shortened(rows: list[Row]) -> list[Row | Gap]:
    """Return the rows that changed with a few around them, and a gap for each stretch between."""
    near = [False] * len(rows)
    for place, row in enumerate(rows):
        if row.kind is not Kind.SAME:
            first, last = max(0, place - _AROUND), min(len(rows), place + _AROUND + 1)
            near[first:last] = [True] * (last - first)
    found: list[Row | Gap] = []
    for row, shown in zip(rows, near, strict=True):
        if shown:
            found.append(row)
        elif found and isinstance(found[-1], Gap):
            found[-1] = Gap(found[-1].count + 1)
        else:
            found.append(Gap(1))
    return found


def in_brief(changes: list[dict[str, Any]] | None) -> SafeString:
    """Return the first differences of a version, one a line: what became of which policy, and what it says then."""
    lines = told((changes or [])[:_BRIEF])
    shown = format_html_join(
        "",
        "<li>{}: <bdi>{}</bdi><br><bdi>{}</bdi></li>",
        ((each.word, each.title or each.name, "; ".join(each.after or each.before)) for each in lines),
    )
    more = len(changes or []) - len(lines)
    rest = ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more} if more else ""
    return format_html(
        '<ul class="in-brief">{}{}</ul>', shown, format_html("<li>{}</li>", rest) if rest else ""
    )
