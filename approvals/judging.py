"""From the bytes of a message to what must happen to it. Reads and computes, writes nothing.

It runs outside any transaction: parsing somebody's bomb must not hold a lock.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from approvals.gathering import Envelope, Gathering, Past, compares_replies, digest_of
from approvals.marking import NO_MARKS, JudgedMarks, judged_marks
from mailhold.directory.models import Person, fold_address
from mailhold.directory.people import department_ancestors, fold_domain, own_domains, people_by_address
from mailhold.mailstore.models import Message, Recipient
from mailhold.mime.headers import header_values, parse_addresses
from policies.evaluate import evaluate
from policies.facts import Facts, RecipientFact, SenderFact
from policies.loading import reference_in_force
from policies.marking import marks_of
from policies.reference import NO_REFERENCE, Reference
from policies.spec import PolicySpec
from policies.verdict import (
    Approvers,
    Disposition,
    Match,
    Reason,
    RecipientVerdict,
    Stage,
    Text,
    Treatment,
    Verdict,
)

logger = logging.getLogger(__name__)

NOT_INSPECTED_DEADLINE = 3 * 24 * 3600

_HEADERS = ("subject", "from", "to", "cc", "auto-submitted", "message-id")


@dataclass(frozen=True, slots=True)
class Gist:
    """What lists and notices show of a message, read from its header block only."""

    subject: str
    author: str
    author_address: str  # of the first mailbox in From
    authors: frozenset[str]  # of all of them (RFC 5322 3.6.2 allows several), folded
    visible: Mapping[str, str]  # folded address -> "to" or "cc"
    automatic: bool
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """The recipients of a message that are treated alike, with every reason for it."""

    treatment: Treatment
    reasons: tuple[Reason, ...]
    recipients: tuple[Recipient, ...]
    # Those among the recipients that policies have added: named in the Cc field of what leaves, and not.
    added_cc: tuple[str, ...] = ()
    added_bcc: tuple[str, ...] = ()
    # The policies that match for any of them; one is there again for each other outcome without it.
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that screening found out about one message."""

    gist: Gist
    sender: Person | None
    sender_address: str
    lots: tuple[Lot, ...]
    watched: tuple[Reason, ...] = ()
    attachment_count: int = 0
    problem: str = ""
    thread: bytes = b""  # by what replies will find the message, where a policy compares them
    marks: JudgedMarks = NO_MARKS


@dataclass(frozen=True)
class Surroundings:
    """What a batch of messages is judged against, loaded once for all of them."""

    policies: Sequence[PolicySpec]
    own_domains: frozenset[str]
    people: Mapping[str, Person]
    ancestors: Mapping[int, frozenset[int]] = field(default_factory=dict)
    reference: Reference = NO_REFERENCE
    past: Past | None = None  # None: the messages are judged as they come


def load_surroundings(
    messages: Iterable[Message], gists: Iterable[Gist], policies: Sequence[PolicySpec]
) -> Surroundings:
    """Return what is needed to judge `messages`: the directory's answers, by few queries."""
    addresses = {fold_address(message.reverse_path) for message in messages}
    addresses |= {address for gist in gists for address in gist.authors}
    return Surroundings(
        policies=policies,
        own_domains=own_domains(),
        people=people_by_address(addresses - {""}),
        ancestors=department_ancestors(),
        reference=reference_in_force(),
    )


def read_gist(content: bytes) -> Gist:
    """Return the gist of `content`; never raises, whatever the bytes are."""
    values = header_values(content, _HEADERS)
    author = values.get("from", "")
    mailboxes = parse_addresses(author)
    # Later entries win: somebody named in both is a To.
    visible = {fold_address(mailbox.address): "cc" for mailbox in parse_addresses(values.get("cc", ""))}
    visible |= {fold_address(mailbox.address): "to" for mailbox in parse_addresses(values.get("to", ""))}
    auto_submitted = values.get("auto-submitted", "").partition(";")[0].strip().lower()
    return Gist(
        subject=values.get("subject", "")[:500],
        author=author[:500],
        author_address=fold_address(mailboxes[0].address)[:320] if mailboxes else "",
        authors=frozenset(fold_address(mailbox.address) for mailbox in mailboxes),
        visible=visible,
        automatic=auto_submitted not in {"", "no"},
        message_id=values.get("message-id", "").strip(),
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message ready to be asked about; nothing of it is read before a policy wants to know."""

    facts: Facts
    reading: Gathering
    sender: Person | None
    sender_address: str


def judge(
    message: Message,
    content: bytes,
    gist: Gist,
    recipients: Sequence[Recipient],
    around: Surroundings,
    *,
    mark: bool = False,
) -> Judgement:
    """Return what must happen to the copies for `recipients` of `message`, whose bytes are `content`.

    With `mark` it says where in the message the reasons are, if people will look at it.
    """
    prepared = prepare(message, content, gist, recipients, around)
    verdict = weigh(prepared, around.policies)
    return Judgement(
        gist=gist,
        sender=prepared.sender,
        sender_address=prepared.sender_address,
        lots=lots(recipients, verdict.recipients),
        watched=verdict.watched,
        attachment_count=prepared.reading.attachment_count,
        problem=prepared.reading.problem,
        thread=digest_of(gist.message_id) if gist.message_id and compares_replies(around.policies) else b"",
        marks=_marks(prepared, around.policies, verdict) if mark else NO_MARKS,
    )


def _marks(prepared: Prepared, policies: Sequence[PolicySpec], verdict: Verdict) -> JudgedMarks:
    if all(entry.treatment.disposition is Disposition.RELEASE for entry in verdict.recipients):
        return NO_MARKS
    try:
        return judged_marks(prepared.facts, marks_of(prepared.facts, policies, verdict))
    except Exception:
        # The edge of inspection: what is only shown must never change what is decided.
        logger.exception("marks cannot be made", extra={"size": prepared.facts.size})
        return NO_MARKS


def prepare(
    message: Message, content: bytes, gist: Gist, recipients: Sequence[Recipient], around: Surroundings
) -> Prepared:
    """Return `message` ready for `weigh`; neither it nor its recipients need to be stored."""
    sender, address = _sender(message, gist, around)
    reading = Gathering(
        content,
        Envelope(
            message=message,
            sender=sender,
            sender_address=address,
            departments=_departments(sender, around),
            recipients=recipients,
            own_domains=around.own_domains,
            policies=around.policies,
            past=around.past,
        ),
    )
    facts = Facts(
        sender=_sender_fact(message, gist, sender, address, around),
        recipients=tuple(_recipient_fact(recipient, gist, around) for recipient in recipients),
        size=len(content),
        sent_at=message.received_at,
        source=reading,
        visible=gist.visible,
        own_domains=around.own_domains,
        null_sender=not message.reverse_path,
        automatic=gist.automatic,
        reference=around.reference,
    )
    return Prepared(facts, reading, sender, address)


def weigh(prepared: Prepared, policies: Sequence[PolicySpec]) -> Verdict:
    """Return what `policies` say of the message; what could not be inspected is for a person besides."""
    verdict = evaluate(prepared.facts, policies)
    problem = prepared.reading.problem
    if not problem:
        return verdict
    return replace(verdict, recipients=tuple(for_a_person(entry, problem) for entry in verdict.recipients))


def judge_unreadable(
    message: Message, gist: Gist, recipients: Sequence[Recipient], around: Surroundings, problem: str
) -> Judgement:
    """Return the judgement of a message whose reading broke a process: nobody looks inside again but a person."""
    sender, address = _sender(message, gist, around)
    verdicts = [
        for_a_person(RecipientVerdict(address=r.address, treatment=Treatment()), problem) for r in recipients
    ]
    return Judgement(
        gist=gist, sender=sender, sender_address=address, lots=lots(recipients, verdicts), problem=problem
    )


def _sender(message: Message, gist: Gist, around: Surroundings) -> tuple[Person | None, str]:
    """Return who answers for the message, and the address that notices go to ("" where none may)."""
    if message.submitter is not None:
        return message.submitter, message.submitter.email
    address = fold_address(message.reverse_path)
    if not address:
        # Null reverse path: bounces and read receipts. It belongs to its author, but is never answered.
        return around.people.get(gist.author_address), ""
    return around.people.get(address), address


def _sender_fact(
    message: Message, gist: Gist, sender: Person | None, address: str, around: Surroundings
) -> SenderFact:
    own = {address, fold_address(message.reverse_path)}
    strangers = [author for author in gist.authors - own if not _is_of(author, sender, around)]
    return SenderFact(
        address=address,
        person_id=sender.pk if sender else None,
        name=str(sender) if sender else "",
        departments=_departments(sender, around),
        signed_in=message.submitter_id is not None,
        author_differs=bool(strangers) or not gist.authors,
        joined_on=sender.joined_on if sender else None,
        administrator=sender is not None and (sender.is_staff or sender.is_superuser),
    )


def _departments(sender: Person | None, around: Surroundings) -> frozenset[int]:
    if sender is None or sender.department_id is None:
        return frozenset()
    return around.ancestors.get(sender.department_id, frozenset({sender.department_id}))


def _is_of(address: str, person: Person | None, around: Surroundings) -> bool:
    found = around.people.get(address)
    return person is not None and found is not None and found.pk == person.pk


def _recipient_fact(recipient: Recipient, gist: Gist, around: Surroundings) -> RecipientFact:
    return RecipientFact(
        address=recipient.address,
        domain=recipient.domain,
        internal=fold_domain(recipient.address) in around.own_domains,
        visible=gist.visible.get(fold_address(recipient.address), ""),
    )


def for_a_person(entry: RecipientVerdict, problem: str) -> RecipientVerdict:
    """Return `entry` made at least as strict as: an administrator must look (invariant 11)."""
    treatment = _seen_by_a_person(entry.treatment)
    if treatment is entry.treatment:
        return replace(entry, matches=tuple(map(_match_for_a_person, entry.matches)))
    return replace(
        entry,
        treatment=treatment,
        reasons=(*entry.reasons, not_inspected_reason(problem)),
        matches=tuple(map(_match_for_a_person, entry.matches)),
    )


def _match_for_a_person(match: Match) -> Match:
    otherwise = None if match.otherwise is None else _seen_by_a_person(match.otherwise)
    return replace(match, otherwise=otherwise)


def _seen_by_a_person(treatment: Treatment) -> Treatment:
    if treatment.disposition in {Disposition.RETURN, Disposition.DISCARD}:
        return treatment
    stage = Stage(approvers=Approvers.ADMINISTRATORS)
    return replace(
        treatment,
        disposition=Disposition.HOLD,
        stages=treatment.stages if stage in treatment.stages else (*treatment.stages, stage),
        deadline_seconds=treatment.deadline_seconds or NOT_INSPECTED_DEADLINE,
    )


def not_inspected_reason(problem: str) -> Reason:
    """Return the reason that no policy gives but the product itself."""
    return Reason(
        code="check_failed",
        policy_id=0,
        policy=Text(
            ja="検査できないメールは人が見ます", en="What cannot be inspected is looked at by a person"
        ),
        text=Text(ja=f"検査できませんでした({problem})", en=f"could not be inspected ({problem})"),
    )


def lots(recipients: Sequence[Recipient], verdicts: Sequence[RecipientVerdict]) -> tuple[Lot, ...]:
    """Put recipients with equal treatments together, in the order of their first one."""
    found: dict[Treatment, tuple[list[Recipient], list[RecipientVerdict]]] = {}
    for recipient, entry in zip(recipients, verdicts, strict=True):
        members, entries = found.setdefault(entry.treatment, ([], []))
        members.append(recipient)
        entries.append(entry)
    return tuple(
        Lot(
            treatment=treatment,
            reasons=tuple(dict.fromkeys(reason for entry in entries for reason in entry.reasons)),
            recipients=tuple(members),
            matches=_all_matches(entries),
        )
        for treatment, (members, entries) in found.items()
    )


def _all_matches(entries: Iterable[RecipientVerdict]) -> tuple[Match, ...]:
    """Return the matches of `entries`, each once. Those of most recipients are one and the same tuple."""
    different = {id(entry.matches): entry.matches for entry in entries}
    return tuple(dict.fromkeys(match for matches in different.values() for match in matches))


def reasons_as_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return `reasons` as they are stored with a hold."""
    return [
        {
            "code": reason.code,
            "policy_id": reason.policy_id,
            "policy": {"ja": reason.policy.ja, "en": reason.policy.en},
            "text": {"ja": reason.text.ja, "en": reason.text.en},
        }
        for reason in reasons
    ]
