"""What policies may ask about a message: plain values, computed once, no Django."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from policies.folding import fold_text


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFact:
    """One attachment: its name as the recipient will see it, its declared type, its decoded size in bytes."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFact:
    """What was read out of the content. `inspected` is False where a limit or damage cut the reading short."""

    subject: str = ""
    body: str = ""
    attachments: tuple[AttachmentFact, ...] = ()
    inspected: bool = True
    problem: str = ""  # why it was not inspected, a code such as "too_deep"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything about one message. `read_content` is called at most once, and only if a policy asks."""

    sender: SenderFact
    recipients: tuple[RecipientFact, ...]
    size: int
    sent_at: datetime
    read_content: Callable[[], ContentFact] = field(repr=False)

    @cached_property
    def content(self) -> ContentFact:
        """Return what the content says, reading it the first time."""
        return self.read_content()

    @cached_property
    def folded_subject(self) -> str:
        """Return the subject as `fold_text` folds it."""
        return fold_text(self.content.subject)

    @cached_property
    def folded_body(self) -> str:
        """Return the body as `fold_text` folds it."""
        return fold_text(self.content.body)
