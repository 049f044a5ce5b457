"""What must happen to a message: the answer of `policies.evaluate`, in plain values."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages of the product."""

    ja: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text in `language`, "ja" or "en"."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: a code for statistics, the policy that says so, and a sentence part for people.

    `position` is that of the condition among those of its policy, None where it is none of them. Reasons that say the
    same are the same.
    """

    code: str
    policy_id: int
    policy: Text
    text: Text
    position: int | None = field(default=None, compare=False)


class Approvers(StrEnum):
    """Who may open an approval stage."""

    MANAGER = "manager"
    PERSONS = "persons"
    DEPARTMENT = "department"
    ADMINISTRATORS = "administrators"
    PEERS = "peers"  # of the sender: the same manager or the same department


class LinkLevel(StrEnum):
    """How much a decision link proves by itself (docs/links.md)."""

    L0 = "L0"  # the link alone
    L2 = "L2"  # signing in with a second factor, always


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One approval stage: `needed` of those whom `approvers` names must approve.

    `ids` are persons (PERSONS) or one department (DEPARTMENT), empty otherwise.
    """

    approvers: Approvers
    ids: tuple[int, ...] = ()
    needed: int = 1
    allow_self: bool = False


class Disposition(StrEnum):
    """The kinds of treatment, from the mildest to the strictest."""

    RELEASE = "release"
    HOLD = "hold"
    RETURN = "return"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What must happen to a recipient's copy. Recipients with equal treatments share one hold.

    A hold leaves when `delay_seconds` are over, the self-check is made (where asked) and all stages are open.
    When nobody decides within `deadline_seconds` it goes back to the sender. `urgent` marks it where people decide.
    """

    disposition: Disposition = Disposition.RELEASE
    delay_seconds: int = 0
    sender_may_cancel: bool = True
    sender_may_send_now: bool = False
    self_check: bool = False
    reason_required: bool = False  # of the sender, at the self-check
    stages: tuple[Stage, ...] = ()
    deadline_seconds: int = 0
    link_level: LinkLevel = LinkLevel.L0
    return_text: Text | None = None
    urgent: bool = False
    risk: int = 0  # points; 0 in what `evaluate` returns, where they have become a treatment
    headers: tuple[str, ...] = ()  # fields put above the content when it leaves, as "Name: value"
    tags: tuple[str, ...] = ()  # texts put in front of the subject when it leaves
    cc: tuple[str, ...] = ()  # addresses that get a copy and are named in the Cc field of what leaves
    bcc: tuple[str, ...] = ()  # addresses that get a copy
    notify: tuple[int, ...] = ()  # persons who are told, ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A policy that matches for a recipient, and what would be asked for without it.

    One that only watches asks for nothing; there `otherwise` is what would be asked for if it acted. None where that
    cannot be told, since the policy ended the walk and others after it were never asked.
    """

    policy_id: int
    otherwise: Treatment | None
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientVerdict:
    """The treatment of one recipient, the reasons for it, and the policies that match."""

    address: str
    treatment: Treatment
    reasons: tuple[Reason, ...] = ()
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer for one message: one entry a recipient, in the order of the facts.

    `watched` holds the reasons of policies in watch-only mode: recorded, without effect.
    """

    recipients: tuple[RecipientVerdict, ...]
    watched: tuple[Reason, ...] = ()
