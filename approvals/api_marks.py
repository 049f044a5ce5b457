"""Marks as the API tells them: plain rows, for the very texts that stand beside them in the answer. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from approvals.marked import Span
from approvals.marking import HoldMarks
from mailhold.directory.models import fold_address
from policies.marks import Place


def mark_rows(
    marks: HoldMarks, *, subject: str, parsed_subject: str, addresses: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row for each place, by reasons.

    `subject` is the one in the answer, which may be shorter than the `parsed_subject` that was judged; `addresses` are those of
    the recipients, as they are written there. What only the HTML says is left out: it is in no text of the answer.
    """
    in_subject = [
        span
        for span in marks.subject
        if subject[span.start : span.end] == parsed_subject[span.start : span.end]
    ]
    found = [
        *_in_text(Place.SUBJECT, in_subject),
        *_in_text(Place.BODY, marks.body),
        *(
            _row(number, Place.ATTACHMENT, name=name, times=times)
            for number, files in marks.attachments.items()
            for name, times in files.items()
        ),
        *_named(Place.FILE, marks.files),
        *_named(Place.RECIPIENT, marks.recipients, {fold_address(each): each for each in addresses}),
    ]
    return sorted(found, key=lambda row: row["reason"])


def _in_text(place: Place, spans: Iterable[Span]) -> Iterator[dict[str, Any]]:
    for span in spans:
        yield _row(span.number, place, start=span.start, end=span.end)


def _named(
    place: Place, names: Mapping[int, Sequence[str]], written: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    for number, mine in names.items():
        for name in mine:
            yield _row(number, place, name=name if written is None else written.get(name, name))


def _row(number: int, place: Place, **where: Any) -> dict[str, Any]:
    return {"reason": number, "place": place.value, **where}
