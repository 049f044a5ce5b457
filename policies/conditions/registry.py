"""Every kind of condition, in the order in which forms and documentation list them."""

from policies.conditions import (
    attachment_name,
    attachment_type,
    author_differs,
    content_not_inspected,
    external_count,
    has_attachment,
    recipient_count,
    recipient_domain,
    recipient_is,
    size,
    words,
)
from policies.conditions.kind import ConditionKind
from policies.exceptions import UnknownKindError

CONDITION_KINDS: tuple[ConditionKind, ...] = (
    recipient_is.KIND,
    recipient_domain.KIND,
    recipient_count.KIND,
    external_count.KIND,
    has_attachment.KIND,
    attachment_name.KIND,
    attachment_type.KIND,
    words.KIND,
    size.KIND,
    author_differs.KIND,
    content_not_inspected.KIND,
)

_BY_CODE = {kind.code: kind for kind in CONDITION_KINDS}


def condition_kind(code: str) -> ConditionKind:
    """Return the kind named `code`, or raise UnknownKindError."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise UnknownKindError("condition", code) from None
