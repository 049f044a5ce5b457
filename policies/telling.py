"""What a change of the policies changed, in sentences that stay as they were when it was made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from policies.differences import Change, Difference
from policies.languages import in_active_language
from policies.verdict import Text

WORDS: dict[Change, str | Promise] = {
    Change.CREATED: pgettext_lazy("what became of a policy", "created"),
    Change.CHANGED: pgettext_lazy("what became of a policy", "changed"),
    Change.REMOVED: pgettext_lazy("what became of a policy", "removed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One difference in the words of the reader."""

    change: Change
    word: str
    name: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def kept(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """Return `differences` as plain JSON values."""
    return [
        {
            "change": each.change.value,
            "name": _both(each.name),
            "title": _both(each.title or Text("", "")),
            "before": [_both(line) for line in each.before],
            "after": [_both(line) for line in each.after],
        }
        for each in differences
    ]


def told(changes: Iterable[dict[str, Any]]) -> list[Told]:
    """Return what `kept` has kept, in the active language."""
    return [
        Told(
            change=Change(each["change"]),
            word=str(WORDS[Change(each["change"])]),
            name=_said(each["name"]),
            title=_said(each["title"]),
            before=tuple(_said(line) for line in each["before"]),
            after=tuple(_said(line) for line in each["after"]),
        )
        for each in changes
    ]


def _both(text: Text) -> list[str]:
    return [text.ja, text.en]


def _said(pair: list[str]) -> str:
    return in_active_language(Text(*pair))
