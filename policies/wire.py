"""Plain values over a pipe: frozen dataclasses to JSON and back, by their annotations. Pure.

JSON and not pickle, since whoever might take over the process at the other end must not gain anything here by it.
"""

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

T = TypeVar("T")


class WireError(Exception):
    """What came over the pipe is not what was promised."""


def encode(value: Any) -> bytes:
    """Return `value` as JSON; lone surrogates, which JSON may carry, come back as they were."""
    return json.dumps(_plain(value), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def decode(kind: type[T], wire: bytes) -> T:
    """Return the value of type `kind` that `wire` holds, or raise WireError."""
    try:
        made: T = _made(kind, json.loads(wire))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"no {kind.__name__}: {type(error).__name__}") from error
    return made


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _made(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in {Union, types.UnionType}:
        return (
            None
            if value is None
            else _made(next(each for each in arguments if each is not type(None)), value)
        )
    if origin in {tuple, frozenset}:
        return origin(_made(arguments[0], item) for item in _checked(list, value))
    if origin is not None and issubclass(origin, Mapping):
        return {key: _made(arguments[1], item) for key, item in _checked(dict, value).items()}
    if is_dataclass(kind):
        given, make = _checked(dict, value), typing.cast("Any", kind)
        # A field that is not there is left to its default; without one, nothing can be made.
        return make(
            **{name: _made(hint, given[name]) for name, hint in _hints(make).items() if name in given}
        )
    return _of_text(kind, value) if issubclass(kind, Enum | date | time) else _checked(kind, value)


def _of_text(kind: Any, value: Any) -> Any:
    return kind(value) if issubclass(kind, Enum) else kind.fromisoformat(_checked(str, value))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _checked(kind: Any, value: Any) -> Any:
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__} where a {kind.__name__} was promised")
    return value
