"""The only code that writes a hold's state.

A change is one conditional UPDATE: it happens if an arrow of `approvals.states` leads there and the caller's
conditions still hold, or it does not happen at all. The recipients follow in the same transaction.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from approvals.models import Hold
from approvals.states import ENDED_STATES, HoldState, sources
from mailhold.mailstore.models import Recipient

_STATUS_IN = {
    HoldState.CANCELED: Recipient.Status.CANCELED,
    HoldState.REJECTED: Recipient.Status.REJECTED,
    HoldState.RETURNED: Recipient.Status.RETURNED,
    HoldState.DISCARDED: Recipient.Status.DISCARDED,
    HoldState.QUEUED: Recipient.Status.QUEUED,
}


def move(hold_id: UUID, target: HoldState, at: datetime, where: Q = Q(), **changes: Any) -> bool:  # noqa: B008
    """Move one hold to `target`; return False, with nothing changed, where another change came first."""
    if target in ENDED_STATES:
        changes["ended_at"] = at
    where &= Q(state__in=sources(target))
    return Hold.objects.filter(where, pk=hold_id).update(state=target, changed_at=at, **changes) == 1


def end(hold_id: UUID, target: HoldState, at: datetime, where: Q = Q(), **changes: Any) -> bool:  # noqa: B008
    """Move a held hold to the end `target` together with its waiting recipients. Call it inside a transaction."""
    changes |= {"release_at": None, "deadline_at": None, "remind_at": None}
    if not move(hold_id, target, at, where, **changes):
        return False
    recipients_of([hold_id]).filter(status=Recipient.Status.WAITING).update(
        status=_STATUS_IN[target], changed_at=at
    )
    return True


def change_held(hold_id: UUID, at: datetime, where: Q = Q(), **changes: Any) -> bool:  # noqa: B008
    """Change a hold that stays held; return False where it is no longer held or `where` is no longer true.

    It locks the row until the transaction ends, so that decisions on one hold are taken one after the other.
    """
    return Hold.objects.filter(where, pk=hold_id, state=HoldState.HELD).update(changed_at=at, **changes) == 1


def recipients_of(hold_ids: Collection[UUID]) -> QuerySet[Recipient]:
    """Return the recipients of these holds, as a query."""
    return Recipient.objects.filter(hold_link__hold_id__in=hold_ids)
