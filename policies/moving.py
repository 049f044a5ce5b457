"""Changing the order of policies."""

from django.db import transaction
from django.utils import timezone

from audit.record import Actor
from policies.models import Policy
from policies.versions import lock_policies, make_version

STEP = 10


@transaction.atomic
def move(policy: Policy, places: int, actor: Actor) -> bool:
    """Move `policy` by `places` (-1 is up) and return whether there was room to move."""
    lock_policies()
    order = list(Policy.objects.order_by("priority", "id"))
    old = next(position for position, each in enumerate(order) if each.pk == policy.pk)
    new = old + places
    if not 0 <= new < len(order):
        return False
    _swap(order, old, new)
    make_version(actor, at=timezone.now(), details={"changed": [policy.key]})
    return True


def _swap(order: list[Policy], old: int, new: int) -> None:
    """Let the two change their numbers; where numbers are shared, number all of them anew."""
    numbers = [policy.priority for policy in order]
    order[old], order[new] = order[new], order[old]
    if len(set(numbers)) < len(numbers):
        numbers = [STEP * place for place in range(1, len(order) + 1)]
    for policy, number in zip(order, numbers, strict=True):
        if policy.priority != number:
            Policy.objects.filter(pk=policy.pk).update(priority=number)
