"""What pages, notices and the API say of a hold: plain values in the language and time zone of the moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _, gettext_lazy, ngettext

from approvals.flows.decide import approvals_given
from approvals.grounds import MarkedMail, marked_mail
from approvals.judging import read_gist
from approvals.marking import marks_of_hold
from approvals.models import Decision, Gate, Hold
from approvals.people import current_gate
from approvals.transitions import recipients_of
from mailhold.directory.models import Person, fold_address
from mailhold.directory.people import fold_domain, own_domains
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Recipient
from mailhold.mime.addresses import split_mailboxes
from mailhold.mime.heading import tagged_subject
from mailhold.mime.parse import ParsedMessage, parse

# Of a From field with more names than this, the first ones are shown.
NAMES_SHOWN = 10

# What `mime.parse` could not read, or read with doubt, for people.
PROBLEM_TEXTS: Mapping[str, str | Promise] = {
    "too_deep": gettext_lazy("Its parts are nested so deeply that not all of it could be read."),
    "too_many_parts": gettext_lazy("It has so many parts that not all of them could be read."),
    "too_large": gettext_lazy("It is so large that not all of it could be read."),
    "headers_too_large": gettext_lazy("Its headers are so large that not all of them could be read."),
    "broken_multipart": gettext_lazy("Its structure is broken, so parts of it may be unread."),
    "partial": gettext_lazy("It is a fragment of a mail."),
    "encrypted": gettext_lazy("It is encrypted and cannot be read here."),
    "opaque_signature": gettext_lazy("It is wrapped in a signature and cannot be read here."),
    "tnef_damaged": gettext_lazy("Its winmail.dat is damaged, so files in it may be unread."),
    "damaged": gettext_lazy("Part of it is damaged."),
    "unended_multipart": gettext_lazy("It ends too early; something may be missing."),
    "unknown_charset": gettext_lazy("It names an unknown character set; its text may look wrong."),
    "wrong_charset": gettext_lazy("It names a wrong character set; its text may look wrong."),
    "ambiguous": gettext_lazy("Mail programs may show it in different ways."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecipient:
    """One recipient as pages show it."""

    id: int
    address: str
    local: str
    domain: str
    internal: bool
    visible: str  # "to", "cc", or "" for a Bcc: in what leaves
    status: str
    status_text: str
    reply: str = ""
    first_time: bool = False
    by_policy: bool = False  # the sender has not written to it
    grounds: tuple[int, ...] = ()  # the numbers of the reasons that speak of it


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttachment:
    """One attachment as pages show it; `url` where the one who looks may have it."""

    index: int
    name: str
    size: int
    content_type: str
    url: str = ""
    grounds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMail:
    """What somebody needs to see to decide on a mail: its gist."""

    hold: Hold
    held_at: datetime
    subject: str
    author: str  # the display name of the From field, "" without one
    author_address: str
    sender_name: str
    sent_at: datetime
    size: int
    recipients: tuple[ShownRecipient, ...]
    reasons: tuple[str, ...]
    body: str
    attachments: tuple[ShownAttachment, ...]
    problems: tuple[str, ...]
    deadline_at: datetime | None
    urgent: bool
    sender_reason: str = ""
    # What policies do to it when it leaves: the subject then, "" where it stays, and header fields.
    leaving_subject: str = ""
    added_headers: tuple[str, ...] = ()
    marked: MarkedMail

    @property
    def external_count(self) -> int:
        """Return how many recipients are external."""
        return sum(not recipient.internal for recipient in self.recipients)

    @property
    def internal_count(self) -> int:
        """Return how many recipients are internal."""
        return len(self.recipients) - self.external_count

    @property
    def trouble(self) -> str:
        """Return "failed" or "unknown" where some recipient did not get it, or perhaps not; else ""."""
        found = {recipient.status for recipient in self.recipients}
        if Recipient.Status.FAILED in found:
            return "failed"
        return "unknown" if Recipient.Status.OUTCOME_UNKNOWN in found else ""

    @property
    def body_lines(self) -> int:
        """Return how many lines the body has."""
        return len(self.body.splitlines())


def shown_mail(hold: Hold) -> ShownMail:
    """Return what pages show of `hold`; raises ContentUnreadable where its content cannot be opened."""
    content = read_content(hold.revision)
    return mail_of(hold, content, parse(content))


def mail_of(hold: Hold, content: bytes, parsed: ParsedMessage) -> ShownMail:
    """Return what pages show of `hold`, whose content has been read and parsed already."""
    marks = marks_of_hold(hold.marks, hold.revision_id, parsed)
    marked = marked_mail(_all_reason_texts(hold), marks, parsed)
    return ShownMail(
        hold=hold,
        held_at=hold.created_at,
        subject=parsed.subject,
        author=_display_names(parsed.author),
        author_address=parsed.author_address,
        sender_name=sender_name(hold),
        sent_at=hold.message.received_at,
        size=len(content),
        recipients=tuple(
            replace(row, grounds=marked.recipients.get(fold_address(row.address), ()))
            for row in shown_recipients(hold, read_gist(content).visible)
        ),
        reasons=tuple(reason_texts(hold)),
        body=parsed.text,
        attachments=tuple(
            ShownAttachment(
                index=a.index,
                name=a.name,
                size=a.size,
                content_type=a.content_type,
                grounds=marked.files.get(a.index, ()),
            )
            for a in parsed.attachments
        ),
        problems=tuple(str(PROBLEM_TEXTS[code]) for code in parsed.problems),
        deadline_at=hold.deadline_at,
        urgent=hold.urgent,
        sender_reason=hold.sender_reason,
        leaving_subject=tagged_subject(content, hold.subject_tags),
        added_headers=tuple(hold.added_headers),
        marked=marked,
    )


def _display_names(author: str) -> str:
    mailboxes = split_mailboxes(author, NAMES_SHOWN)
    if len(mailboxes) < 2:
        return "".join(mailbox.name for mailbox in mailboxes)
    return ", ".join(mailbox.name or mailbox.address for mailbox in mailboxes)


def shown_recipients(hold: Hold, visible: Mapping[str, str]) -> list[ShownRecipient]:
    """Return the recipients of `hold`, external ones first; `visible` says which header names a folded address."""
    own = own_domains()
    cc, bcc = ({fold_address(address) for address in added} for added in (hold.added_cc, hold.added_bcc))
    visible = {**dict.fromkeys(cc, "cc"), **visible}
    recipients = list(recipients_of([hold.pk]).order_by("pk"))
    known = _written_to_before(hold, recipients)
    rows = [
        ShownRecipient(
            id=recipient.pk,
            address=recipient.address,
            local=recipient.address.rpartition("@")[0],
            domain=recipient.address.rpartition("@")[2],
            internal=fold_domain(recipient.address) in own,
            visible=visible.get(fold_address(recipient.address), ""),
            status=recipient.status,
            status_text=str(Recipient.Status(recipient.status).label),
            reply=recipient.reply_text,
            first_time=fold_address(recipient.address) not in known,
            by_policy=fold_address(recipient.address) in cc | bcc,
        )
        for recipient in recipients
    ]
    return sorted(rows, key=lambda row: row.internal)


def _written_to_before(hold: Hold, recipients: Sequence[Recipient]) -> frozenset[str]:
    """Return those addresses to which anything of the organisation was delivered before this message."""
    earlier = Recipient.objects.filter(
        domain__in={recipient.domain for recipient in recipients},
        address__in={recipient.address for recipient in recipients},
        status=Recipient.Status.DELIVERED,
        message__lt=hold.message_id,
    )
    return frozenset(
        fold_address(address) for address in earlier.values_list("address", flat=True).distinct()
    )


def sender_name(hold: Hold) -> str:
    """Return what people call the sender."""
    return str(hold.sender) if hold.sender else hold.author or hold.sender_address or _("(no sender)")


def reason_texts(hold: Hold) -> list[str]:
    """Return why the mail is held, in the active language, each once."""
    return list(dict.fromkeys(_all_reason_texts(hold)))


def _all_reason_texts(hold: Hold) -> list[str]:
    language = "ja" if get_language() == "ja" else "en"
    return [reason["text"][language] for reason in hold.reasons]


def policy_names(hold: Hold) -> list[str]:
    """Return the policies that hold the mail, in the active language, each once."""
    language = "ja" if get_language() == "ja" else "en"
    return list(dict.fromkeys(reason["policy"][language] for reason in hold.reasons))


def return_text(hold: Hold) -> str:
    """Return the policy's words to the sender of a returned mail, in the active language."""
    language = "ja" if get_language() == "ja" else "en"
    return str((hold.return_text or {}).get(language, ""))


def asked_people(hold: Hold) -> list[Person]:
    """Return those who may open the gate that `hold` waits for."""
    gate = current_gate(hold)
    if gate is None or gate.kind != Gate.Kind.APPROVAL:
        return []
    return [approver.person for approver in gate.approvers.select_related("person").order_by("person__email")]


def stage_text(hold: Hold) -> str:
    """Return how far the current stage has come where it needs more than one approval, "" otherwise."""
    gate = current_gate(hold)
    if gate is None or gate.kind != Gate.Kind.APPROVAL or gate.needed < 2:
        return ""
    given = approvals_given(hold, gate)
    left = ngettext("%(n)d more approval is needed", "%(n)d more approvals are needed", gate.needed - given)
    return _("%(given)d of %(needed)d approved; ") % {"given": given, "needed": gate.needed} + left % {
        "n": gate.needed - given
    }


def last_decision(hold: Hold) -> Decision | None:
    """Return the newest decision that stands."""
    return (
        hold.decisions.filter(undone_at__isnull=True).select_related("person").order_by("-decided_at").first()
    )


def approver_names(hold: Hold) -> list[str]:
    """Return who approved what left or will leave."""
    standing = hold.decisions.filter(
        revision_id=hold.revision_id, verdict=Decision.Verdict.APPROVE, undone_at__isnull=True
    ).select_related("person")
    return names(decision.person for decision in standing.order_by("decided_at"))


def names(people: Iterable[Person]) -> list[str]:
    """Return the names of `people`, each once."""
    return list(dict.fromkeys(str(person) for person in people))


def external_domains(recipients: Sequence[ShownRecipient]) -> list[str]:
    """Return the domains of the external recipients, each once."""
    return list(dict.fromkeys(recipient.domain for recipient in recipients if not recipient.internal))
