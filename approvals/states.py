"""The states of a hold and the arrows between them. Every change of state is one of these, and nothing else is.

`approvals.transitions` is the only code that writes a state; the database refuses states that are not named here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mailhold.mailstore.models import Recipient


class HoldState(models.TextChoices):
    """Where a hold is."""

    RECEIVED = "received", _("being checked")  # an edit made a new revision, which waits to be screened
    HELD = "held", _("on hold")  # waits for its gates
    QUEUED = (
        "queued",
        _("about to be sent"),
    )  # all gates open: a worker will take it, now or at its next attempt
    SENDING = "sending", _("being sent")  # the final dot may have been sent, no outcome is recorded yet
    DONE = "done", _("finished")  # every recipient has a final status
    CANCELED = "canceled", _("canceled")  # by the sender
    REJECTED = "rejected", _("rejected")  # by an approver
    RETURNED = "returned", _("returned")  # by a policy or because nobody decided: the sender has it back
    DISCARDED = "discarded", _("discarded")  # by a policy or an administrator


S = HoldState

# From each state the states that may follow.
ARROWS: dict[HoldState, frozenset[HoldState]] = {
    S.RECEIVED: frozenset({S.HELD, S.QUEUED, S.CANCELED, S.RETURNED, S.DISCARDED}),
    S.HELD: frozenset({S.RECEIVED, S.QUEUED, S.CANCELED, S.REJECTED, S.RETURNED, S.DISCARDED}),
    # An attempt that never came to the dot may end a hold (every recipient refused) or leave it queued.
    S.QUEUED: frozenset({S.QUEUED, S.SENDING, S.DONE}),
    S.SENDING: frozenset({S.QUEUED, S.DONE}),
    # An administrator or the sender sends again what may or may not have arrived.
    S.DONE: frozenset({S.QUEUED}),
    S.CANCELED: frozenset(),
    S.REJECTED: frozenset(),
    S.RETURNED: frozenset(),
    S.DISCARDED: frozenset(),
}

# The states in which a hold may begin: screening knows at once what must happen.
FIRST_STATES = frozenset({S.HELD, S.QUEUED, S.RETURNED, S.DISCARDED})
# In which the sender can still stop the mail.
CANCELABLE_STATES = frozenset({S.RECEIVED, S.HELD})
OPEN_STATES = frozenset({S.RECEIVED, S.HELD, S.QUEUED, S.SENDING})
ENDED_STATES = frozenset(set(HoldState) - OPEN_STATES)

R = Recipient.Status
_AFTER_AN_ATTEMPT = frozenset({R.DELIVERED, R.FAILED, R.OUTCOME_UNKNOWN, R.REMOVED})

# In which statuses the recipients of a hold may be: conservation is checked against this table.
RECIPIENT_STATUSES: dict[HoldState, frozenset[Recipient.Status]] = {
    S.RECEIVED: frozenset({R.WAITING, R.REMOVED}),
    S.HELD: frozenset({R.WAITING, R.REMOVED}),
    S.QUEUED: frozenset({R.QUEUED, R.DEFERRED}) | _AFTER_AN_ATTEMPT,
    S.SENDING: frozenset({R.SENDING}) | _AFTER_AN_ATTEMPT,
    S.DONE: _AFTER_AN_ATTEMPT,
    S.CANCELED: frozenset({R.CANCELED, R.REMOVED}),
    S.REJECTED: frozenset({R.REJECTED, R.REMOVED}),
    S.RETURNED: frozenset({R.RETURNED, R.REMOVED}),
    S.DISCARDED: frozenset({R.DISCARDED, R.REMOVED}),
}


def sources(target: HoldState) -> frozenset[HoldState]:
    """Return the states from which an arrow leads to `target`."""
    return frozenset(state for state, targets in ARROWS.items() if target in targets)
