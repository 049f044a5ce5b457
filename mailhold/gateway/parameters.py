"""Parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954), DSN (RFC 3461). Pure."""

import re
from dataclasses import dataclass

from mailhold.gateway import replies
from mailhold.gateway.exceptions import RefusedError

_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\Z")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*\Z")
# Under SMTPUTF8 the original recipient may hold its letters as they are (RFC 6533 3).
_UTF8_XTEXT = re.compile(r"(?:[!-*,-<>-~\u00a0-\ud7ff\ue000-\U0010ffff]|\+[0-9A-F]{2})*\Z")
_SIZE = re.compile(r"[0-9]{1,20}\Z")
_LONGEST_ENVID = 100
_LONGEST_ORCPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParameters:
    """What MAIL declared; `size` in octets, 0 where none was given."""

    size: int = 0
    eightbit: bool = False
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RcptParameters:
    """What RCPT declared; ORCPT stays in the xtext form in which it came."""

    notify: str = ""
    orcpt: str = ""


_NO_MAIL_PARAMETERS = MailParameters()
_NO_RCPT_PARAMETERS = RcptParameters()


def mail_parameters(text: str) -> MailParameters:
    """Return the parameters that follow the reverse path; raise RefusedError (501, 555)."""
    if not text:
        return _NO_MAIL_PARAMETERS
    given = _split(text)
    parsed = MailParameters(
        size=_size(given.pop("SIZE", "0")),
        eightbit=_choice(given.pop("BODY", "7BIT"), {"7BIT", "8BITMIME"}) == "8BITMIME",
        smtputf8=_flag(given.pop("SMTPUTF8", False)),
        ret=_choice(given.pop("RET", "FULL"), {"FULL", "HDRS"}) if "RET" in given else "",
        envid=_envid(given.pop("ENVID", "")),
    )
    # Who first submitted the message is for servers that trust each other: we do not, and may ignore it.
    _checked_xtext(given.pop("AUTH", ""))
    _nothing_left(given)
    return parsed


def rcpt_parameters(text: str, *, smtputf8: bool) -> RcptParameters:
    """Return the parameters that follow the forward path; raise RefusedError (501, 555)."""
    if not text:
        return _NO_RCPT_PARAMETERS
    given = _split(text)
    parsed = RcptParameters(
        notify=_notify(given.pop("NOTIFY", "")), orcpt=_orcpt(given.pop("ORCPT", ""), smtputf8=smtputf8)
    )
    _nothing_left(given)
    return parsed


def _split(text: str) -> dict[str, str | None]:
    """Return keyword (upper case) and value (None where there is no `=`) of each parameter."""
    given: dict[str, str | None] = {}
    for word in text.split():
        keyword, equals, value = word.partition("=")
        if not _KEYWORD.match(keyword) or keyword.upper() in given or (equals and not value):
            raise RefusedError(replies.BAD_ARGUMENT)
        given[keyword.upper()] = value if equals else None
    return given


def _nothing_left(given: dict[str, str | None]) -> None:
    if given:
        raise RefusedError(replies.UNKNOWN_PARAMETER)


def _size(value: str | None) -> int:
    if value is None or not _SIZE.match(value):
        raise RefusedError(replies.BAD_ARGUMENT)
    return int(value)


def _choice(value: str | None, allowed: set[str]) -> str:
    if value is None or value.upper() not in allowed:
        raise RefusedError(replies.BAD_ARGUMENT)
    return value.upper()


def _flag(value: str | bool | None) -> bool:
    if isinstance(value, str):
        raise RefusedError(replies.BAD_ARGUMENT)
    return value is None


def _checked_xtext(value: str | None, pattern: re.Pattern[str] = _XTEXT) -> str:
    if value is None or not pattern.match(value):
        raise RefusedError(replies.BAD_ARGUMENT)
    return value


def _envid(value: str | None) -> str:
    envid = _checked_xtext(value)
    if len(envid) > _LONGEST_ENVID:
        raise RefusedError(replies.BAD_ARGUMENT)
    return envid


def _notify(value: str | None) -> str:
    words = [] if value == "" else (value or "?").upper().split(",")
    known = {"SUCCESS", "FAILURE", "DELAY"}
    if words != ["NEVER"] and (len(set(words)) != len(words) or not known.issuperset(words)):
        raise RefusedError(replies.BAD_ARGUMENT)
    return ",".join(words)


def _orcpt(value: str | None, *, smtputf8: bool) -> str:
    if value == "":
        return ""
    kind, semicolon, address = (value or "").partition(";")
    if not semicolon or not address or not _KEYWORD.match(kind) or len(value or "") > _LONGEST_ORCPT:
        raise RefusedError(replies.BAD_ARGUMENT)
    _checked_xtext(address, _UTF8_XTEXT if smtputf8 else _XTEXT)
    return f"{kind};{address}"
