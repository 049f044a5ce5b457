"""Replays: administrators see what a draft of the policies would have done to the mail of the last days."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.clock import database_now
from approvals.replay import running, showing
from approvals.replay.drafts import DraftUnusable, acts, as_they_wait, completed, with_switches
from approvals.replay.models import Replay
from approvals.replay.tally import Group, Tally
from approvals.views.guards import actor_of, require_policies
from policies.documents import LARGEST_FILE
from policies.languages import in_active_language
from policies.loading import active_policies
from policies.spec import PolicySpec

MOST_OPEN = 3
LISTED = 20
PROBLEMS_SHOWN = 10
FILE_NAME = 200


class ReplayForm(forms.Form):
    """Which draft, and how many days."""

    days = forms.IntegerField(
        label=gettext_lazy("Mail of the last days"),
        min_value=1,
        max_value=running.MOST_DAYS,
        initial=7,
    )
    switch = forms.MultipleChoiceField(
        label=gettext_lazy("Policies to switch for it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("With none of them, the policies are tried as they stand now."),
    )
    waiting = forms.BooleanField(
        label=gettext_lazy("The change that waits for a second administrator"), required=False
    )
    file = forms.FileField(
        label=gettext_lazy("Or another set of policies"),
        required=False,
        help_text=gettext_lazy("A policy file (.yaml), as “mailhold policy export” writes it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].help_text = _("From 1 to %(most)d days.") % {"most": running.MOST_DAYS}
        choices = [(policy.key, _switch(policy)) for policy in active_policies()]
        field = self.fields["switch"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices
        if not choices:
            del self.fields["switch"]
        if as_they_wait() is None:
            del self.fields["waiting"]

    def clean_file(self) -> tuple[str, str] | None:
        """Return name and draft of the file."""
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if file.size > LARGEST_FILE:
            raise ValidationError(
                _("The file may have at most %(size)d KB.") % {"size": LARGEST_FILE // 1024}
            )
        try:
            return file.name[:FILE_NAME], completed(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is not UTF-8 text.")) from error
        except DraftUnusable as error:
            raise ValidationError(_problems(error)) from error

    def clean(self) -> dict[str, Any]:
        """Make the draft, and what is said of it."""
        cleaned = super().clean() or {}
        given = [name for name in ("switch", "waiting", "file") if cleaned.get(name)]
        if len(given) > 1:
            raise ValidationError(
                _("Choose one draft: policies to switch, the change that waits, or a file.")
            )
        if not self.errors:
            cleaned["about"], cleaned["draft"] = _draft(cleaned)
        return cleaned


def _draft(cleaned: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what is said of the chosen draft, and the draft."""
    if file := cleaned.get("file"):
        return {"file": file[0]}, file[1]
    if cleaned.get("waiting") and (waiting := as_they_wait()) is not None:
        return {"waiting": True}, waiting
    switched = cleaned.get("switch", [])
    to_on = {policy.key: not acts(policy) for policy in active_policies() if policy.key in switched}
    return {"switched": to_on} if to_on else {}, with_switches(switched)


def _switch(policy: PolicySpec) -> str:
    """Return what ticking the box of `policy` does."""
    name = {"name": in_active_language(policy.name)}
    if acts(policy):
        return _("%(name)s: off instead of on") % name
    if policy.enabled:
        return _("%(name)s: on instead of watch only") % name
    return _("%(name)s: on instead of off") % name


def _problems(error: DraftUnusable) -> list[str]:
    return [
        _("Line %(line)d: %(text)s") % {"line": each.line, "text": in_active_language(each.text)}
        for each in error.problems[:PROBLEMS_SHOWN]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def replays(request: HttpRequest) -> HttpResponse:
    """Show the form and earlier replays; a POST asks for one."""
    require_policies(request)
    form = ReplayForm(request.POST, request.FILES) if request.method == "POST" else ReplayForm()
    if request.method == "POST" and form.is_valid():
        if Replay.objects.filter(state__in=Replay.OPEN).count() < MOST_OPEN:
            return redirect("approvals:replay", _begin(request, form).pk)
        form.add_error(None, _("Several replays have not ended yet. Wait for them, or cancel one."))
    context = {"form": form, "rows": [_row(each) for each in Replay.objects.order_by("-made_at")[:LISTED]]}
    return render(request, "approvals/replays.html", context, status=422 if form.is_bound else 200)


def _begin(request: HttpRequest, form: ReplayForm) -> Replay:
    given = form.cleaned_data
    return running.begin(
        given["draft"], given["about"], given["days"], actor_of(request, "page"), database_now()
    )


def _row(replay: Replay) -> dict[str, Any]:
    return {"replay": replay, "about": showing.about(replay)}


@require_safe
@never_cache
@login_required
def replay_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far a replay is or, when it has ended, what it found."""
    require_policies(request)
    replay = get_object_or_404(Replay, pk=pk)
    tally = Tally.of(replay.counters)
    context = {
        "replay": replay,
        "about": showing.about(replay),
        "remarks": showing.remarks(tally),
        "newly": tally.groups.get(Group.NEWLY, 0),
        "no_longer": tally.groups.get(Group.NO_LONGER, 0),
        "problem": showing.problem_of(replay),
        "figures": None if replay.is_open else showing.figures_of(replay),
    }
    return render(request, "approvals/replay.html", context)


@require_POST
@login_required
def cancel_replay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a replay that is not through."""
    require_policies(request)
    replay = get_object_or_404(Replay, pk=pk)
    if running.cancel(replay.pk):
        messages.success(request, _("The replay was canceled. What was counted by then stays here."))
    else:
        messages.info(request, _("The replay had ended already."))
    return redirect("approvals:replay", replay.pk)
