"""Changing the order of policies."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from audit.record import Actor
from policies.exceptions import StaleOrderError
from policies.models import Policy
from policies.versions import lock_policies, make_version

STEP = 10


def in_order() -> list[Policy]:
    """Return the stored policies in the order in which they are applied."""
    return list(Policy.objects.order_by("priority", "id"))


@transaction.atomic
def move(policy: Policy, places: int, actor: Actor) -> bool:
    """Move `policy` by `places` (-1 is up) and return whether there was room to move."""
    lock_policies()
    order = in_order()
    old = next(position for position, each in enumerate(order) if each.pk == policy.pk)
    new = old + places
    if not 0 <= new < len(order):
        return False
    numbers = [each.priority for each in order]
    order[old], order[new] = order[new], order[old]
    _number(order, numbers)
    make_version(actor, at=timezone.now(), details={"changed": [policy.key]})
    return True


@transaction.atomic
def reorder(seen: Sequence[int], wanted: Sequence[int], actor: Actor) -> bool:
    """Put all policies in the order `wanted`, by their identifiers, and return whether that changed anything.

    `seen` is the order as whoever changes it saw it. Where it is another one by now, raise StaleOrderError: a
    policy that came meanwhile has no place in `wanted`, and what somebody else has moved would move back unseen.
    """
    lock_policies()
    order = in_order()
    pks = [each.pk for each in order]
    if list(seen) != pks or sorted(wanted) != sorted(pks):
        raise StaleOrderError
    by_pk = {each.pk: each for each in order}
    new = [by_pk[pk] for pk in wanted]
    elsewhere = [
        place for place, (before, after) in enumerate(zip(order, new, strict=True)) if before != after
    ]
    if not elsewhere:
        return False
    _number(new, [each.priority for each in order])
    stretch = [each.key for each in new[elsewhere[0] : elsewhere[-1] + 1]]
    make_version(actor, at=timezone.now(), details={"changed": stretch})
    return True


def _number(order: Sequence[Policy], numbers: Sequence[int]) -> None:
    """Give the policies `numbers` in `order`; where numbers are shared, number all of them anew."""
    if len(set(numbers)) < len(numbers):
        numbers = [STEP * place for place in range(1, len(order) + 1)]
    for policy, number in zip(order, numbers, strict=True):
        if policy.priority != number:
            Policy.objects.filter(pk=policy.pk).update(priority=number)
