"""One SMTP session (RFC 5321), on top of aiosmtpd's connection handling.

aiosmtpd 1.4.6 gives the stream, the tasks and the dispatch; every command is answered here. Its private names that
this module leans on are in `PRIVATE_NAMES`, and a test says when a release has moved them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP

from mailhold.directory.models import fold_address
from mailhold.gateway import addresses, replies, sign_in, trace
from mailhold.gateway.data import content_of, read_data
from mailhold.gateway.exceptions import (
    CommitFailedError,
    LoginRefusedError,
    LoginThrottledError,
    QueueFullError,
    RefusedError,
    without_text,
)
from mailhold.gateway.limits import Connections, Lease, Memory
from mailhold.gateway.options import Options, readable_peer
from mailhold.gateway.parameters import MailParameters, mail_parameters, rcpt_parameters
from mailhold.gateway.sign_in import Credentials, SignedIn
from mailhold.gateway.submission import ForwardPath, Submission
from mailhold.ids import uuid7

logger = logging.getLogger(__name__)

PRIVATE_NAMES = (
    "_cb_client_connected",
    "_handle_client",
    "_reset_timeout",
    "_set_rset_state",
    "_timeout_cb",
)
# A message up to this size is read in one piece. The stream keeps at most twice as much unread.
READ_BYTES = 256 * 1024
# RFC 5321 4.5.3.1.4 asks for 512, parameters and long addresses for more; RFC 4954 4 for AUTH.
LONGEST_COMMAND = 2048
LONGEST_AUTH_LINE = 12288
TLS_HANDSHAKE_SECONDS = 30
# How long the last words to a client may take to leave.
GOODBYE_SECONDS = 10
# A person who left, or lost an address, may send that much longer on a connection that is kept open.
ADDRESSES_FRESH_SECONDS = 60
# What browsers say when a page makes them talk to this port; the lines that follow may be of an attacker's choice.
_NOT_SMTP = frozenset({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "PATCH", "DELETE"})


@dataclass(slots=True, eq=False)
class Gateway:
    """What the sessions of one process share."""

    options: Options
    # Returns when the message is committed; raises QueueFullError or CommitFailedError.
    commit: Callable[[Submission], Awaitable[None]]
    # Raises LoginRefusedError or LoginThrottledError. (credentials, client address)
    sign_in: Callable[[Credentials, str], Awaitable[SignedIn]]
    # The addresses, folded, that a person may send from now; none for somebody who left.
    sending_addresses: Callable[[int], Awaitable[frozenset[str]]]
    connections: Connections
    memory: Memory
    sessions: "set[SmtpSession]" = field(default_factory=set)
    stopping: bool = False


@dataclass(slots=True)
class Transaction:
    """A mail transaction: what MAIL and RCPT have said so far. Forward paths by folded address, each once."""

    reverse_path: str
    parameters: MailParameters
    forward_paths: dict[str, ForwardPath] = field(default_factory=dict)


class _NoHooks:
    """aiosmtpd looks for hooks in every handler of every connection: here it finds none at once."""

    def __dir__(self) -> list[str]:
        return []


_NO_HOOKS = _NoHooks()


class SmtpSession(SMTP):
    """One connection."""

    # aiosmtpd makes its stream with this limit.
    line_length_limit = READ_BYTES
    transport: Any
    _timeout_handle: asyncio.TimerHandle | None
    _command_names: tuple[str, ...] = ()

    def __init__(self, gateway: Gateway, loop: asyncio.AbstractEventLoop) -> None:
        """Be ready for a connection."""
        options = gateway.options
        super().__init__(
            _NO_HOOKS,
            hostname=options.hostname,
            data_size_limit=options.max_bytes,
            enable_SMTPUTF8=True,
            timeout=options.timeout_seconds,
            loop=loop,
        )
        self._gateway = gateway
        self._options = options
        self._peer_address = ""
        self._trusted = False
        self._refusal: str | None = None
        self._replies: list[bytes] = []
        self._errors = 0
        self._active_at = 0.0
        # Something is under way on our side: neither idleness nor a shutdown may end it.
        self._busy = False
        # A message is coming in: a shutdown waits for it, but not longer than for any line.
        self._in_data = False
        self._leaving = False
        self._tls = False
        self._forget()

    def __dir__(self) -> tuple[str, ...]:
        """Return the names of the commands: aiosmtpd walks through `dir()` twice for every connection."""
        return self._command_names

    def _forget(self) -> None:
        """Forget all that the client has said (RFC 3207 4.2)."""
        self._helo_name = ""
        self._extended = False
        self._signed_in: SignedIn | None = None
        self._addresses_at = 0.0
        self._transaction: Transaction | None = None

    # --- the connection -------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Count the connection, and begin to serve it."""
        self._peer_address = readable_peer(transport.get_extra_info("peername"))
        self._trusted = self._options.trusts(self._peer_address)
        self._tls = transport.get_extra_info("sslcontext") is not None
        self._gateway.sessions.add(self)
        self._refusal = self._gateway.connections.enter(self._peer_address)
        if self._gateway.stopping:
            self._refusal = replies.SHUTTING_DOWN
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Give the place to the next one."""
        self._gateway.sessions.discard(self)
        self._gateway.connections.leave(self._peer_address)
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """Let what came before the end be answered: a client may close its side and still listen."""
        asyncio.StreamReaderProtocol.eof_received(self)
        return not self._tls

    def data_received(self, data: bytes) -> None:
        """Note that the client is alive."""
        self._active_at = self.loop.time()
        super().data_received(data)

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Start the one timer of the connection: it looks at the time of the last data when it fires."""
        self._active_at = self.loop.time()
        self._set_timer(self._timeout_duration, self._timeout_cb)

    def _set_timer(self, seconds: float, callback: Callable[[], object]) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_later(seconds, callback)

    def _timeout_cb(self) -> None:
        rest: float = self._active_at + self._timeout_duration - self.loop.time()
        if self._busy:
            rest = self._timeout_duration
        if rest > 0:
            self._set_timer(rest, self._timeout_cb)
        else:
            self._say_goodbye(replies.IDLE)

    def stop(self) -> None:
        """Say goodbye, after the message that is under way."""
        if not self._busy and not self._in_data:
            self._say_goodbye(replies.SHUTTING_DOWN)

    def abort(self) -> None:
        """Drop the connection."""
        if self.transport is not None:
            self.transport.abort()

    def _say_goodbye(self, reply: str) -> None:
        if self._leaving or self.transport is None:
            return
        self._leaving = True
        self._reply(reply)
        self.transport.write(b"".join(self._replies))
        self._replies.clear()
        self.transport.close()
        # A client that does not read would keep the connection for ever.
        self._set_timer(GOODBYE_SECONDS, self.abort)

    # --- lines and replies ----------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        try:
            await self._converse()
        except (ConnectionError, asyncio.IncompleteReadError):
            # The client has gone.
            pass
        finally:
            if self.transport is not None and not self._leaving:
                self.transport.close()

    async def _converse(self) -> None:
        if self._refusal is not None:
            self._say_goodbye(self._refusal)
            return
        self._reply(f"220 {self._options.hostname} ESMTP mailhold")
        while self.transport is not None and not self._leaving:
            await self._turn()

    async def _turn(self) -> None:
        """Read a command, obey it, and have its reply ready."""
        try:
            line = await self._next_line()
            await self._obey(line)
        except RefusedError as refused:
            self._reply(refused.reply)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise
        except Exception as error:  # noqa: BLE001 - the edge: nothing of it may reach the client
            if self.transport is None:
                # What failed was the connection.
                return
            logger.error("An SMTP command failed: %s", without_text(error))  # noqa: TRY400 - no text of the error
            self._reply(replies.INNER_ERROR)
        if self._errors >= self._options.max_errors:
            self._say_goodbye(replies.TOO_MANY_ERRORS)
        elif self._gateway.stopping:
            self._say_goodbye(replies.SHUTTING_DOWN)

    async def _next_line(self) -> bytes:
        # Replies to pipelined commands leave together, when nothing is left to do but wait (RFC 2920 3.2).
        if b"\n" not in self._reader._buffer:  # noqa: SLF001
            await self._flush()
        try:
            line: bytes = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await self._skip_line(error.consumed)
            raise RefusedError(replies.LINE_TOO_LONG) from error
        return line

    async def _skip_line(self, consumed: int) -> None:
        while True:
            await self._reader.readexactly(consumed)
            try:
                await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                consumed = error.consumed
            else:
                return

    async def _obey(self, line: bytes) -> None:
        verb_bytes, _, argument = line.strip().partition(b" ")
        verb = verb_bytes.upper().decode("latin-1")
        if len(line) > (LONGEST_AUTH_LINE if verb == "AUTH" else LONGEST_COMMAND):
            raise RefusedError(replies.LINE_TOO_LONG)
        command = self._smtp_methods.get(verb)
        if command is None:
            self._reply_to_unknown(verb)
            return
        await command(argument.strip().decode(errors="surrogateescape"))

    def _reply_to_unknown(self, verb: str) -> None:
        if verb in _NOT_SMTP:
            self._say_goodbye(replies.NOT_SMTP)
        else:
            self._reply(replies.UNKNOWN_COMMAND if verb.isalnum() else replies.BAD_SYNTAX)

    def _reply(self, reply: str) -> None:
        # A client that is throttled and tries on is as lost as one that makes mistakes.
        if reply[0] == "5" or reply == replies.LOGIN_THROTTLED:
            self._errors += 1
        self._replies.append(reply.encode("ascii") + b"\r\n")

    async def _flush(self) -> None:
        if self._replies:
            self._writer.write(b"".join(self._replies))
            self._replies.clear()
            await self._writer.drain()

    # --- hello, TLS, AUTH -----------------------------------------------------------------------------------------

    async def smtp_HELO(self, argument: str) -> None:  # noqa: N802 - aiosmtpd finds commands by these names
        """RFC 5321 4.1.1.1."""
        self._greet(argument, extended=False)
        self._reply(f"250 {self._options.hostname}")

    async def smtp_EHLO(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.1: greet, and name the extensions."""
        self._greet(argument, extended=True)
        lines = [self._options.hostname, *self._extensions()]
        self._reply("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def _greet(self, argument: str, *, extended: bool) -> None:
        if not argument:
            raise RefusedError(replies.BAD_ARGUMENT)
        self._helo_name = trace.clean_helo(argument)
        self._extended = extended
        self._transaction = None

    def _extensions(self) -> list[str]:
        extensions = [
            f"SIZE {self._options.max_bytes}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "DSN",
        ]
        if self._options.tls is not None and not self._tls:
            extensions.append("STARTTLS")
        if self._may_sign_in():
            extensions.append("AUTH PLAIN LOGIN")
        return extensions

    def _may_sign_in(self) -> bool:
        return self._tls or self._options.auth_without_tls

    async def smtp_STARTTLS(self, argument: str) -> None:  # noqa: N802
        """RFC 3207: what was said in the clear is forgotten, and what was sent ahead is dropped."""
        if self._tls:
            raise RefusedError(replies.TLS_ALREADY)
        if self._options.tls is None:
            raise RefusedError(replies.NOT_IMPLEMENTED)
        if argument:
            raise RefusedError(replies.BAD_ARGUMENT)
        self._reply(replies.START_TLS)
        # The handshake must stay in the socket until TLS reads it.
        self.transport.pause_reading()
        self._reader._buffer.clear()  # noqa: SLF001
        await self._flush()
        try:
            await self._writer.start_tls(self._options.tls, ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS)
        except OSError as error:
            raise ConnectionResetError("The client did not come to terms about TLS.") from error
        self.transport = self._reader._transport = self._writer.transport  # noqa: SLF001
        self._tls = True
        self._forget()

    async def smtp_AUTH(self, argument: str) -> None:  # noqa: N802
        """RFC 4954, with the mechanisms PLAIN (RFC 4616) and LOGIN."""
        self._refuse_auth_out_of_order()
        mechanism, *initial = argument.split() or [""]
        if not mechanism or len(initial) > 1:
            raise RefusedError(replies.BAD_ARGUMENT)
        read = {"PLAIN": self._read_plain, "LOGIN": self._read_login}.get(mechanism.upper())
        if read is None:
            raise RefusedError(replies.UNKNOWN_MECHANISM)
        credentials = await read(initial[0] if initial else None)
        self._reply(await self._try_to_sign_in(credentials))

    def _refuse_auth_out_of_order(self) -> None:
        if not self._extended:
            raise RefusedError(replies.SAY_HELLO)
        if not self._may_sign_in():
            raise RefusedError(replies.TLS_REQUIRED)
        if self._signed_in is not None:
            raise RefusedError(replies.SIGNED_IN_ALREADY)
        if self._transaction is not None:
            raise RefusedError(replies.IN_TRANSACTION)

    async def _read_plain(self, initial: str | None) -> Credentials:
        return sign_in.plain_credentials(await self._response(initial, "334 "))

    async def _read_login(self, initial: str | None) -> Credentials:
        name = await self._response(initial, "334 VXNlcm5hbWU6")  # Username:
        return sign_in.login_credentials(name, await self._response(None, "334 UGFzc3dvcmQ6"))  # Password:

    async def _response(self, initial: str | None, challenge: str) -> bytes:
        """Return the decoded response to `challenge`, or the one that came with the command (`=` where it is empty)."""
        if initial is not None:
            return (
                b"" if initial == "=" else sign_in.decode_response(initial.encode("utf-8", "surrogateescape"))
            )
        self._reply(challenge)
        line = await self._next_line()
        if len(line) > LONGEST_AUTH_LINE:
            raise RefusedError(replies.LINE_TOO_LONG)
        return sign_in.decode_response(line)

    async def _try_to_sign_in(self, credentials: Credentials) -> str:
        self._busy = True
        try:
            self._signed_in = await self._gateway.sign_in(credentials, self._peer_address)
        except LoginRefusedError:
            return replies.LOGIN_REFUSED
        except LoginThrottledError:
            return replies.LOGIN_THROTTLED
        except Exception as error:  # noqa: BLE001 - the edge: the database may be away
            logger.error("A login could not be judged: %s", without_text(error))  # noqa: TRY400
            return replies.LOGIN_FAILS_NOW
        finally:
            self._busy = False
        self._addresses_at = self.loop.time()
        return replies.SIGNED_IN

    # --- the mail transaction -------------------------------------------------------------------------------------

    async def smtp_MAIL(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.2: only the account's own addresses, the null reverse path, or anything from a trusted network."""
        self._refuse_mail_out_of_order()
        address, rest = addresses.reverse_path(_after("FROM:", argument, replies.MAIL_SYNTAX))
        parameters = mail_parameters(self._allowed_parameters(rest))
        if parameters.size > self._options.max_bytes:
            raise RefusedError(replies.TOO_BIG)
        _refuse_beyond_ascii(address, parameters)
        if address and self._signed_in is not None and not await self._is_own(fold_address(address)):
            raise RefusedError(replies.NOT_YOUR_ADDRESS)
        self._transaction = Transaction(address, parameters)
        self._reply(replies.SENDER_OK)

    def _refuse_mail_out_of_order(self) -> None:
        if not self._helo_name:
            raise RefusedError(replies.SAY_HELLO)
        if self._signed_in is None and not self._trusted:
            raise RefusedError(replies.LOGIN_REQUIRED)
        if self._transaction is not None:
            raise RefusedError(replies.MAIL_NESTED)

    def _allowed_parameters(self, text: str) -> str:
        if text and not self._extended:
            raise RefusedError(replies.UNKNOWN_PARAMETER)
        return text

    async def _is_own(self, folded: str) -> bool:
        if self._signed_in is None:
            return False
        if self.loop.time() > self._addresses_at + ADDRESSES_FRESH_SECONDS:
            person_id = self._signed_in.person_id
            self._signed_in = SignedIn(person_id, await self._gateway.sending_addresses(person_id))
            self._addresses_at = self.loop.time()
        return folded in self._signed_in.addresses

    async def smtp_RCPT(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.3: a recipient that was named already is not taken twice."""
        transaction = self._transaction
        if transaction is None:
            raise RefusedError(replies.MAIL_FIRST)
        text = _after("TO:", argument, replies.RCPT_SYNTAX)
        address, rest = addresses.forward_path(text, self._options.postmaster_domain)
        parameters = rcpt_parameters(self._allowed_parameters(rest), smtputf8=transaction.parameters.smtputf8)
        _refuse_beyond_ascii(address, transaction.parameters)
        folded = fold_address(address)
        if folded not in transaction.forward_paths:
            if len(transaction.forward_paths) >= self._options.max_recipients:
                raise RefusedError(replies.TOO_MANY_RECIPIENTS)
            transaction.forward_paths[folded] = ForwardPath(
                address=address, dsn_notify=parameters.notify, dsn_orcpt=parameters.orcpt
            )
        self._reply(replies.RECIPIENT_OK)

    async def smtp_DATA(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.4: 250 only after the commit."""
        transaction = self._transaction
        if transaction is None:
            raise RefusedError(replies.MAIL_FIRST)
        if argument:
            raise RefusedError(replies.BAD_ARGUMENT)
        if not transaction.forward_paths:
            raise RefusedError(replies.RCPT_FIRST)
        self._in_data = True
        try:
            self._reply(replies.START_DATA)
            await self._flush()
            with self._gateway.memory.lease() as lease:
                self._reply(await self._take_message(transaction, lease))
        finally:
            self._transaction = None
            self._in_data = self._busy = False

    async def _take_message(self, transaction: Transaction, lease: Lease) -> str:
        most = self._options.max_bytes
        content = content_of(await read_data(self._reader, most=most, lease=lease), most=most)
        trace.refuse_loop(content, self._options.instance)
        submission = self._submission(transaction, content)
        self._busy = True
        try:
            await self._gateway.commit(submission)
        except QueueFullError:
            return replies.QUEUE_FULL
        except CommitFailedError:
            return replies.INNER_ERROR
        self._errors = 0
        return f"250 2.0.0 accepted as {submission.id}"

    def _submission(self, transaction: Transaction, content: bytes) -> Submission:
        message_id = uuid7()
        received_at = datetime.now(UTC)
        parameters = transaction.parameters
        way = trace.Way(
            helo_name=self._helo_name,
            peer_address=self._peer_address,
            hostname=self._options.hostname,
            protocol=trace.protocol_name(
                extended=self._extended,
                tls=self._tls,
                signed_in=self._signed_in is not None,
                smtputf8=parameters.smtputf8,
            ),
        )
        return Submission(
            id=message_id,
            received_at=received_at,
            reverse_path=transaction.reverse_path,
            forward_paths=tuple(transaction.forward_paths.values()),
            content=content,
            trace_header=trace.trace_header(way, message_id, received_at, self._options.instance),
            smtputf8=parameters.smtputf8,
            # Clients do send eight bits without saying so: the next hop must be told.
            eightbit=parameters.eightbit or not content.isascii(),
            dsn_ret=parameters.ret,
            dsn_envid=parameters.envid,
            submitter_id=None if self._signed_in is None else self._signed_in.person_id,
            peer_address=self._peer_address,
            helo_name=self._helo_name,
            protocol=way.protocol,
        )

    # --- the rest -------------------------------------------------------------------------------------------------

    async def smtp_RSET(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.5."""
        self._transaction = None
        self._reply(replies.OK)

    async def smtp_NOOP(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.9."""
        self._reply(replies.OK)

    async def smtp_QUIT(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.10."""
        self._say_goodbye(replies.BYE)

    async def smtp_HELP(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.8."""
        self._reply(replies.HELP)

    async def smtp_VRFY(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.6: the same answer for everybody, so that nobody can be found out."""
        self._reply(replies.NOT_VERIFIED if argument else replies.BAD_ARGUMENT)

    async def smtp_EXPN(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 4.1.1.7."""
        self._reply(replies.NOT_IMPLEMENTED)


SmtpSession._command_names = tuple(name for name in vars(SmtpSession) if name.startswith("smtp_"))  # noqa: SLF001


def _after(keyword: str, argument: str, syntax: str) -> str:
    if argument[: len(keyword)].upper() != keyword:
        raise RefusedError(syntax)
    return argument[len(keyword) :].strip()


def _refuse_beyond_ascii(address: str, parameters: MailParameters) -> None:
    if not parameters.smtputf8 and not address.isascii():
        raise RefusedError(replies.NEEDS_SMTPUTF8)
