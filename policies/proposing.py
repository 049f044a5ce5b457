"""A change that must wait for a second administrator: it is put down, and what is in force stays in force.

There is one at most. Whatever else is changed meanwhile joins it, so that policies and the lists that they name can
be changed one after the other, and nothing is built on what may never come.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F

from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.people import person_by_address
from policies.frozen import thaw
from policies.models import KeptDepartment, PolicyProposal, PolicyVersion
from policies.refusals import ALREADY_DECIDED, NOT_COMPLETE, refused
from policies.standing import Standing, approving_departments, differences_between, put_back
from policies.telling import kept

State = PolicyProposal.State


def waiting_proposal() -> PolicyProposal | None:
    """Return the change that waits, or None."""
    return PolicyProposal.objects.filter(state=State.WAITING).first()


def must_wait(newest: PolicyVersion | None) -> bool:
    """Tell whether a change made now waits, rather than comes into force at once.

    The first policies of an installation do not: there is nothing that could stay in force.
    """
    return newest is not None and (settings.POLICY_SECOND_ADMINISTRATOR or waiting_proposal() is not None)


def propose(
    newest: PolicyVersion, stand: Standing, actor: Actor, *, at: datetime, details: Mapping[str, Any]
) -> None:
    """Put down what the tables now hold as the change that waits, or as one more part of it."""
    proposal, as_in_force = waiting_proposal(), _is_in_force(stand, newest)
    if as_in_force if proposal is None else stand.text == proposal.text:
        return
    if proposal is None:
        proposal = _open(newest, stand, actor, at)
    elif as_in_force:
        close(proposal, State.WITHDRAWN, actor.address, at)
        record(_entry(Tag.POLICY_WITHDRAWN, proposal, actor, at, details))
        return
    else:
        _join(proposal, newest, stand, actor, at)
    record(_entry(Tag.POLICY_PROPOSED, proposal, actor, at, details))


def _is_in_force(stand: Standing, newest: PolicyVersion) -> bool:
    """Tell whether nothing is changed: not by its words, or not by its values, since people may be called otherwise now."""
    return stand.text == newest.text or bool(newest.frozen and stand.whole == thaw(newest.frozen))


def _open(newest: PolicyVersion, stand: Standing, actor: Actor, at: datetime) -> PolicyProposal:
    if not newest.frozen:
        # The change has overwritten the only place that held what is in force; its transaction is rolled back.
        raise refused(NOT_COMPLETE)
    in_force = thaw(newest.frozen)
    proposal = PolicyProposal.objects.create(
        base=newest.number,
        text=stand.text,
        changes=kept(differences_between(in_force, stand.whole)),
        authors=with_author([], actor),
        opened_at=at,
        changed_at=at,
    )
    KeptDepartment.objects.bulk_create(
        KeptDepartment(proposal=proposal, department_id=pk)
        for pk in sorted(approving_departments(in_force.policies))
    )
    return proposal


def _join(
    proposal: PolicyProposal, newest: PolicyVersion, stand: Standing, actor: Actor, at: datetime
) -> None:
    joined = PolicyProposal.objects.filter(
        pk=proposal.pk, state=State.WAITING, edition=proposal.edition
    ).update(
        text=stand.text,
        changes=kept(differences_between(thaw(newest.frozen), stand.whole)),
        authors=with_author(proposal.authors, actor),
        changed_at=at,
        edition=F("edition") + 1,
    )
    if not joined:
        raise refused(ALREADY_DECIDED)


def with_author(authors: list[dict[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    """Return `authors` with whoever acted, once."""
    person = person_by_address(actor.address) if actor.address else None
    author = {"person": person.pk if person else None, "address": actor.address}
    return authors if author in authors else [*authors, author]


def close(
    proposal: PolicyProposal, state: "PolicyProposal.State", by: str, at: datetime, **more: Any
) -> None:
    """End the waiting of the very edition that `proposal` is; anything but AGREED puts back what is in force."""
    closed = PolicyProposal.objects.filter(
        pk=proposal.pk, state=State.WAITING, edition=proposal.edition
    ).update(state=state, decided_by=by, decided_at=at, **more)
    if not closed:
        raise refused(ALREADY_DECIDED)
    proposal.kept_departments.all().delete()
    if state != State.AGREED:
        put_back(thaw(PolicyVersion.objects.get(number=proposal.base).frozen))


def _entry(
    tag: Tag, proposal: PolicyProposal, actor: Actor, at: datetime, details: Mapping[str, Any]
) -> Entry:
    return Entry(
        tag=tag,
        at=at,
        actor=actor,
        details={"proposal": str(proposal.pk), "version_in_force": proposal.base, **details},
    )
