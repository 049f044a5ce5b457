"""What can go wrong in the hold queue, as sentences for people. `code` is for machines (API, tests)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, gettext_noop

# What `mailhold.mime.rewrite` says, which knows no languages: named here so that the catalogue has it.
CANNOT_EDIT = (
    gettext_noop("The message is encrypted; it cannot be changed without its key."),
    gettext_noop("The message carries a signature, which any change would break."),
    gettext_noop("The message is damaged or too complex to be changed safely."),
    gettext_noop("The message has no such attachment."),
)


class Refused(Exception):
    """A flow did nothing, and says why."""

    code = "refused"
    sentence: str | Promise = _("This cannot be done.")

    def __init__(self, sentence: str | Promise | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.sentence)


class AlreadyDecided(Refused):
    """Somebody or the clock was first; the hold says who, when and what."""

    code = "already_decided"
    sentence = _("This has already been decided.")


class Edited(Refused):
    """The mail was changed after the page was opened: what was seen is not what would leave."""

    code = "edited"
    sentence = _("The mail has been changed since. Please look at the new version.")


class OwnMail(Refused):
    """Nobody approves his own mail."""

    code = "own_mail"
    sentence = _("You cannot approve your own mail.")


class NotApprover(Refused):
    """Somebody who is not asked at this stage."""

    code = "not_approver"
    sentence = _("You are not among those who decide on this mail.")


class NotAllowed(Refused):
    """The policy or the person's role does not allow it."""

    code = "not_allowed"
    sentence = _("The policy for this mail does not allow this.")


class SecondFactorMissing(NotAllowed):
    """The policy wants whoever decides to have signed in with a second factor (link level L2)."""

    code = "second_factor"
    sentence = _("This mail may only be decided after signing in with a second factor.")


class TooLate(Refused):
    """The mail has left, or is leaving."""

    code = "too_late"
    sentence = _("The mail has already been sent.")


class WrongInput(Refused):
    """The form holds something that cannot be used."""

    code = "wrong_input"


class LeaseLost(Exception):
    """Another worker has taken the hold over: this one must not send the final dot."""
