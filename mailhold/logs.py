"""Log lines as JSON: identifiers, kinds of errors and places in the code, never content, addresses or link tokens."""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import InterfaceError, OperationalError

# The identifier of the web request that is being answered; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# Words that a caller may add to a line with `extra=`: identifiers and figures only.
EXTRAS = (
    "message_id",
    "hold_id",
    "person_id",
    "event",
    "count",
    "seconds",
    "method",
    "path",
    "status",
    "program",
)

# Whoever reads the log must not be able to use the links in it.
_SECRET_PATH = re.compile(
    r"(/(?:a|d|l|setup|accounts/password/reset/key|accounts/confirm-email)/)[^/\s?\"']+"
)

# django-q2 writes a failed task's error text, which may quote what the task worked on.
_FAILED_TASK = re.compile(r"^(Failed '.*?' \(.*?\)) - .*", re.DOTALL)


def without_secrets(text: str) -> str:
    """Return `text` with the secret part of link addresses replaced by `***`."""
    return _SECRET_PATH.sub(r"\1***", text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and what identifies the work at hand."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({name: _plain(getattr(record, name)) for name in EXTRAS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name.startswith("django-q"):
        message = _FAILED_TASK.sub(r"\1", message)
    return without_secrets(message)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | None) else without_secrets(str(value))


def describe(error: BaseException) -> dict[str, Any]:
    """Return the kind of `error`, where it arose, and its text where that can hold nothing of a mail."""
    described: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    text = _safe_text(error)
    if text:
        described["text"] = text
    described["stack"] = _stack(error.__traceback__)
    if error.__cause__ is not None:
        described["cause"] = describe(error.__cause__)
    return described


def _safe_text(error: BaseException) -> str:
    # Any other error's text may quote the value that it is about: a subject, an address, a whole row.
    if isinstance(
        error, ImproperlyConfigured | CommandError | OperationalError | InterfaceError | ImportError
    ):
        return without_secrets(str(error).strip().partition("\n")[0])
    if isinstance(error, OSError):
        return (
            error.strerror if isinstance(error.strerror, str) and type(error).__module__ == "builtins" else ""
        )
    return ""


def _stack(tb: TracebackType | None) -> list[str]:
    frames = traceback.StackSummary.extract(traceback.walk_tb(tb), lookup_lines=False)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
