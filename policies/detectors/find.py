"""What is sensitive in the pieces of a message, and where it stands."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from policies.detectors.addresses import address, postal_code
from policies.detectors.bank_accounts import bank_account, iban_account
from policies.detectors.birthdates import birthdate, lies_ahead
from policies.detectors.credentials import credential
from policies.detectors.document import Cell, Document, Label, Span, find_labels, read
from policies.detectors.email_addresses import email
from policies.detectors.finding import Finding
from policies.detectors.folding import Folded, fold
from policies.detectors.forms import form_cells
from policies.detectors.identity_papers import driver_license, passport
from policies.detectors.insurance import insured, insurer, pension
from policies.detectors.marks import confidential_mark
from policies.detectors.national_numbers import corporate_number, my_number, us_ssn
from policies.detectors.payment_cards import credit_card
from policies.detectors.people import person
from policies.detectors.phones import phone
from policies.detectors.tables import Grid, join
from policies.detectors.typed_tables import typed_cells
from policies.detectors.unnamed_columns import in_unnamed_columns
from policies.detectors.vocabulary import OTHER

MOST_CHARACTERS = 400_000  # of one piece, about 1 MB of Japanese; what comes after is not searched
MOST_OF_ALL = 1_000_000  # of all pieces together

_ALIGNED = " " * 3  # columns that are aligned by blanks

_Detector = Callable[[Document], Iterator[Span]]

# In the order in which they have the word where two find a value in the same place; credentials and e-mail addresses
# come before them, and names after.
_DETECTORS: tuple[_Detector, ...] = (
    iban_account,
    credit_card,
    corporate_number,
    my_number,
    driver_license,
    passport,
    pension,
    insurer,
    us_ssn,
    birthdate,
    address,
    phone,
    postal_code,
    bank_account,
    insured,
    confidential_mark,
)

_TYPES = """
MY_NUMBER CORPORATE_NUMBER CREDIT_CARD DRIVER_LICENSE PASSPORT HEALTH_INSURANCE HEALTH_INSURANCE_ID PENSION_NUMBER
BANK_ACCOUNT PHONE POSTAL_CODE ADDRESS EMAIL PERSON BIRTHDATE US_SSN CREDENTIAL CONFIDENTIAL_MARK IBAN
"""
TYPES = frozenset(_TYPES.split())
# Of these, forms and instructions show examples.
_SHOWN = TYPES - {
    "PHONE",
    "POSTAL_CODE",
    "ADDRESS",
    "EMAIL",
    "PERSON",
    "BIRTHDATE",
    "CREDENTIAL",
    "CONFIDENTIAL_MARK",
}


class Readable(Protocol):
    """A piece of `mailhold.mime.inspection`, as far as it is read here."""

    @property
    def where(self) -> str:
        """Subject, body, or the attachment."""

    @property
    def text(self) -> str:
        """Prose."""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """A table."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The text, or the table, of one piece; one of `folded` and `grid` is there."""

    piece: int
    where: str
    text: str
    labels: tuple[Label, ...]
    folded: Folded | None = None
    original: str = ""
    grid: Grid | None = None

    def document(self, topics: frozenset[str]) -> Document:
        cells = self.grid.cells if self.grid else self._typed()
        return read(self.text, cells, labels=self.labels, topics=topics)

    def _typed(self) -> tuple[Cell, ...]:
        aligned = self.folded is not None and _ALIGNED in self.text
        narrowed = self.folded.narrowed(self.original) if self.folded and aligned else frozenset[int]()
        return form_cells(self.text, tuple(typed_cells(self.text, narrowed)))

    def finding(self, span: Span) -> Finding:
        value = span.value or self.text[span.start : span.end]
        if self.grid:
            row, column = self.grid.places[bisect_right(self.grid.starts, span.start) - 1]
            return self._finding(span.type, value, row, column, table=True)
        start, end = self.folded.span(span.start, span.end) if self.folded else (span.start, span.end)
        return self._finding(span.type, value, start, end, table=False)

    def _finding(self, kind: str, value: str, start: int, end: int, *, table: bool) -> Finding:
        return Finding(
            type=kind, value=value, where=self.where, piece=self.piece, start=start, end=end, table=table
        )


def find(
    pieces: Sequence[Readable],
    *,
    own_domains: frozenset[str] = frozenset(),
    types: frozenset[str] | None = None,
    today: date | None = None,
) -> list[Finding]:
    """Return what is found in `pieces`, in their order; the same value twice in one piece counts twice.

    `own_domains` are those whose e-mail addresses are no finding. `types` names the types that are wanted, None for all.
    Dates later than `today`, where that is told, are none of birth.
    What goes beyond `MOST_CHARACTERS` or `MOST_OF_ALL` is not searched; `searched_whole` tells.
    """
    prepared = list(_all_prepared(pieces))
    topics = frozenset(label.kind for part in prepared for label in part.labels) - {OTHER}
    own = frozenset(domain.lower() for domain in own_domains)
    found = [part.finding(span) for part in prepared for span in _spans(part.document(topics), own)]
    kept = [one for one in _without_beginnings(found) if types is None or one.type in types]
    return [one for one in kept if not (today and one.type == "BIRTHDATE" and lies_ahead(one.value, today))]


def _without_beginnings(found: Sequence[Finding]) -> Iterator[Finding]:
    """Leave out secrets that a slide or a narrow cell cuts off, where they stand whole in the same file."""
    whole = {(one.where, one.value) for one in found if one.type == "CREDENTIAL"}
    for one in found:
        cut = one.type == "CREDENTIAL" and any(
            where == one.where and len(value) > len(one.value) and value.startswith(one.value)
            for where, value in whole
        )
        if not cut:
            yield one


def searched_whole(pieces: Sequence[Readable]) -> bool:
    """Tell whether `find` searches `pieces` to their ends."""
    sizes = [_size(piece) for piece in pieces]
    return all(size <= MOST_CHARACTERS for size in sizes) and sum(sizes) <= MOST_OF_ALL


def _size(piece: Readable) -> int:
    return len(piece.text) + sum(len(cell) + 1 for row in piece.rows for cell in row) + len(piece.rows)


def _all_prepared(pieces: Sequence[Readable]) -> Iterator[_Prepared]:
    left = MOST_OF_ALL
    for number, piece in enumerate(pieces):
        if left <= 0:
            return
        yield from _prepared(number, piece, min(left, MOST_CHARACTERS))
        left -= min(_size(piece), MOST_CHARACTERS)


def _prepared(number: int, piece: Readable, most: int) -> Iterator[_Prepared]:
    if piece.text:
        written = piece.text[:most]
        folded = fold(written)
        labels = find_labels(folded.text)
        yield _Prepared(number, piece.where, folded.text, labels, folded=folded, original=written)
    if piece.rows:
        grid = join(_bounded(piece.rows, most))
        yield _Prepared(number, piece.where, grid.folded, find_labels(grid.folded), grid=grid)


def _bounded(rows: Iterable[Sequence[str]], most: int) -> list[Sequence[str]]:
    kept: list[Sequence[str]] = []
    characters = 0
    for row in rows:
        characters += sum(len(cell) + 1 for cell in row) + 1
        if characters > most:
            break
        kept.append(row)
    return kept


def _spans(document: Document, own_domains: frozenset[str]) -> list[Span]:
    taken: list[Span] = []
    _take(taken, credential(document))
    _take(taken, email(document, own_domains))
    for detector in _DETECTORS:
        _take(taken, detector(document))
    _take(taken, in_unnamed_columns(document, tuple(taken)))
    _take(taken, person(document, tuple(taken)))
    return [span for span in taken if not _only_shows(document, span)]


def _only_shows(document: Document, span: Span) -> bool:
    """Tell whether the value stands there to show how to write one."""
    if span.type in _SHOWN:
        return document.is_example(span.start, span.end)
    return span.type in ("EMAIL", "PHONE") and document.is_shown(span.start)


def _take(taken: list[Span], found: Iterable[Span]) -> None:
    """Put into `taken`, which is in order of place, what overlaps nothing that is there."""
    for one in found:
        span = one
        at = bisect_right(taken, span.start, key=lambda other: other.start)
        before = at > 0 and taken[at - 1].end > span.start
        after = at < len(taken) and taken[at].start < span.end
        if after and not before and span.type == "ADDRESS" != taken[at].type:
            span, after = replace(span, end=taken[at].start), False
        if span.end > span.start and not before and not after:
            taken.insert(at, span)
