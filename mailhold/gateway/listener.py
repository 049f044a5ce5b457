"""Listening: the sockets of one process, its sessions, and their orderly end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from mailhold.gateway.committer import Committer
from mailhold.gateway.exceptions import WrongBindError, without_text
from mailhold.gateway.limits import Connections, Memory
from mailhold.gateway.options import Bind, Options, parse_bind
from mailhold.gateway.protocol import Gateway, SmtpSession
from mailhold.gateway.sign_in import Credentials, SignedIn
from mailhold.gateway.submission import Accept

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

HEARTBEAT_SECONDS = 5
# Comparing passwords is meant to be slow; more threads than this would starve the mail of those who are in.
LOGIN_THREADS = 4
_BACKLOG = 1024

SignIn = Callable[[Credentials, str], SignedIn]
SendingAddresses = Callable[[int], frozenset[str]]


class Listener:
    """The gateway of one process: sockets, sessions, the committer and the threads for logins."""

    def __init__(
        self, options: Options, accept: Accept, *, sign_in: SignIn, sending_addresses: SendingAddresses
    ) -> None:
        """Put the parts together; `start` opens the sockets."""
        self._options = options
        self._committer = Committer(accept)
        self._logins = ThreadPoolExecutor(LOGIN_THREADS, thread_name_prefix="login")
        self._servers: list[asyncio.Server] = []
        self._gateway = Gateway(
            options=options,
            commit=self._committer.commit,
            sign_in=_in_threads(self._logins, sign_in),
            sending_addresses=_in_threads(self._logins, sending_addresses),
            connections=Connections(
                most=options.max_connections, most_per_address=options.max_connections_per_address
            ),
            memory=Memory(options.max_memory),
        )

    async def start(self, binds: Sequence[str]) -> list[int]:
        """Listen on all of `binds`, or raise WrongBindError; return the ports."""
        parsed = [parse_bind(text) for text in binds]
        for bind in parsed:
            self._servers.append(await self._listen(bind))
        self._committer.start()
        ports: list[int] = [server.sockets[0].getsockname()[1] for server in self._servers]
        logger.info("SMTP listens on %s", ", ".join(binds))
        return ports

    async def _listen(self, bind: Bind) -> asyncio.Server:
        if bind.implicit_tls and self._options.tls is None:
            raise WrongBindError(
                "An SMTP bind with +tls needs MAILHOLD_SMTP_TLS_CERT and MAILHOLD_SMTP_TLS_KEY."
            )
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(
                lambda: SmtpSession(self._gateway, loop),
                bind.host,
                bind.port,
                ssl=self._options.tls if bind.implicit_tls else None,
                backlog=_BACKLOG,
                # Several processes share the port, and the kernel spreads the connections.
                reuse_port=True,
            )
        except OSError as error:
            raise WrongBindError(
                f"Cannot listen on {bind.host} port {bind.port}: {error.strerror or type(error).__name__}."
            ) from error

    async def stop(self) -> None:
        """Take no more connections, let messages that are under way end, then close everything."""
        for server in self._servers:
            server.close()
        self._gateway.stopping = True
        for session in tuple(self._gateway.sessions):
            session.stop()
        await self._sessions_end(self._options.grace_seconds)
        for session in tuple(self._gateway.sessions):
            session.abort()
        await self._sessions_end(1)
        if not await asyncio.to_thread(self._committer.stop, self._options.grace_seconds):
            logger.error("The last commits did not end; their clients were not told that they were accepted.")
        self._logins.shutdown(wait=False, cancel_futures=True)

    async def _sessions_end(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._gateway.sessions and loop.time() < end:  # noqa: ASYNC110 - once in the life of a process
            await asyncio.sleep(0.02)


async def serve(
    listener: Listener,
    binds: Sequence[str],
    stop: asyncio.Event,
    *,
    heartbeat: Callable[[], None] | None = None,
    started: Callable[[list[int]], None] | None = None,
) -> None:
    """Serve until `stop` is set; `started` hears the ports, `heartbeat` is called every few seconds in a thread."""
    ports = await listener.start(binds)
    if started is not None:
        started(ports)
    beating = asyncio.create_task(_beat(heartbeat)) if heartbeat is not None else None
    await stop.wait()
    logger.info("SMTP stops")
    if beating is not None:
        beating.cancel()
    await listener.stop()


async def _beat(heartbeat: Callable[[], None]) -> None:
    # Rung by the event loop, so that a loop that hangs is seen; run in a thread, so that the database cannot hang it.
    with_database = _in_threads(ThreadPoolExecutor(1, thread_name_prefix="heartbeat"), heartbeat)
    while True:
        try:
            await with_database()
        except Exception as error:  # noqa: BLE001 - the edge: mail goes on without a heartbeat
            logger.warning("A heartbeat failed: %s", without_text(error))
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _in_threads(threads: ThreadPoolExecutor, function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        call = partial(_with_fresh_connections, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    return run


def _with_fresh_connections(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    # Before and after: a database connection that broke must not fail the next call in this thread.
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
