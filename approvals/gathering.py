"""Where the facts about a message come from: its bytes, the directory, earlier mail, the virus scanner.

Each method of `Gathering` is called when a policy asks for that part, and at most once a message.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import Lower, RowNumber

from approvals.looking import content_of, examination_of
from approvals.models import ThreadEntry
from mailhold import clamd
from mailhold.directory.models import Department, Person
from mailhold.mailstore.content import read_content
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Message, Recipient, Revision
from mailhold.mime.files.passwords import password_candidates
from mailhold.mime.headers import header_values, parse_addresses
from mailhold.mime.parse import judged_text, parse
from mailhold.mime.pieces import Inspection, Problem
from policies.conditions.registry import condition_kind
from policies.detectors.finding import Finding
from policies.facts import ContactsFact, ContentFact, MalwareFact, SenderDetails
from policies.folding import fold_domain
from policies.looked_into import Examination
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Mode, PolicySpec
from policies.verdict import Approvers

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Recipient, ThreadEntry)

# An inspection that a bound ended is one that nobody can vouch for; a file of an unknown format is only not read.
_BOUNDS = frozenset(
    {
        Problem.TOO_DEEP,
        Problem.TOO_LARGE,
        Problem.TOO_MANY_MEMBERS,
        Problem.TOO_SLOW,
        Problem.UNSAFE_XML,
        "crashed",  # the sandbox
    }
)
# Copies that have left, or are about to: what is only waiting says nothing about an address.
_LEFT = (
    Recipient.Status.QUEUED,
    Recipient.Status.SENDING,
    Recipient.Status.DEFERRED,
    Recipient.Status.DELIVERED,
    Recipient.Status.OUTCOME_UNKNOWN,
)
OFTEN = 10
_FREQUENT_FOR = timedelta(minutes=10)
_PASSWORD_MAIL_DAYS = 7
_PASSWORD_MAILS = 20
_REFERENCES = 50
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")


class Past:
    """Has mail of the record judged as of its own time: mail that came later is no earlier mail."""

    def frequent_domains(self, at: datetime) -> frozenset[str]:
        """Return the domains to which the company had written often before `at`."""
        return frozenset(domain for domain, since in self._often_since.items() if since < at)

    @cached_property
    def _often_since(self) -> dict[str, datetime]:
        """Return when each domain was written to for the OFTENth time; the whole record is looked through, once."""
        written = Recipient.objects.filter(status__in=_LEFT).annotate(
            place=Window(RowNumber(), partition_by="domain", order_by="message__received_at")
        )
        found: dict[str, datetime] = {}
        for domain, at in written.filter(place=OFTEN).values_list("domain", "message__received_at"):
            folded = fold_domain(domain)
            found[folded] = min(at, found.get(folded, at))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is known of a message before it is opened; `past` where it came at another time than now."""

    message: Message
    sender: Person | None
    sender_address: str
    departments: frozenset[int]
    recipients: Sequence[Recipient]
    own_domains: frozenset[str]
    policies: Sequence[PolicySpec]
    past: Past | None = None


class Gathering:
    """The source of one message's facts; remembers what came up that a person must look at."""

    def __init__(self, content: bytes, envelope: Envelope) -> None:
        self._content = content
        self._envelope = envelope
        self.problem = ""
        self.attachment_count = 0
        self._examined = Examination(Inspection(pieces=(), files=(), inspected=True, problems=()), ())

    def content(self) -> ContentFact:
        """Read the message."""
        fact = content_of(self._content)
        self.attachment_count = fact.own_attachments
        self._note(fact.problem)
        return fact

    def inspection(self) -> Inspection:
        """Read all attachments, with passwords from earlier mail to the same people where that is needed."""
        self._examined = self._examine(())
        if any(file.encrypted and not file.opened for file in self._examined.inspection.files):
            passwords = self._earlier_passwords()
            self._examined = self._examine(passwords) if passwords else self._examined
        found = self._examined.inspection
        self._note(next((problem for problem in found.problems if problem in _BOUNDS), ""))
        return found

    def findings(self, inspection: Inspection) -> tuple[Finding, ...]:
        """Return the personal and secret data in all that could be read: it was looked for in the same go."""
        return self._examined.findings

    def _examine(self, passwords: Sequence[str]) -> Examination:
        return examination_of(
            self._content,
            passwords=passwords,
            own_domains=self._envelope.own_domains,
            # What is found is only a step further in the same process: it is looked for wherever somebody may ask.
            find=any(map(_asks_for_findings, self._envelope.policies)),
        )

    def sender_details(self) -> SenderDetails:
        """Ask the directory."""
        departments = dict(Department.objects.values_list("pk", "name"))
        person = self._envelope.sender
        if person is None:
            return SenderDetails(
                addresses=frozenset({fold_recipient(self._envelope.sender_address)} - {""}),
                all_departments=frozenset(departments.values()),
            )
        manager = person.manager
        return SenderDetails(
            addresses=frozenset(map(fold_recipient, person.addresses())),
            manager=frozenset(map(fold_recipient, manager.addresses())) if manager else frozenset(),
            approver=self._is_approver(person),
            departments=frozenset(departments[pk] for pk in self._envelope.departments if pk in departments),
            all_departments=frozenset(departments.values()),
        )

    def _is_approver(self, person: Person) -> bool:
        for policy in self._envelope.policies:
            for action in policy.actions if policy.enabled else ():
                if action.approvers is Approvers.PERSONS and person.pk in action.ids:
                    return True
                if action.approvers is Approvers.DEPARTMENT and self._envelope.departments & set(action.ids):
                    return True
        return Person.objects.filter(manager=person, is_active=True).exists()

    def contacts(self) -> ContactsFact:
        """Look for earlier mail to the recipients."""
        addresses = {fold_recipient(recipient.address) for recipient in self._envelope.recipients}
        domains = {fold_domain(recipient.domain) for recipient in self._envelope.recipients}
        earlier = self._earlier(Recipient.objects.filter(status__in=_LEFT))
        mine = earlier.filter(self._from_sender())
        return ContactsFact(
            person_addresses=_known_addresses(mine, domains, addresses),
            person_domains=_known_domains(mine, domains),
            company_addresses=_known_addresses(earlier, domains, addresses),
            company_domains=_known_domains(earlier, domains),
        )

    def _earlier(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Return those of `rows` that belong to mail before this one; what is judged now is newer than all there is."""
        message = self._envelope.message
        found = rows.exclude(message=message)
        return (
            found
            if self._envelope.past is None
            else found.filter(message__received_at__lt=message.received_at)
        )

    def _from_sender(self) -> Q:
        """Return what finds the mail of the same person, or of the same address where that is nobody's."""
        person = self._envelope.sender
        if person is None:
            return Q(message__reverse_path__iexact=self._envelope.sender_address)
        return Q(message__submitter=person) | Q(message__reverse_path__in=person.addresses())

    def frequent_domains(self) -> frozenset[str]:
        """Return the outside domains to which the company has written often."""
        at, past = self._envelope.message.received_at, self._envelope.past
        domains = _Frequent.domains(at) if past is None else past.frequent_domains(at)
        return domains - self._envelope.own_domains

    def answered(self) -> frozenset[str] | None:
        """Return who takes part in the newest mail of the thread that has passed here, or None."""
        digests = thread_digests(header_values(self._content, ("in-reply-to", "references")))
        entry = (
            self._earlier(ThreadEntry.objects.filter(digest__in=digests))
            .select_related("message")
            .order_by("-message__received_at")
            .first()
        )
        return participants(entry.message) if entry else None

    def malware(self) -> MalwareFact:
        """Ask the virus scanner; one that does not answer has checked nothing."""
        try:
            found = clamd.scan(self._content, settings.CLAMD, settings.CLAMD_TIMEOUT)
        except clamd.NotChecked as error:
            logger.warning("malware not checked: %s", error)
            if any(map(_trusts_the_scanner, self._envelope.policies)):
                self._note("malware_not_checked")
            return MalwareFact(checked=False)
        return MalwareFact(checked=True, name=found)

    def _note(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _earlier_passwords(self) -> tuple[str, ...]:
        """Return passwords in the newest mails of the same sender to one of the recipients, without repetition."""
        since = self._envelope.message.received_at - timedelta(days=_PASSWORD_MAIL_DAYS)
        addresses = [recipient.address for recipient in self._envelope.recipients]
        candidates = Recipient.objects.filter(
            self._from_sender(), address__in=addresses, message__received_at__gte=since
        )
        mails = (
            self._earlier(candidates)
            .order_by("-message__received_at")
            .values_list("message_id", flat=True)[: _PASSWORD_MAILS * 5]
        )
        newest = list(islice(dict.fromkeys(mails), _PASSWORD_MAILS))
        revisions = Revision.objects.filter(message__in=newest).select_related("message", "sealed_content")
        return tuple(dict.fromkeys(word for revision in revisions for word in _passwords(revision)))


def _asks_for_findings(policy: PolicySpec) -> bool:
    conditions = (*policy.conditions, *policy.exceptions)
    return policy.enabled and any(
        condition_kind(condition.kind).part(condition) is Part.FINDINGS for condition in conditions
    )


def _trusts_the_scanner(policy: PolicySpec) -> bool:
    """Tell whether `policy` takes no answer of the scanner for a good one, so that a person must look instead."""
    conditions = (*policy.conditions, *policy.exceptions)
    acts = policy.enabled and policy.mode is Mode.ENFORCE
    return acts and any(each.kind == "malware" and each.choice == "found" for each in conditions)


def _passwords(revision: Revision) -> tuple[str, ...]:
    try:
        parsed = parse(read_content(revision))
    except ContentUnreadable:
        logger.exception("earlier content cannot be opened", extra={"revision_id": str(revision.pk)})
        return ()
    return password_candidates(f"{parsed.subject}\n{judged_text(parsed)}")


def _known_addresses(
    earlier: QuerySet[Recipient], domains: Iterable[str], addresses: Iterable[str]
) -> frozenset[str]:
    # The domain leads, as that has an index; addresses are kept as they were written.
    found = (
        earlier.filter(domain__in=domains)
        .annotate(folded=Lower("address"))
        .filter(folded__in=addresses)
        .values_list("folded", flat=True)
        .distinct()
    )
    return frozenset(map(fold_recipient, found))


def _known_domains(earlier: QuerySet[Recipient], domains: Iterable[str]) -> frozenset[str]:
    return frozenset(domain for domain in domains if earlier.filter(domain=domain).exists())


class _Frequent:
    """The domains written to often, counted by this process every few minutes: the whole record is looked through."""

    found: frozenset[str] = frozenset()
    counted_at: datetime | None = None

    @classmethod
    def domains(cls, now: datetime) -> frozenset[str]:
        if cls.counted_at is None or not cls.counted_at <= now < cls.counted_at + _FREQUENT_FOR:
            rows = Recipient.objects.filter(status__in=_LEFT).values("domain").annotate(times=Count("pk"))
            cls.found = frozenset(
                fold_domain(domain)
                for domain in rows.filter(times__gte=OFTEN).order_by().values_list("domain", flat=True)
            )
            cls.counted_at = now
        return cls.found


def thread_digests(values: Mapping[str, str]) -> list[bytes]:
    """Return digests of the Message-IDs in the given header fields, the newest ones of a long thread."""
    found = dict.fromkeys(_MESSAGE_ID.findall(" ".join(values.values())))
    return [digest_of(message_id) for message_id in list(found)[-_REFERENCES:]]


def digest_of(message_id: str) -> bytes:
    """Return by what a Message-ID is known here."""
    return hashlib.sha256(message_id.strip().encode("utf-8", "surrogatepass")).digest()[:16]


def compares_replies(policies: Iterable[PolicySpec]) -> bool:
    """Tell whether some enabled policy needs to know what is answered."""
    conditions = (
        each for policy in policies if policy.enabled for each in (*policy.conditions, *policy.exceptions)
    )
    return any(each.kind == "added_recipient" for each in conditions)


def participants(message: Message) -> frozenset[str]:
    """Return everybody whom a message was from or for: its envelope and what its header names."""
    envelope = {message.reverse_path, *message.recipients.values_list("address", flat=True)}
    revision = message.revisions.select_related("message", "sealed_content").latest("number")
    try:
        values = header_values(read_content(revision), ("from", "reply-to", "to", "cc"))
    except ContentUnreadable:
        logger.exception("earlier content cannot be opened", extra={"message_id": str(message.pk)})
        values = {}
    named = {mailbox.address for value in values.values() for mailbox in parse_addresses(value)}
    return frozenset(map(fold_recipient, envelope | named)) - {""}
