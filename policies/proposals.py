"""The change that waits: a second administrator agrees or refuses, whoever made it withdraws it or makes it again.

Each is one conditional UPDATE of the very edition that was seen, with its event in the same transaction.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person
from policies import files
from policies.files import ApplyResult
from policies.frozen import thaw
from policies.models import LONGEST_COMMENT, PolicyProposal, PolicyVersion
from policies.proposing import State, close, waiting_proposal
from policies.refusals import (
    ALREADY_DECIDED,
    CHANGED_MEANWHILE,
    NO_REASON,
    NOT_ADMINISTRATOR,
    OUT_OF_DATE,
    OWN_CHANGE,
    SOMETHING_WAITS,
    refused,
)
from policies.rights import may_administer
from policies.standing import Standing, differences_between, standing
from policies.telling import kept
from policies.versions import lock_policies, newest_version, put_in_force


def administrators() -> list[Person]:
    """Return everybody who could agree to a change that somebody else made."""
    active = Person.objects.filter(Q(is_staff=True) | Q(is_superuser=True), is_active=True)
    return [person for person in active.order_by("email") if may_administer(person)]


def is_author(proposal: PolicyProposal, person: Person) -> bool:
    """Tell whether somebody had a part in a change, by whichever of their addresses."""
    own = person.addresses()
    return any(each["person"] == person.pk or each["address"] in own for each in proposal.authors)


def authors_of(proposal: PolicyProposal) -> str:
    """Return the addresses of all who had a part in a change."""
    return ", ".join(dict.fromkeys(each["address"] for each in proposal.authors if each["address"]))


def why_not_agree(proposal: PolicyProposal, person: Person) -> str:
    """Return the code of why somebody may not agree to a change, or ""; where no second is needed, its authors may."""
    if not may_administer(person):
        return NOT_ADMINISTRATOR
    return OWN_CHANGE if settings.POLICY_SECOND_ADMINISTRATOR and is_author(proposal, person) else ""


def waiting_for(person: Person) -> PolicyProposal | None:
    """Return the change that waits, where this person may agree to it."""
    proposal = waiting_proposal() if person.is_staff or person.is_superuser else None
    return None if proposal is None or why_not_agree(proposal, person) else proposal


def agree(
    pk: UUID, edition: int, person: Person, actor: Actor, at: datetime, comment: str = ""
) -> PolicyVersion:
    """Put the change in force as a new version; raises ProposalRefused."""
    if _refreshed(at):
        raise refused(CHANGED_MEANWHILE)
    with transaction.atomic():
        proposal = _seen(pk, edition)
        _require(why_not_agree(proposal, _fresh(person)))
        version = _agreed(proposal, actor, at, answer=comment, agreed_by=person.email)
        record(_entry(Tag.POLICY_AGREED, proposal, actor, at, version=version.number))
    return version


def agree_alone(actor: Actor, at: datetime, reason: str) -> PolicyVersion:
    """Put the change that waits in force without a second administrator, from the command line; raises ProposalRefused."""
    _require("" if reason.strip() else NO_REASON)
    _refreshed(at)
    with transaction.atomic():
        lock_policies()
        proposal = waiting_proposal()
        if proposal is None:
            raise refused(ALREADY_DECIDED)
        version = _agreed(proposal, actor, at, answer=reason, alone=True)
        record(_entry(Tag.POLICY_AGREED_ALONE, proposal, actor, at, version=version.number))
    return version


@transaction.atomic
def refuse(pk: UUID, edition: int, person: Person, actor: Actor, at: datetime, comment: str) -> None:
    """Have the tables hold again what is in force, and say why; the change stays readable. Raises ProposalRefused."""
    proposal = _seen(pk, edition)
    _require(why_not_agree(proposal, _fresh(person)))
    _require("" if comment.strip() else NO_REASON)
    close(proposal, State.REFUSED, actor.address, at, answer=comment.strip()[:LONGEST_COMMENT])
    record(_entry(Tag.POLICY_REFUSED, proposal, actor, at))


@transaction.atomic
def withdraw(pk: UUID, edition: int, person: Person, actor: Actor, at: datetime) -> None:
    """Let somebody who had a part in the change take all of it back. Raises ProposalRefused."""
    proposal, fresh = _seen(pk, edition), _fresh(person)
    _require("" if may_administer(fresh) and is_author(proposal, fresh) else NOT_ADMINISTRATOR)
    close(proposal, State.WITHDRAWN, actor.address, at)
    record(_entry(Tag.POLICY_WITHDRAWN, proposal, actor, at))


@transaction.atomic
def explain(pk: UUID, person: Person, actor: Actor, at: datetime, comment: str) -> None:
    """Keep what one of those who made the change says of it to whoever decides. Raises ProposalRefused."""
    proposal = PolicyProposal.objects.get(pk=pk)
    _require("" if may_administer(person) and is_author(proposal, person) else NOT_ADMINISTRATOR)
    written = PolicyProposal.objects.filter(pk=pk, state=State.WAITING).update(
        comment=comment.strip()[:LONGEST_COMMENT]
    )
    _require("" if written else ALREADY_DECIDED)
    record(_entry(Tag.POLICY_PROPOSED, proposal, actor, at, explained=True))


@transaction.atomic
def propose_again(pk: UUID, actor: Actor) -> ApplyResult:
    """Make a change again that was refused or withdrawn; it then is of whoever does so. Raises ProposalRefused.

    Only while the version in force is the one that it was made from: otherwise it would take back what came since.
    """
    lock_policies()
    proposal, newest = PolicyProposal.objects.get(pk=pk), newest_version()
    _require("" if proposal.state in {State.REFUSED, State.WITHDRAWN} else ALREADY_DECIDED)
    _require("" if waiting_proposal() is None else SOMETHING_WAITS)
    _require("" if newest is not None and newest.number == proposal.base else OUT_OF_DATE)
    return files.apply_whole(proposal.text, actor, {"again": str(pk)})


def _seen(pk: UUID, edition: int) -> PolicyProposal:
    """Return the change, which waits and is what was seen; nobody else changes it in this transaction."""
    lock_policies()
    proposal = PolicyProposal.objects.get(pk=pk)
    if proposal.state != State.WAITING:
        raise refused(ALREADY_DECIDED)
    if proposal.edition != edition:
        raise refused(CHANGED_MEANWHILE)
    return proposal


def _agreed(
    proposal: PolicyProposal,
    actor: Actor,
    at: datetime,
    *,
    answer: str,
    agreed_by: str = "",
    alone: bool = False,
) -> PolicyVersion:
    newest, stand = newest_version(), standing()
    if newest is None or newest.number != proposal.base:
        raise refused(OUT_OF_DATE)
    if stand.text != proposal.text:
        raise refused(CHANGED_MEANWHILE)
    version = put_in_force(
        newest,
        stand,
        actor,
        at=at,
        made_by=authors_of(proposal),
        agreed_by=agreed_by,
        details={"proposal": str(proposal.pk)},
    )
    decided = answer.strip()[:LONGEST_COMMENT]
    close(proposal, State.AGREED, actor.address, at, answer=decided, alone=alone, version=version.number)
    return version


@transaction.atomic
def _refreshed(at: datetime) -> bool:
    """Take over what the directory did to the change meanwhile (people leave, are renamed); say whether it did anything."""
    lock_policies()
    proposal, newest, stand = waiting_proposal(), newest_version(), standing()
    if proposal is None or newest is None or stand.text == proposal.text:
        return False
    PolicyProposal.objects.filter(pk=proposal.pk).update(
        text=stand.text, changes=_changes(newest, stand), changed_at=at, edition=F("edition") + 1
    )
    return True


def _changes(newest: PolicyVersion, stand: Standing) -> list[dict[str, object]]:
    return kept(differences_between(thaw(newest.frozen), stand.whole))


def _fresh(person: Person) -> Person:
    """Return the person as the directory has them now, so that nobody decides who was an administrator a moment ago."""
    return Person.objects.select_for_update().get(pk=person.pk)


def _require(code: str) -> None:
    if code:
        raise refused(code)


def _entry(tag: Tag, proposal: PolicyProposal, actor: Actor, at: datetime, **details: object) -> Entry:
    return Entry(
        tag=tag,
        at=at,
        actor=actor,
        details={
            "proposal": str(proposal.pk),
            "version_in_force": proposal.base,
            "people": len(proposal.authors),
            **details,
        },
    )
