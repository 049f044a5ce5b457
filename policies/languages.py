"""Texts in both languages, shown in the one that is active."""

from typing import TYPE_CHECKING, cast

from django.utils.functional import lazy
from django.utils.translation import get_language

from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_GROUPS
from policies.verdict import Text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


def in_active_language(text: Text) -> str:
    """Return `text` in the language of the request or of the command."""
    language = get_language() or ""
    return text.in_language("ja" if language.startswith("ja") else "en")


def localized(text: Text) -> "StrPromise":
    """Return `text` as a string that chooses its language when it is shown."""
    return cast("StrPromise", _lazily(text))


_lazily = lazy(in_active_language, str)


def condition_choices() -> "list[tuple[StrPromise, list[tuple[str, StrPromise]]]]":
    """Return the kinds of conditions for a form, under their headings."""
    return [
        (localized(heading), [(kind.code, localized(kind.label)) for kind in kinds])
        for heading, kinds in CONDITION_GROUPS
    ]


def action_choices() -> "list[tuple[str, StrPromise]]":
    """Return the kinds of actions for a form."""
    return [(kind.code, localized(kind.label)) for kind in ACTION_KINDS]
