"""A database connection that breaks costs at most the batch it broke in."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from mailhold.gateway.committer import Committer
from mailhold.gateway.models import LoginFailure
from mailhold.gateway.submission import Submission


def submission(number):
    return Submission(
        id=uuid.uuid4(),
        received_at=datetime.now(UTC),
        reverse_path=f"a{number}@x.test",
        forward_paths=(),
        content=b"\r\n",
        trace_header="",
    )


def accept(batch):
    now = datetime.now(UTC)
    LoginFailure.objects.bulk_create(
        LoginFailure(key=message.reverse_path, failures=1, window_started_at=now) for message in batch
    )


def break_connection():
    if connection.vendor != "postgresql":
        pytest.skip("only a connection to a server can be cut from outside")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()


@pytest.mark.django_db(transaction=True)
def test_connection_cut_between_two_batches_is_replaced_unnoticed():
    committer = Committer(accept)
    assert committer._commit_batch([submission(1)]) == [None]
    break_connection()
    assert committer._commit_batch([submission(2), submission(3)]) == [None, None]
    assert LoginFailure.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_connection_cut_within_a_batch_is_replaced_for_each_alone():
    cut = []

    def accept_and_cut(batch):
        accept(batch[:1])
        if not cut:
            cut.append(True)
            LoginFailure.objects.all().delete()
            break_connection()
        accept(batch[1:])

    assert Committer(accept_and_cut)._commit_batch([submission(1), submission(2)]) == [None, None]
    assert LoginFailure.objects.count() == 2
