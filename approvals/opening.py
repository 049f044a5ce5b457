"""Making holds out of a judgement: the rows of a hold, its gates and its first notices, for many at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from approvals import bell, notices
from approvals.judging import Judgement, Lot, reasons_as_json
from approvals.marking import marks_as_json
from approvals.models import Gate, GateApprover, Hold, HoldRecipient, Notice, PolicyMatch
from approvals.people import is_sender
from approvals.states import HoldState
from audit.record import Entry
from audit.tags import Tag
from mailhold.bulk import insert_all
from mailhold.directory.models import Person, fold_address
from mailhold.directory.people import approvers, own_domains
from mailhold.mailstore.models import Message, Recipient, Revision
from policies.verdict import Approvers, Disposition, Stage

# Where a policy sets no deadline: a day.
DEADLINE_SECONDS = 24 * 3600

_ENDS = {
    Disposition.RETURN: (HoldState.RETURNED, Tag.HOLD_RETURNED, Recipient.Status.RETURNED),
    Disposition.DISCARD: (HoldState.DISCARDED, Tag.HOLD_DROPPED, Recipient.Status.DISCARDED),
}


@dataclass
class Opening:
    """Rows to be written together, and what must ring afterwards."""

    holds: list[Hold] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    approvers: list[GateApprover] = field(default_factory=list)
    links: list[HoldRecipient] = field(default_factory=list)
    matches: list[PolicyMatch] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    statuses: dict[Recipient.Status, list[int]] = field(default_factory=dict)
    deliveries: list[UUID] = field(default_factory=list)
    own_domains: frozenset[str] = field(default_factory=own_domains)


def open_lots(
    opening: Opening, message: Message, revision: Revision, judged: Judgement, version: int, now: datetime
) -> None:
    """Add a new hold to `opening` for each lot of a message that has none yet."""
    for lot in judged.lots:
        hold = Hold(message=message, created_at=now, changed_at=now)
        fill(opening, hold, revision, judged, lot, version, now)
        opening.holds.append(hold)
        opening.links.extend(HoldRecipient(hold=hold, recipient=recipient) for recipient in lot.recipients)


def fill(
    opening: Opening, hold: Hold, revision: Revision, judged: Judgement, lot: Lot, version: int, now: datetime
) -> None:
    """Set on `hold` what its lot's treatment asks for, and add its gates, notices and event to `opening`."""
    _fill_gist(hold, revision, judged)
    treatment = lot.treatment
    hold.policy_version = version
    hold.reasons = reasons_as_json(lot.reasons)
    addresses = (recipient.address for recipient in lot.recipients)
    hold.marks = marks_as_json(judged.marks, lot.reasons, addresses, revision.pk)
    hold.sender_may_cancel = treatment.sender_may_cancel
    hold.sender_may_send_now = treatment.sender_may_send_now
    hold.link_level = treatment.link_level
    hold.urgent = treatment.urgent
    hold.reason_required = treatment.reason_required
    hold.sender_reason = ""
    hold.added_headers = list(treatment.headers)
    hold.subject_tags = list(treatment.tags)
    hold.added_cc, hold.added_bcc = list(lot.added_cc), list(lot.added_bcc)
    if treatment.notify:
        opening.notices += notices.to_people(hold, Notice.Kind.NOTIFIED, _told(treatment.notify), now)
    if treatment.disposition in _ENDS:
        _fill_end(opening, hold, lot, now)
    elif treatment.disposition == Disposition.RELEASE:
        hold.state = HoldState.QUEUED
        hold.next_attempt_at = now + timedelta(seconds=settings.LEASE_SECONDS)
        _recipients_become(opening, lot, Recipient.Status.QUEUED)
        opening.deliveries.append(hold.pk)
        opening.entries.append(_entry(hold, Tag.HOLD_QUEUED, now, {"reasons": _codes(lot)}))
    else:
        _fill_held(opening, hold, lot, now)


def _told(person_ids: Iterable[int]) -> list[Person]:
    """Return the people whom a policy wants told; who has left is not."""
    return list(Person.objects.filter(pk__in=person_ids, is_active=True).order_by("email"))


def with_copies(message: Message, judged: Judgement, status: Recipient.Status) -> Judgement:
    """Write the recipients, in `status`, that policies add to `message`, and return `judged` with them in its lots.

    Nobody gets a second copy: an address that is a recipient already, or was added for another lot, is not added. One
    that would leave by itself, as a copy does whose mail was edited, goes with the lot instead. Whom the sender wrote
    to is never named in Cc by a policy: it may be a Bcc of the sender's.
    """
    if not any(lot.treatment.cc or lot.treatment.bcc for lot in judged.lots):
        return judged
    ours = _added_before(message)
    judged = replace(judged, lots=_copies_gone_with(judged.lots, ours))
    there = _there(message)
    written_to = there - ours
    lots = []
    for lot in judged.lots:
        cc = _each_once(lot.treatment.cc, but=written_to | judged.gist.visible.keys())
        bcc = _each_once(lot.treatment.bcc, but=written_to | cc.keys())
        wanted = [address for folded, address in (cc | bcc).items() if folded not in there]
        there |= cc.keys() | bcc.keys()
        copies = tuple(
            Recipient.objects.create(
                message=message,
                address=address,
                domain=address.rpartition("@")[2].lower(),
                status=status,
                # The sender has not asked for it, so hears nothing of how it fares.
                dsn_notify="NEVER",
            )
            for address in wanted
        )
        recipients = (*lot.recipients, *copies)
        lots.append(
            replace(lot, recipients=recipients, added_cc=tuple(cc.values()), added_bcc=tuple(bcc.values()))
        )
    return replace(judged, lots=tuple(lots))


def _there(message: Message) -> set[str]:
    """Return the addresses of the recipients of `message`; one that an edit took out can be added again."""
    recipients = Recipient.objects.filter(message=message).exclude(status=Recipient.Status.REMOVED)
    return {fold_address(address) for address in recipients.values_list("address", flat=True)}


def _added_before(message: Message) -> set[str]:
    """Return the addresses that policies added to `message` when it, or an earlier state of it, was screened."""
    added = Hold.objects.filter(message=message).values_list("added_cc", "added_bcc")
    return {fold_address(address) for both in added for addresses in both for address in addresses}


def _each_once(addresses: Iterable[str], *, but: Collection[str]) -> dict[str, str]:
    """Return `addresses` by their folded form, without those that fold to one of `but`."""
    folded = {fold_address(address): address for address in reversed(list(addresses))}
    return {key: folded[key] for key in reversed(folded) if key not in but}


def _copies_gone_with(lots: Sequence[Lot], ours: set[str]) -> tuple[Lot, ...]:
    """Return `lots` with the recipients whom nothing holds moved into the first lot that wants a copy sent to them."""
    free = {
        fold_address(recipient.address): recipient
        for lot in lots
        if lot.treatment.disposition == Disposition.RELEASE and not _wants_copies(lot)
        for recipient in lot.recipients
    }
    moved: set[int] = set()
    found = []
    for lot in lots:
        # A recipient of the sender's whom a policy wants in Cc is written to already, and waits for nobody.
        cc = [each for each in map(fold_address, lot.treatment.cc) if each in ours]
        asked = [*map(fold_address, lot.treatment.bcc), *cc]
        copies = [free.pop(each) for each in asked if each in free]
        moved |= {recipient.pk for recipient in copies}
        found.append(replace(lot, recipients=(*lot.recipients, *copies)))
    kept = [
        replace(lot, recipients=tuple(r for r in lot.recipients if _wants_copies(lot) or r.pk not in moved))
        for lot in found
    ]
    return tuple(lot for lot in kept if lot.recipients)


def _wants_copies(lot: Lot) -> bool:
    return bool(lot.treatment.cc or lot.treatment.bcc)


def _fill_gist(hold: Hold, revision: Revision, judged: Judgement) -> None:
    hold.revision = revision
    hold.subject = judged.gist.subject
    hold.author = judged.gist.author
    hold.author_address = judged.gist.author_address
    hold.attachment_count = judged.attachment_count
    hold.sender = judged.sender
    hold.sender_address = judged.sender_address
    hold.automatic = judged.gist.automatic


def _fill_end(opening: Opening, hold: Hold, lot: Lot, now: datetime) -> None:
    hold.state, tag, status = _ENDS[lot.treatment.disposition]
    hold.ended_at = now
    text = lot.treatment.return_text
    hold.return_text = {"ja": text.ja, "en": text.en} if text else None
    _recipients_become(opening, lot, status)
    opening.entries.append(_entry(hold, tag, now, {"reasons": _codes(lot)}))
    if hold.state == HoldState.RETURNED:
        opening.notices += notices.to_sender(hold, Notice.Kind.RETURNED, now)


def _fill_held(opening: Opening, hold: Hold, lot: Lot, now: datetime) -> None:
    treatment = lot.treatment
    hold.state = HoldState.HELD
    hold.not_before = now + timedelta(seconds=treatment.delay_seconds) if treatment.delay_seconds else None
    gates = [Gate(hold=hold, kind=Gate.Kind.SELF_CHECK, ordinal=1)] if treatment.self_check else []
    asked: list[list[Person]] = [[] for _ in gates]
    for stage in treatment.stages:
        people = who_decides(stage, hold)
        asked.append(people)
        needed = max(1, min(stage.needed, len(people)))
        gates.append(
            Gate(
                hold=hold,
                kind=Gate.Kind.APPROVAL,
                ordinal=len(gates) + 1,
                needed=needed,
                allow_self=stage.allow_self,
            )
        )
    hold.stage = 1 if gates else 0
    hold.release_at = None if gates else hold.not_before or now
    if gates:
        _fill_deadline(hold, treatment.deadline_seconds or DEADLINE_SECONDS, now)
    opening.gates += gates
    for gate, people in zip(gates, asked, strict=True):
        opening.approvers += [GateApprover(gate=gate, person=person) for person in people]
    _recipients_become(opening, lot, Recipient.Status.WAITING)
    opening.entries.append(_entry(hold, Tag.HOLD_HELD, now, {"reasons": _codes(lot), "gates": len(gates)}))
    opening.notices += first_notices(
        hold, gates[0] if gates else None, asked[0] if asked else [], now, opening.own_domains
    )


def _fill_deadline(hold: Hold, seconds: int, now: datetime) -> None:
    hold.deadline_seconds = seconds
    hold.deadline_at = now + timedelta(seconds=seconds)
    hold.remind_at = now + timedelta(seconds=seconds / 2)


def first_notices(
    hold: Hold,
    gate: Gate | None,
    asked: Sequence[Person],
    now: datetime,
    own: frozenset[str] | None = None,
) -> list[Notice]:
    """Return what must be said when `hold` begins to wait for `gate` (None: for the clock only)."""
    if gate is None:
        return notices.to_sender(hold, Notice.Kind.SENDING_SOON, now, own)
    if gate.kind == Gate.Kind.SELF_CHECK:
        return notices.to_sender(hold, Notice.Kind.SELF_CHECK, now, own)
    return [
        *notices.to_people(hold, Notice.Kind.APPROVAL_REQUEST, asked, now, ordinal=gate.ordinal),
        *notices.to_sender(hold, Notice.Kind.WAITING_FOR_APPROVAL, now, own),
    ]


def who_decides(stage: Stage, hold: Hold) -> list[Person]:
    """Return who may open `stage` for `hold`: nobody whose own mail it is, unless the policy names self-approval.

    Where that leaves fewer than must approve, administrators are asked too: two pairs of eyes stay two. Where there are
    too few of them either, those who are there are enough, and where nobody is, the deadline returns the mail.
    """
    people = approvers(stage.approvers, stage.ids, hold.sender)
    if not stage.allow_self:
        people = _others(people, hold)
    if len(people) < stage.needed and stage.approvers != Approvers.ADMINISTRATORS:
        people += _others(approvers(Approvers.ADMINISTRATORS, (), hold.sender), hold)
    return list(dict.fromkeys(people))


def _others(people: Iterable[Person], hold: Hold) -> list[Person]:
    # By the rule that is asked when they decide: whoever is named in From could not, and nobody else would be asked.
    return [person for person in people if not is_sender(hold, person)]


def _recipients_become(opening: Opening, lot: Lot, status: Recipient.Status) -> None:
    opening.statuses.setdefault(status, []).extend(recipient.pk for recipient in lot.recipients)


def _codes(lot: Lot) -> list[str]:
    return [reason.code for reason in lot.reasons]


def _entry(hold: Hold, tag: Tag, now: datetime, details: dict[str, Any]) -> Entry:
    return Entry(tag=tag, at=now, message_id=hold.message_id, hold_id=hold.pk, details=details)


def write_rows(opening: Opening) -> None:
    """Write what belongs to the holds of `opening` (they are written already) and ring, in the caller's transaction."""
    insert_all(opening.links)
    insert_all(opening.matches)
    Gate.objects.bulk_create(opening.gates)
    GateApprover.objects.bulk_create(opening.approvers)
    notices.put_down(opening.notices)
    if opening.deliveries:
        bell.ring_delivery(opening.deliveries)
