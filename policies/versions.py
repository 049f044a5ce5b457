"""Versions: whatever changes the policies makes one, in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.record import Actor, Entry, record
from audit.tags import Tag
from policies.actions.kind import Names
from policies.file_writing import write_policies
from policies.models import PolicyVersion
from policies.naming import addresses
from policies.rows import stored_policies, stored_reference


def lock_policies() -> None:
    """Let nobody else change the policies until the caller's transaction ends."""
    PolicyVersion.objects.select_for_update().order_by("-number").first()


def make_version(actor: Actor, *, at: datetime, details: Mapping[str, Any]) -> int:
    """Keep the policies as they now stand, with its event; return the number of the version.

    Runs in the transaction of the change. Where nothing has changed there is no new version.
    """
    lock_policies()
    newest = PolicyVersion.objects.order_by("-number").first()
    text = exported()
    if newest is not None and newest.text == text:
        return newest.number
    number = newest.number + 1 if newest is not None else 1
    PolicyVersion.objects.create(number=number, made_at=at, made_by=actor.address, text=text)
    record(Entry(tag=Tag.POLICY_CHANGED, at=at, actor=actor, details={"version": number, **details}))
    return number


def exported() -> str:
    """Return all policies as a policy file."""
    policies = stored_policies()
    names: Names = addresses(policies)
    return write_policies(policies, names, stored_reference())
