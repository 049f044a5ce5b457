"""Writing many new rows at little cost, for the paths that every mail takes.

Nearly half of what accepting a mail cost was Django's compiling of each value for each INSERT and psycopg's search for
the placeholders in it. Here the values of the rows go to PostgreSQL as they are, in a statement that is made once for a
number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import AutoField, BigAutoField, JSONField, Model
from psycopg import RawCursor
from psycopg.types.json import Jsonb

# What PostgreSQL's protocol can count.
_MOST_PARAMETERS = 65_535


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a model's table that a new row brings with it."""

    table: str
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    json: frozenset[str]

    @property
    def most_rows(self) -> int:
        return _MOST_PARAMETERS // len(self.columns)


def insert_all(rows: Sequence[Model]) -> None:
    """Write `rows`, all of one model, in the caller's transaction; keys that the database makes are not read back.

    Values must be of their columns' types: nothing is converted on the way.
    """
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._base_manager.bulk_create(rows)  # noqa: SLF001 - documented
        return
    columns = _columns(model)
    connection.ensure_connection()
    for start in range(0, len(rows), columns.most_rows):
        part = rows[start : start + columns.most_rows]
        # In the clothes of Django, which translate errors.
        with CursorWrapper(RawCursor(connection.connection), connection) as cursor:
            cursor.execute(_statement(model, len(part)), _values(part, columns))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - documented


def _values(rows: Sequence[Model], columns: _Columns) -> list[Any]:
    values: list[Any] = []
    for row in rows:
        given = row.__dict__
        values += [given[name] for name in columns.attributes]
        for name in columns.json:
            place = columns.attributes.index(name) - len(columns.attributes)
            if values[place] is not None:
                values[place] = Jsonb(values[place])
    return values


@cache
def _columns(model: type[Model]) -> _Columns:
    options = model._meta  # noqa: SLF001 - documented
    fields = [
        field
        for field in options.concrete_fields
        if not (field.primary_key and isinstance(field, AutoField | BigAutoField))
    ]
    return _Columns(
        table=options.db_table,
        columns=tuple(str(field.column) for field in fields),
        attributes=tuple(field.attname for field in fields),
        json=frozenset(field.attname for field in fields if isinstance(field, JSONField)),
    )


@lru_cache(maxsize=500)
def _statement(model: type[Model], rows: int) -> str:
    columns = _columns(model)
    width = len(columns.columns)
    places = ", ".join(
        f"({', '.join(f'${number}' for number in range(start + 1, start + width + 1))})"
        for start in range(0, rows * width, width)
    )
    names = ", ".join(f'"{column}"' for column in columns.columns)
    return f'INSERT INTO "{columns.table}" ({names}) VALUES {places}'  # noqa: S608 - names of our own tables
