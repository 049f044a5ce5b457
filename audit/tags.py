"""Every event that mailhold records, and nothing else: `object:subject:action`.

The object is what it happened to, the subject is the part of it or who acted, the action is what happened, in the
past tense. docs/events.md explains each one; a test compares the two.
"""

from enum import StrEnum


class Tag(StrEnum):
    """Names of events."""

    MESSAGE_ACCEPTED = "message:gateway:accepted"
    MESSAGE_SCREENED = "message:policy:screened"
    MESSAGE_NOT_INSPECTED = "message:policy:not_inspected"
    HOLD_HELD = "hold:policy:held"
    HOLD_APPROVED = "hold:approver:approved"
    HOLD_APPROVAL_UNDONE = "hold:approver:approval_undone"
    HOLD_REJECTED = "hold:approver:rejected"
    HOLD_SELF_CHECKED = "hold:sender:self_checked"
    HOLD_CANCELED = "hold:sender:canceled"
    HOLD_PAUSED = "hold:sender:paused"
    HOLD_SENT_NOW = "hold:sender:sent_now"
    HOLD_EDITED = "hold:sender:edited"
    HOLD_DISCARDED = "hold:administrator:discarded"
    HOLD_RELEASED_BY_ADMINISTRATOR = "hold:administrator:released"
    HOLD_RETURNED = "hold:policy:returned"
    HOLD_DROPPED = "hold:policy:discarded"
    HOLD_REMINDED = "hold:clock:reminded"
    HOLD_EXPIRED = "hold:clock:expired"
    HOLD_QUEUED = "hold:clock:queued"
    HOLD_DONE = "hold:delivery:done"
    HOLD_RESENT = "hold:administrator:resent"
    DELIVERY_ATTEMPTED = "hold:delivery:attempted"
    NOTICE_SENT = "notice:delivery:sent"
    NOTICE_FAILED = "notice:delivery:failed"
    LINK_USED = "hold:link:used"
    LOGIN_FAILED = "account:gateway:login_failed"
    PERSON_IMPORTED = "directory:administrator:imported"
    POLICY_CHANGED = "policy:administrator:changed"
    POLICY_REPLAYED = "policy:administrator:replayed"
    POLICY_PROPOSED = "policy:administrator:proposed"
    POLICY_AGREED = "policy:administrator:agreed"
    POLICY_AGREED_ALONE = "policy:administrator:agreed_alone"
    POLICY_REFUSED = "policy:administrator:refused"
    POLICY_WITHDRAWN = "policy:administrator:withdrawn"
    KEYS_ROTATED = "mailstore:administrator:keys_rotated"
