"""Addresses to listen on, as the settings write them."""

import errno
import socket
from dataclasses import dataclass


class BindError(ValueError):
    """An address to listen on that cannot be used; its text says why and what to do."""


@dataclass(frozen=True)
class Bind:
    """A host (an IP address or a name; empty for all addresses), a port, and whether TLS begins at once."""

    host: str
    port: int
    implicit_tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_bind(text: str) -> Bind:
    """Return the address that `text` names: `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, with `+tls` for implicit TLS."""
    address, plus, suffix = text.partition("+")
    if plus and suffix != "tls":
        raise BindError(f"{text!r} ends in +{suffix}; the only suffix is +tls.")
    host, colon, port = address.rpartition(":")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise BindError(f"{text!r} needs brackets around its IPv6 address, such as [::1]:2525.")
    if not colon or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65_535:
        raise BindError(f"{text!r} must be HOST:PORT with a port from 1 to 65535, such as 127.0.0.1:2525.")
    return Bind(host.strip("[]"), int(port), implicit_tls=bool(plus))


def ensure_free(bind: Bind) -> None:
    """Raise BindError where a server could not listen on `bind` now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            bind.host or None, bind.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise BindError(f"{bind} cannot be used: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another process listens there already. Stop it, or choose another port."
        case errno.EACCES:
            return "ports below 1024 need a right that this user has not (systemd: CAP_NET_BIND_SERVICE)."
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address."
        case _:
            return f"{error.strerror}."
