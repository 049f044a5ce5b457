"""Why nothing was done about a change that waits, as sentences for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ProposalRefused(Exception):
    """Nothing was done about a proposed change of the policies, and this is why. `code` is for tests and programs."""

    def __init__(self, code: str, sentence: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


ALREADY_DECIDED = "already_decided"
CHANGED_MEANWHILE = "changed_meanwhile"
OWN_CHANGE = "own_change"
NOT_ADMINISTRATOR = "not_administrator"
NO_REASON = "no_reason"
SOMETHING_WAITS = "something_waits"
OUT_OF_DATE = "out_of_date"
NOT_COMPLETE = "not_complete"

_SENTENCES = {
    ALREADY_DECIDED: _("This change does not wait any more."),
    CHANGED_MEANWHILE: _("The change is not what you saw any more. Please look at it again."),
    OWN_CHANGE: _("You had a part in this change; another administrator must agree to it."),
    NOT_ADMINISTRATOR: _("Only an active administrator who may change policies can do this."),
    NO_REASON: _("Please say why."),
    SOMETHING_WAITS: _("Another change waits already."),
    OUT_OF_DATE: _("The policies in force have changed since. Make the change anew."),
    NOT_COMPLETE: _(
        "Since mailhold was upgraded, its database has not been prepared. Run “mailhold init” once on the server, then make the "
        "change again. Nothing was changed."
    ),
}


def refused(code: str) -> ProposalRefused:
    """Return the refusal with its sentence."""
    return ProposalRefused(code, _SENTENCES[code])
