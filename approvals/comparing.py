"""What an edit changed: recipients of headers, attachments and text of the first and the newest revision."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Revision
from mailhold.mime.diff import Row, diff_text
from mailhold.mime.parse import ParsedMessage, parse


@dataclass(frozen=True, slots=True)
class ListChange:
    """What was taken out of and put into a list."""

    title: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that is different: lists first, then the text by lines."""

    lists: tuple[ListChange, ...]
    lines: tuple[Row, ...]


def changes_between(revisions: Sequence[Revision]) -> Changes | None:
    """Return what is different between the first and the last of `revisions`, None where there is only one."""
    if len(revisions) < 2:
        return None
    old, new = (parse(read_content(revision)) for revision in (revisions[0], revisions[-1]))
    lists = [
        _list(_("Subject"), [old.subject], [new.subject]),
        _list(_("Recipients"), _addresses(old), _addresses(new)),
        _list(_("Attachments"), [a.name for a in old.attachments], [a.name for a in new.attachments]),
    ]
    lines = tuple(diff_text(old.text, new.text)) if old.text != new.text else ()
    return Changes(tuple(change for change in lists if change.removed or change.added), lines)


def _addresses(parsed: ParsedMessage) -> list[str]:
    return [mailbox.address for mailbox in (*parsed.to, *parsed.cc)]


def _list(title: str, old: Sequence[str], new: Sequence[str]) -> ListChange:
    return ListChange(
        title,
        tuple(item for item in old if item not in new),
        tuple(item for item in new if item not in old),
    )
