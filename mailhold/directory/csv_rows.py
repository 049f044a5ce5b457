"""Reading a CSV file of people, without a look at the directory: bytes in, rows or problems out."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from mailhold.directory.exceptions import Problem
from mailhold.directory.models import Person, fold_address

COLUMNS = (
    "address",
    "name",
    "department",
    "manager",
    "active",
    "language",
    "further_addresses",
    "joined_on",
)
YES = frozenset({"", "1", "yes", "true", "active", "はい", "有効"})
NO = frozenset({"0", "no", "false", "inactive", "いいえ", "無効"})
# Spreadsheets rewrite dates in the way of their country.
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d")
LONGEST_TEXT = 200
LONGEST_ADDRESS = 254

_Record = tuple[int, list[str]]
_valid_address = EmailValidator()


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the file.

    `values` are fields of `importing.Entered`. What the file has no column for is not among them and stays as it is.
    """

    line: int
    address: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: its rows, and what is wrong with it.

    With any problem the file is not imported; the rows then only serve to find the other problems.
    """

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_sheet(content: bytes) -> Sheet:
    """Return the people in `content`: CSV with a header line, in UTF-8 (with or without BOM) or cp932."""
    text = _decoded(content)
    if text is None:
        return _refused(1, _("The file is neither UTF-8 nor Shift_JIS (cp932)."))
    lines = _records(text)
    header = next(lines, None)
    if isinstance(header, Problem):
        return Sheet((), (header,))
    if header is None:
        return _refused(1, _("The file is empty; its first line must name the columns."))
    columns = [cell.strip().lower() for cell in header[1]]
    wrong = tuple(_header_problems(header[0], columns))
    if wrong:
        return Sheet((), wrong)
    return _read_rows(columns, lines)


def _read_rows(columns: Sequence[str], lines: Iterable[_Record | Problem]) -> Sheet:
    rows: list[Row] = []
    problems: list[Problem] = []
    for record in lines:
        if isinstance(record, Problem):
            problems.append(record)
            continue
        reader = _RowReader(record[0], columns, record[1])
        row = reader.row()
        problems += reader.problems
        if row is not None and row.address:
            rows.append(row)
    return Sheet(tuple(rows), tuple(problems))


def _refused(line: int, sentence: str) -> Sheet:
    return Sheet((), (Problem(line, sentence),))


def _decoded(content: bytes) -> str | None:
    for charset in ("utf-8-sig", "cp932"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    return None


def _records(text: str) -> Iterator[_Record | Problem]:
    """Give each record with the line on which it begins; a cell may span lines. Empty records are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        yield Problem(line, _("This is not CSV: %(error)s.") % {"error": error})


def _header_problems(line: int, columns: Sequence[str]) -> Iterator[Problem]:
    for column in dict.fromkeys(columns):
        if column not in COLUMNS:
            known = ", ".join(COLUMNS)
            sentence = _("There is no column “%(column)s”; the columns are %(known)s.")
            yield Problem(line, sentence % {"column": column, "known": known})
        elif columns.count(column) > 1:
            yield Problem(line, _("The column “%(column)s” is there twice.") % {"column": column})
    if "address" not in columns:
        yield Problem(line, _("The column “address” is missing."))


class _RowReader:
    """Reads the cells of one record and gathers everything that is wrong with them."""

    def __init__(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> None:
        self.line = line
        self.problems: list[Problem] = []
        self.whole = len(cells) == len(columns)
        self.cells = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if not self.whole:
            sentence = _("There are %(found)d cells, but %(expected)d columns.")
            self._refuse(sentence % {"found": len(cells), "expected": len(columns)})

    def row(self) -> Row | None:
        """Return the person, with whatever could be read of it; None where cells and columns do not match."""
        if not self.whole:
            return None
        address = self._address(self.cells["address"])
        values = {
            column: convert(self.cells[column])
            for column, convert in self._conversions().items()
            # An empty language stays as it is too.
            if column in self.cells and (self.cells[column] or column != "language")
        }
        return Row(self.line, address, values)

    def _conversions(self) -> dict[str, Callable[[str], object]]:
        return {
            "name": self._text,
            "department": self._text,
            "manager": self._manager,
            "active": self._active,
            "language": self._language,
            "further_addresses": self._further,
            "joined_on": self._date,
        }

    def _refuse(self, sentence: str) -> None:
        self.problems.append(Problem(self.line, sentence))

    def _address(self, cell: str) -> str:
        """Return the folded address, or nothing where it is none."""
        try:
            _valid_address(cell)
        except ValidationError:
            self._refuse(_("“%(cell)s” is not a mail address.") % {"cell": cell[:LONGEST_ADDRESS]})
            return ""
        if len(cell) > LONGEST_ADDRESS:
            self._refuse(_("“%(cell)s…” is longer than an address may be.") % {"cell": cell[:30]})
        return fold_address(cell)

    def _manager(self, cell: str) -> str:
        return self._address(cell) if cell else ""

    def _further(self, cell: str) -> frozenset[str]:
        addresses = (self._address(part.strip()) for part in cell.split(";") if part.strip())
        return frozenset(address for address in addresses if address)

    def _text(self, cell: str) -> str:
        if len(cell) > LONGEST_TEXT:
            self._refuse(_("“%(cell)s…” is longer than 200 characters.") % {"cell": cell[:30]})
        if not cell.isprintable():
            self._refuse(_("A name may not hold control characters or line breaks."))
        return cell

    def _active(self, cell: str) -> bool:
        word = cell.lower()
        if word not in YES | NO:
            self._refuse(_("“active” must be yes or no, not “%(cell)s”.") % {"cell": cell[:30]})
        return word in YES

    def _language(self, cell: str) -> str:
        if cell.lower() not in Person.Language.values:
            self._refuse(_("“language” must be ja or en, not “%(cell)s”.") % {"cell": cell[:30]})
        return cell.lower()

    def _date(self, cell: str) -> date | None:
        if not cell:
            return None
        for form in DATE_FORMATS:
            try:
                return datetime.strptime(cell, form).date()  # noqa: DTZ007  (a day has no zone)
            except ValueError:
                continue
        self._refuse(
            _("“joined_on” must be a date such as 2026-04-01, not “%(cell)s”.") % {"cell": cell[:30]}
        )
        return None
