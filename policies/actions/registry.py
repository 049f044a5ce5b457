"""Every kind of action, from the mildest to the strictest."""

from policies.actions import (
    add_bcc,
    add_cc,
    add_header,
    approval,
    discard,
    hold,
    notify,
    require_reason,
    return_to_sender,
    risk,
    self_check,
    send_now,
    tag,
    urgent,
)
from policies.actions.kind import ActionKind
from policies.exceptions import UnknownKindError

ACTION_KINDS: tuple[ActionKind, ...] = (
    send_now.KIND,
    add_header.KIND,
    tag.KIND,
    add_cc.KIND,
    add_bcc.KIND,
    notify.KIND,
    urgent.KIND,
    risk.KIND,
    hold.KIND,
    self_check.KIND,
    require_reason.KIND,
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
