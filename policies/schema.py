"""The JSON Schema of policy files, made from the kinds themselves, so that editors can help with them. Pure."""

from collections.abc import Sequence
from typing import Any

from policies.actions.add_header import LONGEST_HEADER
from policies.actions.registry import ACTION_KINDS
from policies.actions.risk import MOST_POINTS
from policies.actions.tag import LONGEST_TAG
from policies.conditions.kind import LONGEST_VALUE, MOST_VALUES, ConditionKind
from policies.conditions.registry import CONDITION_KINDS
from policies.file_reading import CHOOSE, FORMAT, LIST_KEYS, MOST_ENTRIES, MOST_POLICIES, RISK_KEYS
from policies.file_tests import ATTACHMENT_KEYS, MOST_TESTS, Outcome
from policies.keys import KEY_PATTERN, LAST_PRIORITY, LONGEST_DESCRIPTION, LONGEST_KEY, LONGEST_NAME
from policies.parameters import Parameter
from policies.reference import STANDARD_HOURS, WEEKDAYS
from policies.spec import Mode
from policies.verdict import Approvers, LinkLevel, Text

_DURATION = {
    "type": ["string", "integer"],
    "description": "A time such as 30s, 5m, 24h, 7d, or a number of seconds.",
}
_SWITCH = {"type": "boolean"}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_BOTH = {
    "type": "object",
    "properties": {"ja": {"type": "string"}, "en": {"type": "string"}},
    "additionalProperties": False,
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "seconds": {"for": _DURATION},
    "sender_may_send_now": {"sender_may_send_now": _SWITCH},
    "approvers": {"approvers": {"enum": [str(each) for each in Approvers]}},
    "ids": {
        "persons": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "department": {"type": "string"},
    },
    "needed": {"needed": {"type": "integer", "minimum": 1}},
    "deadline_seconds": {"deadline": _DURATION},
    "link_level": {"link": {"enum": [str(each) for each in LinkLevel]}},
    "allow_self": {"allow_self": _SWITCH},
    "text": {"text": _BOTH},
    "points": {"points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}},
    "header": {"header": {"type": "string", "maxLength": LONGEST_HEADER}},
    "address": {"address": {"type": "string", "maxLength": 320}},
    "tag": {"tag": {"type": "string", "minLength": 1, "maxLength": LONGEST_TAG}},
}
_REQUIRED = {
    "points": "points",
    "header": "header",
    "address": "address",
    "tag": "tag",
    "seconds": "for",
    "deadline_seconds": "deadline",
    "approvers": "approvers",
    "text": "text",
}


def build_schema() -> dict[str, Any]:
    """Return the schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailhold policies",
        "type": "object",
        "required": ["format", "policies"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "rules": _rules(),
            "lists": {"type": "array", "items": {"$ref": "#/$defs/list"}},
            "calendars": {"type": "array", "items": {"$ref": "#/$defs/calendar"}},
            "policies": {"type": "array", "maxItems": MOST_POLICIES, "items": {"$ref": "#/$defs/policy"}},
            "tests": {"type": "array", "maxItems": MOST_TESTS, "items": {"$ref": "#/$defs/test"}},
        },
        "$defs": {
            "policy": _policy(),
            "condition": _conditions(),
            "action": _actions(),
            "list": _list(),
            "calendar": _calendar(),
            "test": _test(),
            "message": _message(),
            "expectation": _expectation(),
        },
    }


def _rules() -> dict[str, Any]:
    points = {"type": "integer", "minimum": 1}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "choose": {"enum": list(CHOOSE), "default": CHOOSE[0]},
            "risk": {
                "type": "object",
                "required": list(RISK_KEYS),
                "additionalProperties": False,
                "properties": dict.fromkeys(RISK_KEYS, points),
            },
        },
    }


def _list() -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(LIST_KEYS),
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
            "entries": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ENTRIES},
        },
    }


def _calendar() -> dict[str, Any]:
    span = {"type": "string", "description": "A span such as 09:00-18:00; a day left out is closed."}
    return {
        "type": "object",
        "required": ["name", "hours"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
            "default": _SWITCH,
            "time_zone": {"type": "string", "default": STANDARD_HOURS.time_zone},
            "hours": {
                "type": "object",
                "additionalProperties": False,
                "properties": dict.fromkeys(WEEKDAYS, span),
            },
            "holidays": {"type": "boolean", "default": True},
            "closed": {"type": "array", "items": {"type": "string"}},
        },
    }


def _test() -> dict[str, Any]:
    expectation = {"$ref": "#/$defs/expectation"}
    return {
        "type": "object",
        "description": "A message, and what must become of it under the policies of this file.",
        "required": ["name", "message", "expect"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "maxLength": LONGEST_NAME},
            "message": {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/message"}]},
            "sender": {"type": "string"},
            "recipients": _TEXTS,
            "expect": {
                "oneOf": [
                    {"enum": [str(each) for each in Outcome]},
                    expectation,
                    {"type": "array", "minItems": 1, "items": expectation},
                ]
            },
        },
    }


def _message() -> dict[str, Any]:
    addresses = {"oneOf": [{"type": "string"}, _TEXTS]}
    text = {"type": "string"}
    attachment = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": dict.fromkeys(ATTACHMENT_KEYS, text),
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **dict.fromkeys(("from", "to", "cc"), addresses),
            **dict.fromkeys(("subject", "body"), text),
            "attachments": {"type": "array", "items": attachment},
        },
    }


def _expectation() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["outcome"],
        "additionalProperties": False,
        "properties": {
            "recipients": _TEXTS,
            "outcome": {"enum": [str(each) for each in Outcome]},
            "by": {**_TEXTS, "description": "Keys of policies that must all match; an empty list: none may."},
        },
    }


def _policy() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["key", "name", "actions"],
        "additionalProperties": False,
        "properties": {
            "key": {"type": "string", "pattern": f"^{KEY_PATTERN}$", "maxLength": LONGEST_KEY},
            "name": {
                "type": "object",
                "required": ["ja", "en"],
                "additionalProperties": False,
                "properties": {
                    each: {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
                    for each in ("ja", "en")
                },
            },
            "description": {"type": "string", "maxLength": LONGEST_DESCRIPTION},
            "priority": {"type": "integer", "minimum": 0, "maximum": LAST_PRIORITY, "default": 100},
            "enabled": {"type": "boolean", "default": True},
            "mode": {"enum": [str(each) for each in Mode], "default": "enforce"},
            "scope": {"default": "everyone", "oneOf": [{"const": "everyone"}, _scope()]},
            "conditions": {"type": "array", "items": {"$ref": "#/$defs/condition"}},
            "exceptions": {"type": "array", "items": {"$ref": "#/$defs/condition"}},
            "actions": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/action"}},
            "stop": {"type": "boolean", "default": False},
        },
    }


def _scope() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {"people": texts, "departments": texts},
    }


def _conditions() -> dict[str, Any]:
    return {"oneOf": [_condition(kind) for kind in CONDITION_KINDS]}


def _condition(kind: ConditionKind) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if kind.choices:
        properties["choice"] = {"enum": [choice.code for choice in kind.choices]}
    if kind.number:
        properties["number"] = {"type": "integer", "minimum": kind.number.least, **_described(kind.number)}
    if kind.values:
        value = {"type": ["string", "number"], "maxLength": LONGEST_VALUE}
        bounds = {"minItems": 1, "maxItems": MOST_VALUES}
        properties["values"] = {"type": "array", "items": value, **bounds, **_described(kind.values)}
    optional = {"values"} if kind.values and kind.values.optional else set()
    return _kind(kind.code, kind.help, properties, [name for name in properties if name not in optional])


def _described(parameter: Parameter) -> dict[str, str]:
    return {"description": f"{parameter.label.en}: {parameter.help.en}"}


def _actions() -> dict[str, Any]:
    found = []
    for kind in ACTION_KINDS:
        properties: dict[str, Any] = {}
        for name in sorted(kind.takes):
            properties |= _PARAMETERS[name]
        if "approvers" not in kind.takes:
            properties.pop("department", None)
        required = [key for name, key in _REQUIRED.items() if name in kind.takes]
        found.append(_kind(kind.code, kind.help, properties, required))
    return {"oneOf": found}


def _kind(
    code: str, explanation: Text, properties: dict[str, Any], required: Sequence[str]
) -> dict[str, Any]:
    return {
        "type": "object",
        "description": explanation.en,
        "required": ["kind", *required],
        "additionalProperties": False,
        "properties": {"kind": {"const": code}, **properties},
    }
