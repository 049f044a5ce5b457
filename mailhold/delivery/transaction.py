"""One mail transaction (RFC 5321 3.3): MAIL, RCPT, DATA, content, dot, with an outcome for every recipient."""

import re
from collections.abc import Iterable, Sequence

from mailhold.delivery.connection import Connection
from mailhold.delivery.exceptions import SessionEnded
from mailhold.delivery.outcome import BeforeDot, Outcome, Outgoing, OutgoingRecipient, Result
from mailhold.delivery.reply import MAX_TEXT, Reply

# An address as it can stand between < and >: no control characters, and what would end it only in quotes.
_ADDRESS = re.compile(r'(?:[^\x00-\x20\x7f<>"\\]|"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*")*')
_PARAMETER = re.compile(r"[^\x00-\x20\x7f=]+")


class Transaction:
    """One message over one connection. `outcomes` fills as replies come; `run` leaves no recipient without one."""

    def __init__(self, connection: Connection, outgoing: Outgoing) -> None:
        """Prepare to send `outgoing`, whose content has CRLF line ends only."""
        self.connection = connection
        self.outgoing = outgoing
        self.outcomes: dict[str, Outcome] = {}
        self.content_begun = False
        self.reached_dot = False

    def run(self, before_dot: BeforeDot | None) -> None:
        """Send the message; what goes wrong with the next hop becomes outcomes or SessionEnded.

        SessionEnded means that the dot was not sent. What `before_dot` raises goes through, and then the
        connection must be closed: the next hop still waits for the rest of the content.
        """
        recipients = self._sendable()
        if not recipients:
            return
        accepted = self._envelope(recipients)
        if not accepted:
            self._abandon()
            return
        self._content()
        self.connection.raise_if_ended()
        self.reached_dot = True
        if before_dot is not None:
            before_dot()
            self.connection.raise_if_ended()
        self._dot(accepted)

    def undecided(self) -> list[OutgoingRecipient]:
        """Return the recipients without an outcome."""
        return [one for one in self.outgoing.recipients if one.address not in self.outcomes]

    def can_start_anew(self, ended: SessionEnded) -> bool:
        """Whether a fresh connection may do better: nothing depended on this one yet, and nobody said no for good."""
        return bool(self.undecided()) and not self.reached_dot and not self._refused(ended)

    def conclude(self, ended: SessionEnded) -> None:
        """Give everyone still without an outcome the one that the end of the session means."""
        result = Result.FAILED if self._refused(ended) else Result.DEFERRED
        self._decide(self.undecided(), result, ended.reply, text=str(ended))

    def _refused(self, ended: SessionEnded) -> bool:
        # A 5xx out of turn is about the message only once its content is on the way.
        return ended.permanent and self.content_begun

    # --- the envelope -----------------------------------------------------------------------------------------

    def _sendable(self) -> list[OutgoingRecipient]:
        """Decide what needs no question to the next hop, and return the recipients that remain."""
        outgoing = self.outgoing
        everyone = outgoing.recipients
        if not _ADDRESS.fullmatch(outgoing.reverse_path):
            self._refuse(everyone, "5.1.7", "The sender's address cannot stand in an envelope.")
        unfit = [one for one in everyone if not one.address or not _ADDRESS.fullmatch(one.address)]
        self._refuse(unfit, "5.1.3", "The address cannot stand in an envelope.")
        if not self.connection.offers("SMTPUTF8"):
            international = _international(outgoing)
            affected = [one for one in everyone if international or not one.address.isascii()]
            self._refuse(affected, "5.6.7", "The next hop takes no internationalised mail (SMTPUTF8).")
        return self.undecided()

    def _envelope(self, recipients: Sequence[OutgoingRecipient]) -> list[OutgoingRecipient]:
        """Return the recipients whose content the next hop waits for."""
        replies = self.connection.replies([self._mail(), *map(self._rcpt, recipients), b"DATA"])
        mail = next(replies)
        if not mail.positive:
            self._decide(recipients, _refusal(mail), mail)
            return []
        accepted: list[OutgoingRecipient] = []
        for recipient, reply in zip(recipients, replies, strict=False):
            if reply.positive:
                accepted.append(recipient)
            else:
                self._decide([recipient], _rcpt_refusal(reply, others_accepted=bool(accepted)), reply)
        if not accepted:
            return []
        data = next(replies)
        if data.code != 354:
            self._decide(accepted, _refusal(data), data)
            return []
        return accepted

    def _mail(self) -> bytes:
        outgoing, offers = self.outgoing, self.connection.offers
        words = [f"MAIL FROM:<{outgoing.reverse_path}>"]
        if offers("SIZE"):
            words.append(f"SIZE={len(outgoing.content)}")
        if outgoing.eightbit and offers("8BITMIME"):
            words.append("BODY=8BITMIME")
        if offers("SMTPUTF8") and (outgoing.smtputf8 or not _ascii_envelope(outgoing)):
            words.append("SMTPUTF8")
        if offers("DSN"):
            words += _parameters({"RET": outgoing.dsn_ret, "ENVID": outgoing.dsn_envid})
        return " ".join(words).encode()

    def _rcpt(self, recipient: OutgoingRecipient) -> bytes:
        words = [f"RCPT TO:<{recipient.address}>"]
        if self.connection.offers("DSN"):
            words += _parameters({"NOTIFY": recipient.dsn_notify, "ORCPT": recipient.dsn_orcpt})
        return " ".join(words).encode()

    def _abandon(self) -> None:
        """Bring the connection back to where it can take the next message."""
        connection = self.connection
        reply = None
        while connection.outstanding:
            reply = connection.read_reply()
        if reply is not None and reply.code == 354:
            # A pipelined DATA can be taken although no recipient was (RFC 2920 3.1): end it with nothing in it.
            connection.command(b".")
        if not connection.command(b"RSET").positive:
            raise connection.ended("refuses RSET")

    # --- the content ------------------------------------------------------------------------------------------

    def _content(self) -> None:
        self.content_begun = True
        self.connection.write(stuffed(self.outgoing.content))

    def _dot(self, accepted: Sequence[OutgoingRecipient]) -> None:
        # When this write fails, the system has not taken the octets: the next hop cannot have seen the dot.
        self.connection.write(b".\r\n")
        self.connection.outstanding += 1
        try:
            reply = self.connection.read_reply(self.connection.dot_timeout)
        except SessionEnded as ended:
            # A 421 is an answer (not taken); anything else leaves open what the next hop did.
            result = Result.UNKNOWN if ended.reply is None else Result.DEFERRED
            self._decide(accepted, result, ended.reply, text=str(ended))
            return
        result = Result.DELIVERED if reply.positive else _refusal(reply, otherwise=Result.UNKNOWN)
        self._decide(accepted, result, reply)

    # --- outcomes ---------------------------------------------------------------------------------------------

    def _decide(
        self, recipients: Iterable[OutgoingRecipient], result: Result, reply: Reply | None, *, text: str = ""
    ) -> None:
        outcome = Outcome(
            result=result,
            reply_code=reply.code if reply else 0,
            enhanced_status=reply.enhanced if reply else "",
            reply_text=(reply.text if reply else text)[:MAX_TEXT],
            next_hop=str(self.connection.route),
        )
        self.outcomes.update((recipient.address, outcome) for recipient in recipients)

    def _refuse(self, recipients: Iterable[OutgoingRecipient], status: str, text: str) -> None:
        outcome = Outcome(
            result=Result.FAILED,
            enhanced_status=status,
            reply_text=text,
            next_hop=str(self.connection.route),
        )
        for recipient in recipients:
            self.outcomes.setdefault(recipient.address, outcome)


def stuffed(content: bytes) -> bytes:
    """Return `content` as it goes over the wire, without the final dot (RFC 5321 4.5.2).

    A line that begins with a dot gets another one; a last line without CRLF gets it, since the dot must begin a line.
    """
    lines = content.replace(b"\r\n.", b"\r\n..")
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines if not lines or lines.endswith(b"\r\n") else lines + b"\r\n"


def _refusal(reply: Reply, *, otherwise: Result = Result.DEFERRED) -> Result:
    if 400 <= reply.code < 500:
        return Result.DEFERRED
    return Result.FAILED if reply.permanent else otherwise


def _rcpt_refusal(reply: Reply, *, others_accepted: bool) -> Result:
    # Old servers answer 552 for "too many recipients", to be taken for 452 (RFC 5321 4.5.3.1.10); 5.2.2 is a full
    # mailbox. The rest then goes with the next attempt.
    if reply.code == 552 and others_accepted and reply.enhanced in {"", "5.5.3"}:
        return Result.DEFERRED
    return _refusal(reply)


def _ascii_envelope(outgoing: Outgoing) -> bool:
    return outgoing.reverse_path.isascii() and all(one.address.isascii() for one in outgoing.recipients)


def _international(outgoing: Outgoing) -> bool:
    """Whether the message itself, beside its recipients, cannot go without SMTPUTF8 (RFC 6531 3.2).

    Raw 8-bit headers of mail that came without SMTPUTF8 are an old custom, and pass as they came.
    """
    if not outgoing.reverse_path.isascii():
        return True
    return outgoing.smtputf8 and not outgoing.content.partition(b"\r\n\r\n")[0].isascii()


def _parameters(values: dict[str, str]) -> list[str]:
    # What cannot stand in a command is left out: the mail matters more than its parameters.
    return [f"{name}={value}" for name, value in values.items() if value and _PARAMETER.fullmatch(value)]
