"""Every kind of action, from the mildest to the strictest."""

from policies.actions import approval, discard, hold, return_to_sender, self_check, send_now
from policies.actions.kind import ActionKind
from policies.exceptions import UnknownKindError

ACTION_KINDS: tuple[ActionKind, ...] = (
    send_now.KIND,
    hold.KIND,
    self_check.KIND,
    approval.KIND,
    return_to_sender.KIND,
    discard.KIND,
)

_BY_CODE = {kind.code: kind for kind in ACTION_KINDS}


def action_kind(code: str) -> ActionKind:
    """Return the kind named `code`, or raise UnknownKindError."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise UnknownKindError("action", code) from None
