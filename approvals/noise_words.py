"""Why a policy is noise and what to do about it, for people."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from approvals.noise import DAYS, Noise, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A few words for a badge, a sentence that says why, and one that says what to do."""

    code: str
    badge: str
    why: str
    advice: str


def remarks(found: Iterable[Noise], record: Record | None) -> list[Remark]:
    """Return what to say of a policy that is noise for the reasons `found`."""
    return [_remark(each, record) for each in found] if record is not None else []


def _remark(noise: Noise, record: Record) -> Remark:
    badge, why, advice = _words(noise, record)
    numbers = {
        "days": record.days,
        "month": DAYS,
        "messages": record.messages,
        "matched": record.matched,
        "approvals": record.approvals,
    }
    return Remark(code=noise.value, badge=badge, why=why % numbers, advice=advice)


def _words(noise: Noise, record: Record) -> tuple[str, str, str]:
    match noise:
        case Noise.NEVER:
            return (
                _("never matches"),
                _("None of the %(messages)d messages of the last %(month)d days matches it."),
                _(
                    "A guard against something rare may be right so: try a message that it should catch, since an earlier "
                    "policy that ends the processing may take its mail. Otherwise switch it off."
                ),
            )
        case Noise.ALWAYS:
            return (
                _("always matches"),
                _(
                    "All %(messages)d messages of the last %(days)d days match, so its conditions tell nothing apart."
                ),
                _(
                    "Make the conditions narrower, or take them out, so that it says itself that it is for any mail."
                ),
            )
        case Noise.APPROVED:
            return (
                _("always approved"),
                _(
                    "All %(approvals)d mails that were decided in the last %(days)d days were approved; none was changed, "
                    "rejected, canceled or returned."
                ),
                _(
                    "A short wait in which the sender can cancel may do. Or make the conditions narrower, down to what "
                    "somebody should look at."
                ),
            )
        case Noise.NO_EFFECT:
            return (
                _("changes nothing"),
                _("Of the %(matched)d messages that match, none is treated otherwise because of it."),
                _("Letting it act would change nothing: switch it off, or make it stricter.")
                if record.watching
                else _(
                    "Other policies ask for as much. If several policies are marked so, switch one off and look again "
                    "later."
                ),
            )
        case Noise.FORGOTTEN:
            return (
                _("still only watches"),
                _("It has only watched for %(month)d days or more, and nobody has changed it."),
                _("Look at what it would have done, and let it act, change it, or remove it."),
            )
