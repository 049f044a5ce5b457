"""Conservation: every accepted recipient is in exactly one state that fits the state of its hold (invariant 2).

A column holds one value, so what can go wrong is a recipient without a hold, or in a status that its hold's state
does not allow; or a hold that nothing will ever move. These queries find every such row; all of them together take
one pass over the recipients.
"""

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q

from approvals.flows.release import shut_gates
from approvals.models import Hold, HoldRecipient
from approvals.states import RECIPIENT_STATUSES, HoldState
from mailhold.mailstore.models import Message, Recipient


def counts() -> dict[str, int]:
    """Return how many recipients are in each status."""
    rows = Recipient.objects.order_by().values_list("status").annotate(n=Count("pk"))
    return dict(rows)


def problems() -> list[str]:
    """Return a sentence for each kind of row that breaks conservation; an empty list proves it."""
    return list(_problems())


def stuck() -> list[str]:
    """Return a sentence for each kind of hold that nothing will ever move."""
    return list(_stuck())


def check() -> str | None:
    """Return all problems in one sentence for `mailhold doctor`, or None."""
    found = [*problems(), *stuck()]
    return " ".join(found) if found else None


def _problems() -> Iterator[str]:
    in_hold = Exists(HoldRecipient.objects.filter(recipient=OuterRef("pk")))
    received = Q(status=Recipient.Status.RECEIVED)
    yield from _say(
        Recipient.objects.filter(received, message__status=Message.Status.SCREENED).count(),
        "recipients of screened messages are in the status received",
    )
    yield from _say(
        Recipient.objects.filter(~received, message__status=Message.Status.RECEIVED).count(),
        "recipients of messages that were not screened have a later status",
    )
    yield from _say(
        Recipient.objects.filter(received & in_hold).count(), "recipients are received and have a hold"
    )
    yield from _say(Recipient.objects.filter(~received & ~in_hold).count(), "recipients are in no hold")
    for state, allowed in RECIPIENT_STATUSES.items():
        wrong = Recipient.objects.filter(hold_link__hold__state=state).exclude(status__in=allowed)
        yield from _say(
            wrong.count(), f"recipients are in a status that the hold state {state} does not allow"
        )
    yield from _say(
        Hold.objects.filter(~Exists(HoldRecipient.objects.filter(hold=OuterRef("pk")))).count(),
        "holds have no recipient",
    )
    yield from _say(
        Message.objects.filter(~Exists(Recipient.objects.filter(message=OuterRef("pk")))).count(),
        "messages have no recipient",
    )


def _stuck() -> Iterator[str]:
    held = Hold.objects.filter(state=HoldState.HELD)
    yield from _say(
        held.filter(release_at__isnull=True, deadline_at__isnull=True).count(),
        "holds wait for nothing that will ever come",
    )
    yield from _say(
        held.filter(Exists(shut_gates()), stage=0).count(), "holds wait for the clock while a gate is shut"
    )


def _say(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"{count} {what}."
