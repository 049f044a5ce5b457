from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from statements import counted_statements

from audit.models import Event
from mailhold.bulk import insert_all
from mailhold.directory.models import OwnDomain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def event(number=0, **details):
    return Event(tag=f"test:{number}", at=NOW, details=details)


def test_rows_are_written_in_their_order_with_one_statement():
    with counted_statements() as texts:
        insert_all([event(number, place=number, words=["はい", None]) for number in range(50)])
    assert len(texts) == 1
    found = Event.objects.order_by("id").values_list("tag", "at", "details", "block_id")
    assert list(found) == [
        (f"test:{number}", NOW, {"place": number, "words": ["はい", None]}, None) for number in range(50)
    ]


def test_more_rows_than_a_statement_takes_are_written_too():
    insert_all([event(number) for number in range(7000)])
    assert Event.objects.count() == 7000


def test_nothing_costs_nothing():
    with counted_statements() as texts:
        insert_all([])
    assert texts == []


def test_rows_are_known_to_be_written():
    row = OwnDomain(name="a.example")
    insert_all([row])
    assert not row._state.adding
    assert row._state.db == "default"


def test_errors_are_those_of_django():
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([OwnDomain(name="a.example"), OwnDomain(name="a.example")])
    assert not OwnDomain.objects.exists()


def test_what_postgresql_cannot_keep_is_an_error_of_django_too():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps NUL in text")
    with pytest.raises(DataError), transaction.atomic():
        insert_all([OwnDomain(name="a\0.example")])
