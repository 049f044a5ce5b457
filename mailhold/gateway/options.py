"""What an operator sets for the gateway, as values."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from mailhold.gateway.exceptions import WrongBindError, WrongCertificateError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_TLS_MARK = "+tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of the gateway; sizes in bytes, times in seconds."""

    hostname: str
    # Where mail to `<postmaster>` without a domain goes.
    postmaster_domain: str
    # What marks mail that came through this installation, the same in all of its processes.
    instance: str
    max_bytes: int = 50 * 1024 * 1024
    max_recipients: int = 1000
    max_connections: int = 200
    max_connections_per_address: int = 100
    max_errors: int = 20
    max_memory: int = 512 * 1024 * 1024
    timeout_seconds: float = 300
    # How long messages that are under way may take after the process was told to stop.
    grace_seconds: float = 30
    tls: ssl.SSLContext | None = None
    auth_without_tls: bool = False
    trusted_networks: tuple[Network, ...] = field(default=())

    def trusts(self, peer_address: str) -> bool:
        """Say whether a client may send without signing in."""
        peer = ipaddress.ip_address(peer_address)
        return any(peer in network for network in self.trusted_networks)


@dataclass(frozen=True, slots=True)
class Bind:
    """An address to listen on; `implicit_tls` where TLS begins before the first line (RFC 8314 3.3)."""

    host: str
    port: int
    implicit_tls: bool


def parse_bind(text: str) -> Bind:
    """Return what `host:port`, `[v6]:port` or either with `+tls` names; raise WrongBindError."""
    host, colon, port = text.removesuffix(_TLS_MARK).rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise WrongBindError(
            f"{text!r} is no address to listen on, such as 127.0.0.1:2525 or 0.0.0.0:465+tls."
        )
    return Bind(host.strip("[]"), int(port), text.endswith(_TLS_MARK))


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """Return a server's context for TLS 1.2 and later; raise WrongCertificateError. Both are paths of PEM files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(Path(certificate), Path(key))
    except OSError as error:
        raise WrongCertificateError(
            f"The SMTP certificate {certificate} with the key {key} cannot be used: {error.strerror or error}."
        ) from error
    return context


def readable_peer(peername: object) -> str:
    """Return the IP address of a socket's other end; IPv4 inside IPv6 as IPv4, without a zone."""
    host = str(peername[0]).partition("%")[0] if isinstance(peername, tuple) else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # The peer was gone before we looked.
        return "0.0.0.0"  # noqa: S104 - a name for nobody, not an address to listen on
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
