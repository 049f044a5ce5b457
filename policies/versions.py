"""Versions: whatever changes the policies makes one, or a change that waits, in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.record import Actor, Entry, record
from audit.tags import Tag
from policies.frozen import Frozen, freeze, thaw
from policies.models import LONGEST_AUTHORS, PolicyVersion
from policies.proposing import must_wait, propose, waiting_proposal
from policies.standing import Standing, differences_between, standing
from policies.telling import kept


def newest_version() -> PolicyVersion | None:
    """Return the version in force, or None before there is one."""
    return PolicyVersion.objects.order_by("-number").first()


def id_of_version(number: int) -> UUID | None:
    """Return the identifier of the version with this number, or None where it is not kept."""
    return PolicyVersion.objects.filter(number=number).values_list("pk", flat=True).first()


def lock_policies() -> None:
    """Let nobody else change the policies until the caller's transaction ends; first of all, before a row is written.

    As long as none is, the tables hold what is in force. A version of an earlier mailhold, which does not, is given it
    here: so a change can wait beside it, whether or not `mailhold init` ran since the upgrade.
    """
    _lock()
    newest = newest_version()
    if newest is None or newest.frozen or waiting_proposal() is not None:
        return
    PolicyVersion.objects.filter(pk=newest.pk, frozen="").update(frozen=freeze(standing().whole))


def _lock() -> None:
    PolicyVersion.objects.select_for_update().order_by("-number").first()


def make_version(actor: Actor, *, at: datetime, details: Mapping[str, Any]) -> int:
    """Keep the policies as they now stand, with its event; return the number of the version in force.

    Runs in the transaction of the change. Where nothing has changed there is no new version. Where a second administrator
    must agree, what the tables now hold waits for that, and the version in force stays the one that it was.
    """
    # Rows are written by now: the tables are no longer what an old version could be completed with.
    _lock()
    newest, stand = newest_version(), standing()
    if newest is not None and must_wait(newest):
        propose(newest, stand, actor, at=at, details=details)
        return newest.number
    if newest is not None and newest.text == stand.text:
        return newest.number
    return put_in_force(newest, stand, actor, at=at, made_by=actor.address, details=details).number


def put_in_force(
    newest: PolicyVersion | None,
    stand: Standing,
    actor: Actor,
    *,
    at: datetime,
    made_by: str,
    agreed_by: str = "",
    details: Mapping[str, Any],
) -> PolicyVersion:
    """Make what the tables hold the version after `newest`, with its event."""
    version = PolicyVersion.objects.create(
        number=newest.number + 1 if newest is not None else 1,
        made_at=at,
        made_by=made_by[:LONGEST_AUTHORS],
        agreed_by=agreed_by,
        text=stand.text,
        frozen=freeze(stand.whole),
        changes=_changes(newest, stand),
    )
    record(Entry(tag=Tag.POLICY_CHANGED, at=at, actor=actor, details={"version": version.number, **details}))
    return version


def _changes(newest: PolicyVersion | None, stand: Standing) -> list[dict[str, Any]] | None:
    """Return what the tables change against `newest`, None where that is too old to tell."""
    if newest is None:
        return kept(differences_between(Frozen(), stand.whole))
    return kept(differences_between(thaw(newest.frozen), stand.whole)) if newest.frozen else None


def exported() -> str:
    """Return all policies as a policy file, as the tables hold them."""
    return standing().text


@transaction.atomic
def complete_newest() -> None:
    """Give the newest version, where an earlier mailhold made it, what a change that waits needs beside it."""
    lock_policies()
