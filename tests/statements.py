"""Counting statements, also those that Django's own log of queries does not see."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def counted_statements():
    """`with counted_statements() as texts` has in `texts` every statement of its block but BEGIN, SAVEPOINT and COMMIT."""
    texts = []

    def note(execute, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            texts.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield texts
