"""Where released mail goes: the smarthost as the settings name it."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Tls(StrEnum):
    """How the connection is protected."""

    REQUIRED = "required"  # STARTTLS, certificate and host name verified
    OPPORTUNISTIC = "opportunistic"  # STARTTLS where offered, with any certificate (RFC 7435)
    OFF = "off"
    IMPLICIT = "implicit"  # TLS from the first octet (RFC 8314), verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The next hop. `ca_file` names a PEM file of authorities to trust instead of the system's."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def verified(self) -> bool:
        """Whether the certificate must be right."""
        return self.tls in {Tls.REQUIRED, Tls.IMPLICIT}

    def __str__(self) -> str:
        """Return host and port, which is what people may see of a route."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_PORTS: Mapping[str, int] = {"smtp": 25, "smtps": 465}
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,240}")
_SHAPE = "smtp://user:password@host:port?tls=required|opportunistic|off or smtps://user:password@host:port"


def configured_route() -> Route | None:
    """Return the smarthost of the settings, or None where released mail goes to the demo mailbox.

    Raises ImproperlyConfigured with a sentence where the setting is wrong.
    """
    if not settings.SMARTHOST:
        return None
    return parse_route(settings.SMARTHOST, settings.SMARTHOST_CA_FILE)


@lru_cache(maxsize=8)
def parse_route(url: str, ca_file: str = "") -> Route:
    """Return the route that `url` names; user and password are percent-decoded.

    Raises ImproperlyConfigured; its sentence never repeats the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong("is no address with a port from 1 to 65535") from error
    if parts.scheme not in _PORTS:
        raise _wrong("must begin with smtp:// or smtps://")
    user, password = _credentials(parts)
    return Route(
        host=_host(parts),
        port=_PORTS[parts.scheme] if port is None else _port(port),
        tls=_tls(parts),
        user=user,
        password=password,
        ca_file=_ca_file(ca_file),
    )


@lru_cache(maxsize=8)
def tls_context(*, verified: bool, ca_file: str) -> ssl.SSLContext:
    """Return the context for TLS to the next hop; made once, since loading the authorities costs milliseconds."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise ImproperlyConfigured(
            f"MAILHOLD_SMARTHOST_CA_FILE {ca_file} holds no certificates that can be read (PEM is expected)."
        ) from error
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _wrong(what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"MAILHOLD_SMARTHOST {what}; write {_SHAPE}.")


def _port(port: int) -> int:
    if not port:
        raise _wrong("is no address with a port from 1 to 65535")
    return port


def _host(parts: SplitResult) -> str:
    if parts.path not in {"", "/"} or parts.fragment:
        raise _wrong("has something after the host and port that does not belong there")
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or ".." in host or any(len(label) > 63 for label in host.split(".")):
        raise _wrong("names no host")
    return host


def _credentials(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _wrong("needs both a user and a password, or neither")
    if "\0" in user + password:
        raise _wrong("has a NUL in its user or password")
    return user, password


def _tls(parts: SplitResult) -> Tls:
    try:
        options = parse_qs(parts.query, strict_parsing=bool(parts.query), keep_blank_values=True)
    except ValueError as error:
        raise _wrong("has an option that cannot be read") from error
    if parts.scheme == "smtps":
        if options:
            raise _wrong("takes no options with smtps://, which always is TLS with a verified certificate")
        return Tls.IMPLICIT
    values = options.pop("tls", ["opportunistic"])
    if options:
        raise _wrong("has an option other than tls")
    if len(values) != 1 or values[0] not in {Tls.REQUIRED, Tls.OPPORTUNISTIC, Tls.OFF}:
        raise _wrong("must have tls=required, tls=opportunistic or tls=off")
    return Tls(values[0])


def _ca_file(path: str) -> str:
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(f"MAILHOLD_SMARTHOST_CA_FILE names {path}, which is no file.")
    return path
