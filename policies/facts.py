"""What policies may ask about a message: plain values, each computed once and only when asked for. No Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from mailhold.mime.pieces import Inspection, Piece
from policies.folding import fold_text
from policies.reference import NO_REFERENCE, Reference
from policies.tracing import Traced, trace

# Of one text; what stands further down is found all the same, but not marked.
MOST_TRACED = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientFact:
    """One envelope recipient. `visible` is "to", "cc", or "" where no header names it (a Bcc)."""

    address: str
    domain: str
    internal: bool
    visible: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderFact:
    """Who sends: the person where the directory knows one. `departments` holds the person's own and all above it."""

    address: str
    person_id: int | None = None
    name: str = ""
    departments: frozenset[int] = frozenset()
    signed_in: bool = False
    author_differs: bool = False  # the From field names an address that is not the sender's
    joined_on: date | None = None
    administrator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDetails:
    """What only the directory can say of the sender; addresses are folded.

    `departments` are the names of the person's department and of all above it, `all_departments` those that exist.
    `manager` holds the addresses of the manager, empty where there is none. An approver is somebody's manager, or one
    whom an enabled policy names.
    """

    addresses: frozenset[str] = frozenset()
    manager: frozenset[str] = frozenset()
    approver: bool = False
    departments: frozenset[str] = frozenset()
    all_departments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFact:
    """One attachment: its name as the recipient will see it, its declared type, its decoded size in bytes."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFact:
    """What was read out of the content. `inspected` is False where a limit or damage cut the reading short.

    `attachments` holds those of attached messages too; `own_attachments` tells how many are the message's own.
    `headers` are all fields in order, decoded. `calendar_reply` is an answer to an invitation (RFC 5546).
    """

    subject: str = ""
    body: str = ""
    attachments: tuple[AttachmentFact, ...] = ()
    own_attachments: int = 0
    inspected: bool = True
    problem: str = ""  # why it was not inspected, a code such as "too_deep"
    headers: tuple[tuple[str, str], ...] = ()
    reply_to: frozenset[str] = frozenset()  # folded addresses
    names: Mapping[str, str] = field(default_factory=dict)  # folded address of To and Cc -> display name
    signed: bool = False
    encrypted: bool = False
    calendar_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsFact:
    """To which addresses and domains of this message's recipients mail has left before, all folded."""

    person_addresses: frozenset[str] = frozenset()
    person_domains: frozenset[str] = frozenset()
    company_addresses: frozenset[str] = frozenset()
    company_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MalwareFact:
    """What the virus scanner said. `checked` is False where none is configured or none has answered."""

    checked: bool
    name: str = ""  # of what was found, "" for nothing


class Finding(Protocol):
    """A personal or secret datum, as `policies.detectors.find` has it: its type, its value, its place."""

    @property
    def type(self) -> str:
        """The type, such as "PHONE"."""

    @property
    def value(self) -> str:
        """The value, folded."""

    @property
    def where(self) -> str:
        """Return "subject", "body" or "attachment:NAME"."""

    @property
    def piece(self) -> int:
        """Return the number of its piece."""

    @property
    def start(self) -> int:
        """Return where in the piece's text it begins, or its row."""

    @property
    def end(self) -> int:
        """Return where it ends, or its column."""

    @property
    def table(self) -> bool:
        """Tell whether it stands in a table."""


class Source(Protocol):
    """Where the parts of the facts come from that cost something. Each is called at most once a message."""

    def content(self) -> ContentFact:
        """Read the message."""

    def inspection(self) -> Inspection:
        """Read all attachments."""

    def findings(self, inspection: Inspection) -> Sequence[Finding]:
        """Look for personal and secret data in all that could be read."""

    def sender_details(self) -> SenderDetails:
        """Ask the directory."""

    def contacts(self) -> ContactsFact:
        """Look for earlier mail to the recipients."""

    def frequent_domains(self) -> frozenset[str]:
        """Return the outside domains to which the company writes often."""

    def answered(self) -> frozenset[str] | None:
        """Return who takes part in the mail that is answered, or None where that mail is not known here."""

    def malware(self) -> MalwareFact:
        """Ask the virus scanner."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything about one message. A method of `source` is called at most once, and only if a policy asks.

    `visible` holds what the To and Cc fields name: folded address -> "to" or "cc".
    """

    sender: SenderFact
    recipients: tuple[RecipientFact, ...]
    size: int
    sent_at: datetime
    source: Source = field(repr=False)
    visible: Mapping[str, str] = field(default_factory=dict)
    own_domains: frozenset[str] = frozenset()
    null_sender: bool = False
    automatic: bool = False
    reference: Reference = NO_REFERENCE
    _traced: dict[str, Traced] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def content(self) -> ContentFact:
        """Return what the content says."""
        return self.source.content()

    @cached_property
    def inspection(self) -> Inspection:
        """Return what the attachments hold."""
        return self.source.inspection()

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """Return the personal and secret data in the message."""
        return self.source.findings(self.inspection)

    @cached_property
    def sender_details(self) -> SenderDetails:
        """Return what the directory says of the sender."""
        return self.source.sender_details()

    @cached_property
    def contacts(self) -> ContactsFact:
        """Return to whom of the recipients mail has left before."""
        return self.source.contacts()

    @cached_property
    def frequent_domains(self) -> frozenset[str]:
        """Return the outside domains to which the company writes often."""
        return self.source.frequent_domains()

    @cached_property
    def answered(self) -> frozenset[str] | None:
        """Return who takes part in the mail that is answered."""
        return self.source.answered()

    @cached_property
    def malware(self) -> MalwareFact:
        """Return what the virus scanner said."""
        return self.source.malware()

    @cached_property
    def folded_subject(self) -> str:
        """Return the subject as `fold_text` folds it."""
        return fold_text(self.content.subject)

    @cached_property
    def folded_body(self) -> str:
        """Return the body as `fold_text` folds it."""
        return fold_text(self.content.body)

    @cached_property
    def attached_texts(self) -> tuple[tuple[str, str], ...]:
        """Return what can be read in attachments: the attachment's name, and the text of a piece, not folded."""
        return tuple(
            (piece.where.partition(":")[2], text_of(piece))
            for piece in self.inspection.pieces
            if piece.where.startswith("attachment:")
        )

    @cached_property
    def folded_attached_texts(self) -> tuple[tuple[str, str], ...]:
        """Return `attached_texts` as `fold_text` folds them."""
        return tuple((name, fold_text(text)) for name, text in self.attached_texts)

    def traced(self, text: str) -> Traced:
        """Return a text of this message as `fold_text` folds it, its places kept; each text is traced once."""
        if text not in self._traced:
            self._traced[text] = trace(text[:MOST_TRACED])
        return self._traced[text]


def text_of(piece: Piece) -> str:
    """Return what is written in `piece`, as one text: the cells of a table by tabs, its rows by lines."""
    return piece.text or "\n".join("\t".join(row) for row in piece.rows)
