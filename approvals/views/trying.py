"""Trying a message: administrators see what the policies would do with it. Nothing is written."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from approvals.replay.drafts import DraftUnusable, draft_of
from approvals.trying import Attempt, Trial, attempt, said, trial_of
from approvals.views.factor import has_second_factor
from approvals.views.guards import require_policies
from mailhold.mailstore.content import read_content
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mailstore.models import Message
from policies.drafts import SESSION_KEY
from policies.languages import in_active_language
from policies.loading import PolicySet, policies_in_force
from policies.naming import addresses
from policies.verdict import Reason

LONGEST_PASTE = 1_000_000
_BETWEEN = re.compile(r"[\s,;、]+")


class TryForm(forms.Form):
    """A message: a file, its text, or one of the record; and an envelope where the header's is not meant."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("A message as a file (.eml)."),
        widget=forms.ClearableFileInput(attrs={"accept": ".eml,message/rfc822"}),
    )
    text = forms.CharField(
        label=_("Or the text of the message, with its headers"),
        required=False,
        strip=False,
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    number = forms.UUIDField(
        label=_("Or a message of the record"),
        required=False,
        help_text=_("Its identifier, as it stands in the address of its page and in the record."),
    )
    sender = forms.CharField(
        label=_("Sender"),
        required=False,
        max_length=320,
        help_text=_("Left empty, it is the one that the message names."),
    )
    recipients = forms.CharField(
        label=_("Recipients"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One address in each line. Left empty, they are those that the message names."),
    )

    def __init__(self, *args: Any, proven: bool = False, **kwargs: Any) -> None:
        """Take whether whoever asks has signed in with a second factor."""
        super().__init__(*args, **kwargs)
        self.proven = proven

    def clean_file(self) -> bytes | None:
        """Return the content of the file, which is no larger than mail may be."""
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if file.size > settings.SMTP_MAX_BYTES:
            size = settings.SMTP_MAX_BYTES // (1024 * 1024)
            raise ValidationError(_("The file may have at most %(size)d MB."), params={"size": size})
        return bytes(file.read())

    def clean_text(self) -> bytes:
        """Return the text as it would come by SMTP."""
        text = self.cleaned_data["text"]
        return "\r\n".join(text.splitlines()).encode("utf-8", "replace") + b"\r\n" if text.strip() else b""

    def clean_recipients(self) -> tuple[str, ...]:
        """Return the addresses."""
        found = tuple(dict.fromkeys(filter(None, _BETWEEN.split(self.cleaned_data["recipients"]))))
        for address in found:
            if not all(address.rpartition("@")[::2]):
                raise ValidationError(_("“%(address)s” is no address."), params={"address": address})
        return found

    def clean(self) -> dict[str, Any]:
        """Make the trial."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        given = [cleaned["file"] is not None, bool(cleaned["text"]), cleaned["number"] is not None]
        if sum(given) != 1:
            raise ValidationError(_("Give one message: a file, a text, or the identifier of a message."))
        trial = self._trial(cleaned)
        if not trial.recipients:
            self.add_error("recipients", _("The message names no recipient. Give some here."))
        if len(trial.recipients) > settings.SMTP_MAX_RECIPIENTS:
            self.add_error("recipients", _("There are more recipients than a message may have."))
        cleaned["trial"] = trial
        return cleaned

    def _trial(self, cleaned: dict[str, Any]) -> Trial:
        sender, recipients = cleaned["sender"].strip() or None, cleaned["recipients"]
        if cleaned["number"] is not None:
            return _stored(cleaned["number"], sender, recipients, proven=self.proven)
        content = cleaned["text"] if cleaned["file"] is None else cleaned["file"]
        return trial_of(content, sender, recipients, timezone.now())


def _stored(number: UUID, sender: str | None, recipients: tuple[str, ...], *, proven: bool) -> Trial:
    """Return the trial of a message of the record, by its identifier or that of one of its holds."""
    message = (
        Message.objects.filter(Q(pk=number) | Q(holds=number))
        .select_related("submitter")
        .order_by("pk")
        .first()
    )
    if message is None:
        raise ValidationError({"number": _("There is no such message in the record.")})
    if not proven and message.holds.filter(link_level="L2").exists():
        raise ValidationError(
            {
                "number": _(
                    "The policy for this message wants whoever reads it to have signed in with a second factor."
                )
            }
        )
    revision = message.revisions.select_related("message", "sealed_content").latest("number")
    try:
        content = read_content(revision)
    except ContentUnreadable as error:
        raise ValidationError({"number": _("The content of this message cannot be opened.")}) from error
    return Trial(
        content=content,
        sender=message.reverse_path if sender is None else sender,
        recipients=recipients or tuple(message.recipients.order_by("pk").values_list("address", flat=True)),
        at=message.received_at,
        stored=message,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def try_message(request: HttpRequest) -> HttpResponse:
    """Show the form and, after it was sent, what the policies in force would do."""
    require_policies(request)
    try:
        chosen, draft = _policies(request)
    except DraftUnusable:
        messages.warning(request, _("The draft can no longer be used; these are the policies in force."))
        return redirect("approvals:try")
    context: dict[str, Any] = {"draft": draft}
    if request.method != "POST":
        form = TryForm(initial={"number": request.GET.get("message", "")})
        return render(request, "approvals/try.html", {"form": form, **context})
    form = TryForm(request.POST, request.FILES, proven=has_second_factor(request))
    if not form.is_valid():
        return render(request, "approvals/try.html", {"form": form, **context}, status=422)
    found = attempt(form.cleaned_data["trial"], chosen)
    context |= {"form": form, "found": found, "trial": form.cleaned_data["trial"], **_shown(found, chosen)}
    return render(request, "approvals/try.html", context)


def _policies(request: HttpRequest) -> tuple[PolicySet, str]:
    """Return the policies to judge by, and the name of the one that is a draft; raises DraftUnusable."""
    in_force = policies_in_force()
    kept = request.session.get(SESSION_KEY) if request.GET.get("draft") else None
    if kept is None:
        return in_force, ""
    draft = draft_of(kept["text"])
    chosen = PolicySet(
        version_id=None, version=in_force.version, policies=draft.policies, reference=draft.reference
    )
    return chosen, str(kept["name"])


def _shown(found: Attempt, in_force: PolicySet) -> dict[str, Any]:
    names = addresses(in_force.policies)
    told: set[int] = set()
    return {
        "version": in_force.version,
        "milliseconds": round(found.seconds * 1000),
        "rows": [
            {
                "address": entry.address,
                "what": [in_active_language(part) for part in said(entry.treatment, names)],
                "why": [_reason(reason, found, told) for reason in entry.reasons],
            }
            for entry in found.recipients
        ],
        "watched": [_reason(reason, found, told) for reason in found.watched],
    }


def _reason(reason: Reason, found: Attempt, told: set[int]) -> dict[str, Any]:
    """Return `reason` for the page; the first time that it is told its places lead back to it."""
    number = found.places.numbers.get(reason, 0)
    first = number not in told
    told.add(number)
    return {
        "policy": in_active_language(reason.policy),
        "text": in_active_language(reason.text),
        "number": number,
        "first": first,
    }
