"""Wrong settings stop the start: each check ends in a sentence that says what to do.

What a single variable can be read as is checked in settings.py; here is what needs files, other packages, or two settings.
"""

import ipaddress
import os
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning as Caution
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from mailhold.binds import Bind, BindError, parse_bind
from mailhold.delivery.route import configured_route


def smtp_addresses(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """MAILHOLD_SMTP_BIND names addresses; those with TLS have a certificate."""
    binds, problems = _binds(settings.SMTP_BIND)
    if not settings.SMTP_BIND:
        problems.append(
            Error(
                "MAILHOLD_SMTP_BIND must name at least one address, such as 127.0.0.1:2525.",
                id="mailhold.E001",
            )
        )
    if any(bind.implicit_tls for bind in binds) and not settings.SMTP_TLS_CERT:
        problems.append(
            Error(
                "MAILHOLD_SMTP_BIND has an address with +tls, which needs MAILHOLD_SMTP_TLS_CERT and MAILHOLD_SMTP_TLS_KEY.",
                id="mailhold.E002",
            )
        )
    return problems


def _binds(words: Sequence[str]) -> tuple[list[Bind], list[CheckMessage]]:
    binds: list[Bind] = []
    problems: list[CheckMessage] = []
    for word in words:
        try:
            binds.append(parse_bind(word))
        except BindError as error:
            problems.append(Error(f"MAILHOLD_SMTP_BIND: {error}", id="mailhold.E001"))
    return binds, problems


def passwords_in_the_clear(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """AUTH without TLS beyond this machine is worth a warning."""
    if not settings.SMTP_AUTH_WITHOUT_TLS or all(
        _is_loopback(bind) for bind in _binds(settings.SMTP_BIND)[0]
    ):
        return []
    return [
        Caution(
            "MAILHOLD_SMTP_AUTH_WITHOUT_TLS=1 shows passwords to everyone on the network.",
            hint="Give MAILHOLD_SMTP_TLS_CERT and MAILHOLD_SMTP_TLS_KEY instead.",
            id="mailhold.W001",
        )
    ]


def _is_loopback(bind: Bind) -> bool:
    try:
        return ipaddress.ip_address(bind.host).is_loopback
    except ValueError:
        return bind.host == "localhost"


def certificate(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Certificate and key are given together, can be read, and belong together."""
    cert, key = settings.SMTP_TLS_CERT, settings.SMTP_TLS_KEY
    if not cert and not key:
        return []
    problem = _certificate_problem(cert, key)
    return [Error(problem, id="mailhold.E003")] if problem else []


def _certificate_problem(cert: str, key: str) -> str | None:
    if not (cert and key):
        return "MAILHOLD_SMTP_TLS_CERT and MAILHOLD_SMTP_TLS_KEY must be given together: two PEM files."
    for name, path in (("MAILHOLD_SMTP_TLS_CERT", cert), ("MAILHOLD_SMTP_TLS_KEY", key)):
        if not os.access(path, os.R_OK):
            return f"{name} names {path}, which is not there or cannot be read by this user."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        reason = error.reason or "no PEM"
        return f"MAILHOLD_SMTP_TLS_CERT and MAILHOLD_SMTP_TLS_KEY do not work together ({reason}): are both PEM, and of one pair?"
    return None


def smarthost(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """MAILHOLD_SMARTHOST can be read."""
    try:
        configured_route()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="mailhold.E004")]
    return []


def notice_address(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """MAILHOLD_NOTICE_ADDRESS is an address."""
    try:
        validate_email(settings.NOTICE_ADDRESS)
    except ValidationError:
        given = settings.NOTICE_ADDRESS
        return [Error(f"MAILHOLD_NOTICE_ADDRESS must be a mail address, not {given!r}.", id="mailhold.E006")]
    return []


def base_url(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """MAILHOLD_BASE_URL is scheme and host, without a path: the pages stand at the root."""
    parts = urlsplit(settings.BASE_URL)
    if (
        parts.scheme in {"http", "https"}
        and parts.hostname
        and not (parts.path or parts.query or parts.fragment)
    ):
        return []
    return [
        Error(
            f"MAILHOLD_BASE_URL must be http:// or https:// with a host and no path, not {settings.BASE_URL!r}.",
            id="mailhold.E007",
        )
    ]


def data_directory(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The data directory can be written, and its keys are not open to everybody."""
    if not os.access(settings.DATA_DIR, os.W_OK | os.X_OK):
        return [
            Error(
                f"MAILHOLD_DATA_DIR {settings.DATA_DIR} cannot be written by this user.", id="mailhold.E008"
            )
        ]
    return [
        Caution(f"{path} can be read by others.", hint=f"chmod 600 {path}", id="mailhold.W002")
        for path in _own_keys(settings.DATA_DIR)
        if path.stat().st_mode & 0o077
    ]


def _own_keys(directory: Path) -> list[Path]:
    return [path for path in (directory / "secret.key", directory / "sealing.keys") if path.exists()]


ALL = (
    smtp_addresses,
    passwords_in_the_clear,
    certificate,
    smarthost,
    notice_address,
    base_url,
    data_directory,
)
