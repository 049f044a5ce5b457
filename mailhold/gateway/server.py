"""The SMTP process: settings and people in, signals handled, until it is told to stop."""

import asyncio
import ipaddress
import signal
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings
from django.utils.crypto import salted_hmac

from mailhold.gateway import accounts
from mailhold.gateway.listener import Listener, serve
from mailhold.gateway.options import Options, tls_context
from mailhold.gateway.sign_in import sign_in
from mailhold.gateway.submission import Accept

try:
    from uvloop import new_event_loop
except ImportError:
    # It does not exist for every platform; mail is only slower without it.
    from asyncio import new_event_loop

# Long enough that two installations never take each other's mail for a loop.
_INSTANCE_DIGITS = 20


def run_gateway(accept: Accept, *, binds: Sequence[str], heartbeat: Callable[[], None] | None = None) -> None:
    """Serve SMTP on `binds` until SIGTERM or SIGINT; then end what is under way, and return.

    A message is answered 250 only after `accept` has returned for it. `accept` runs in one thread of its own, with
    up to 100 submissions at once; when it raises, each of them is tried alone. `heartbeat` is called every 5 seconds
    in a thread. Raises WrongBindError and WrongCertificateError, which are sentences for the operator.
    """
    listener = Listener(
        options_from_settings(),
        accept,
        sign_in=partial(sign_in, authenticate=accounts.authenticate),
        sending_addresses=accounts.current_addresses,
    )
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve_until_signal(listener, binds, heartbeat))


async def _serve_until_signal(
    listener: Listener, binds: Sequence[str], heartbeat: Callable[[], None] | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(listener, binds, stop, heartbeat=heartbeat)


def options_from_settings() -> Options:
    """Return the settings as values; raise WrongCertificateError."""
    certificate, key = settings.SMTP_TLS_CERT, settings.SMTP_TLS_KEY
    return Options(
        hostname=smtp_name(settings.SMTP_HOSTNAME),
        postmaster_domain=settings.DOMAINS[0],
        instance=instance_mark(),
        max_bytes=settings.SMTP_MAX_BYTES,
        max_recipients=settings.SMTP_MAX_RECIPIENTS,
        max_connections=settings.SMTP_MAX_CONNECTIONS,
        max_connections_per_address=settings.SMTP_MAX_CONNECTIONS_PER_ADDRESS,
        timeout_seconds=settings.SMTP_TIMEOUT_SECONDS,
        tls=tls_context(certificate, key or certificate) if certificate else None,
        auth_without_tls=settings.SMTP_AUTH_WITHOUT_TLS,
        trusted_networks=tuple(settings.TRUSTED_NETWORKS),
    )


def smtp_name(hostname: str) -> str:
    """Return what we call ourselves: a name as it is, an IP address as the literal of RFC 5321 4.1.3."""
    try:
        address = ipaddress.ip_address(hostname)
    except ValueError:
        return hostname
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def instance_mark() -> str:
    """Return what marks mail of this installation: the same in all processes, and secret from nobody."""
    return salted_hmac("mailhold.gateway.trace", "instance").hexdigest()[:_INSTANCE_DIGITS]
