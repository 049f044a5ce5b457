"""What each event says on a page, in plain words; who acted stands beside it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from audit.tags import Tag

SENTENCES: dict[Tag, Promise] = {
    Tag.MESSAGE_ACCEPTED: _("The mail was accepted."),
    Tag.MESSAGE_SCREENED: _("The policies were applied."),
    Tag.MESSAGE_NOT_INSPECTED: _("The mail could not be inspected, so a person decides."),
    Tag.HOLD_HELD: _("The mail was put on hold."),
    Tag.HOLD_APPROVED: _("The mail was approved."),
    Tag.HOLD_APPROVAL_UNDONE: _("An approval was taken back."),
    Tag.HOLD_REJECTED: _("The mail was rejected."),
    Tag.HOLD_SELF_CHECKED: _("The sender checked the mail."),
    Tag.HOLD_CANCELED: _("The sender canceled sending."),
    Tag.HOLD_PAUSED: _("The sender paused the mail."),
    Tag.HOLD_SENT_NOW: _("The sender had the mail sent at once."),
    Tag.HOLD_EDITED: _("The mail was changed. Earlier approvals are void."),
    Tag.HOLD_DISCARDED: _("An administrator discarded the mail."),
    Tag.HOLD_RELEASED_BY_ADMINISTRATOR: _("An administrator released the mail."),
    Tag.HOLD_RETURNED: _("A policy returned the mail to the sender."),
    Tag.HOLD_DROPPED: _("A policy discarded the mail."),
    Tag.HOLD_REMINDED: _("The approvers were reminded."),
    Tag.HOLD_EXPIRED: _("Nobody decided in time."),
    Tag.HOLD_QUEUED: _("The mail was released for delivery."),
    Tag.HOLD_DONE: _("Delivery was completed for every recipient."),
    Tag.HOLD_RESENT: _("An administrator had the mail sent again."),
    Tag.DELIVERY_ATTEMPTED: _("Delivery was attempted."),
    Tag.NOTICE_SENT: _("A notice was sent."),
    Tag.NOTICE_FAILED: _("A notice could not be sent."),
    Tag.LINK_USED: _("A link from a notice was used."),
    Tag.LOGIN_FAILED: _("A mail program failed to sign in."),
    Tag.PERSON_IMPORTED: _("People were imported."),
    Tag.POLICY_CHANGED: _("The policies were changed."),
    Tag.POLICY_REPLAYED: _("A draft of the policies was tried on mail of the record."),
    Tag.POLICY_PROPOSED: _("A change of the policies was made and waits for a second administrator."),
    Tag.POLICY_AGREED: _("A second administrator agreed to a change of the policies."),
    Tag.POLICY_AGREED_ALONE: _("A change of the policies was put in force without a second administrator."),
    Tag.POLICY_REFUSED: _("A second administrator refused a change of the policies."),
    Tag.POLICY_WITHDRAWN: _("A change of the policies was withdrawn."),
    Tag.KEYS_ROTATED: _("Message keys were wrapped by the newest master key."),
}

CHANNELS: dict[str, Promise] = {
    "page": pgettext_lazy("how somebody acted", "page"),
    "link": pgettext_lazy("how somebody acted", "link in a mail"),
    "api": pgettext_lazy("how somebody acted", "API"),
    "command": pgettext_lazy("how somebody acted", "command"),
    "smtp": pgettext_lazy("how somebody acted", "mail program"),
    "system": pgettext_lazy("how somebody acted", "automatic"),
}


def sentence(tag: str) -> str:
    """Return what event `tag` says in the active language; an event of a later version says its tag."""
    return str(SENTENCES[Tag(tag)]) if tag in SENTENCES else tag


def channel_name(channel: str) -> str:
    """Return how somebody acted, in the active language."""
    return str(CHANNELS.get(channel, channel))
