import json
import logging
import smtplib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError

from mailhold.logs import JsonFormatter, describe, request_id, without_secrets


def line(message, *args, level=logging.INFO, name="mailhold.test", error=None, **extra):
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, level, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    return json.loads(JsonFormatter().format(record))


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_line_says_when_how_grave_who_and_what():
    found = line("stored %d", 3)
    assert found["level"] == "info"
    assert found["logger"] == "mailhold.test"
    assert found["message"] == "stored 3"
    assert found["time"].endswith("+00:00")


def test_a_line_carries_the_identifiers_of_the_work():
    assert line("x", hold_id="h1", message_id="m1")["hold_id"] == "h1"


def test_a_line_carries_the_request_that_caused_it():
    token = request_id.set("r1")
    assert line("x")["request_id"] == "r1"
    request_id.reset(token)
    assert "request_id" not in line("x")


def test_an_extra_that_nobody_named_does_not_get_in():
    assert "subject" not in line("x", subject="Our secret merger")


def test_the_text_of_an_unknown_error_stays_out():
    found = line("failed", error=raised(ValueError("Subject: Our secret merger")))
    assert "merger" not in json.dumps(found)
    assert found["error"]["type"] == "builtins.ValueError"
    assert "test_logs.py" in found["error"]["stack"][0]


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("Key (email)=(alice@example.test) exists"),
        smtplib.SMTPDataError(550, b"alice@example.test"),
    ],
)
def test_addresses_in_errors_stay_out(error):
    assert "alice" not in json.dumps(describe(raised(error)))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OperationalError("connection refused\nmore"), "connection refused"),
        (ImproperlyConfigured("MAILHOLD_X must be a number."), "MAILHOLD_X must be a number."),
        (FileNotFoundError(2, "No such file", "/somewhere"), "No such file"),
    ],
)
def test_the_text_of_an_error_that_tells_an_operator_what_to_do_is_shown(error, text):
    assert describe(raised(error))["text"] == text


def test_the_error_that_led_to_an_error_is_shown():
    error = RuntimeError("b")
    error.__cause__ = KeyError("a")
    assert describe(error)["cause"]["type"] == "builtins.KeyError"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/a/s3cr3t-token/", "/a/***/"),
        ("Internal Server Error: /setup/abc", "Internal Server Error: /setup/***"),
        ("/accounts/password/reset/key/1-abc/ x", "/accounts/password/reset/key/***/ x"),
        ("/m/0192-aa/", "/m/0192-aa/"),
    ],
)
def test_link_tokens_are_masked(address, shown):
    assert without_secrets(address) == shown


def test_the_error_text_of_a_failed_task_stays_out():
    found = line(
        "Failed 'approvals.tasks.screen' (blue-two) - Our secret merger : Traceback", name="django-q"
    )
    assert found["message"] == "Failed 'approvals.tasks.screen' (blue-two)"
