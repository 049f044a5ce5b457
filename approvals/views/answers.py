"""Doing what a form says, and the page that tells what came of it; behind a link and after signing in alike."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import reading
from approvals.exceptions import AlreadyDecided, Edited, Refused, SecondFactorMissing
from approvals.flows import cancel, decide
from approvals.models import Hold
from approvals.states import HoldState
from approvals.views.pages import decided_page, outcome_of, sender_page, waiting_for
from mailhold.directory.models import Person

# What lets a mail go, while canceling and pausing are safe in anybody's hands.
_LETTING_GO = frozenset({"send_now", "self_check"})


def decide_and_answer(
    request: HttpRequest, hold: Hold, revision_id: UUID, person: Person, actor: Any, *, link: bool
) -> HttpResponse:
    """Do what the decision form says and return the page that tells what came of it."""
    now = timezone.now()
    try:
        if request.POST.get("decision") == "approve":
            hold = decide.approve(hold.pk, revision_id, person, actor, now)
        elif request.POST.get("decision") == "reject":
            comment = request.POST.get("comment", "")[:1000]
            reason = request.POST.get("reason", "")
            hold = decide.reject(hold.pk, revision_id, person, actor, now, reason=reason, comment=comment)
        else:
            return HttpResponse(status=400)
    except Refused as refusal:
        return refused_page(request, hold, person, refusal)
    undo_url = request.path.removesuffix("decide") + "undo"
    return decided_page(request, hold, person, undo_url=undo_url, bare=link)


def act_and_answer(
    request: HttpRequest, hold: Hold, revision_id: UUID, person: Person | None, actor: Any, *, proven: bool
) -> HttpResponse:
    """Do what the sender's form says and return the page that tells what came of it.

    `proven` says whether the caller is known as well as the policy wants of whoever lets the mail go.
    """
    now = timezone.now()
    action = request.POST.get("action")
    if action in _LETTING_GO and not proven:
        return refused_page(request, hold, person, SecondFactorMissing())
    if action in _LETTING_GO and not _all_checked(request, hold):
        return sender_page(
            request,
            hold,
            act_url=request.path,
            nonce=request.POST.get("nonce", ""),
            problem=_("Please tick every external recipient first."),
            status=422,
        )
    reason = request.POST.get("sender_reason", "").strip()
    if action == "self_check" and hold.reason_required and not reason:
        return sender_page(
            request,
            hold,
            act_url=request.path,
            nonce=request.POST.get("nonce", ""),
            problem=_("Please write why the mail must be sent."),
            status=422,
        )
    try:
        if action == "cancel":
            hold = cancel.cancel(hold.pk, person, actor, now)
            result = _("Sending was canceled. The mail was not sent.")
        elif action == "pause":
            hold = cancel.pause(hold.pk, actor, now)
            result = _("Paused. The mail stays here until you send or cancel it, for a day at most.")
        elif action == "send_now":
            hold = cancel.send_now(hold.pk, revision_id, actor, now)
            at_once = hold.release_at == now
            result = (
                _("The mail is being sent now.") if at_once else _("Thank you. The mail goes on its way.")
            )
        elif action == "self_check":
            hold = cancel.self_check(hold.pk, revision_id, actor, now, reason)
            result = _("Thank you. The mail goes on its way.")
        else:
            return HttpResponse(status=400)
    except Refused as refusal:
        return refused_page(request, hold, person, refusal)
    # The page of a link has no slash at its end; that of a mail answers at the address of its form as well.
    here = request.path.removesuffix("/act") if actor.channel == "link" else request.path
    back = here if hold.state == HoldState.HELD else ""
    return render(
        request,
        "approvals/sender_done.html",
        {"result": result, "gist": {"subject": hold.subject}, "back_url": back},
    )


def revision_of(request: HttpRequest) -> UUID:
    """Return the revision that the page of this form showed."""
    try:
        return UUID(request.POST.get("revision", ""))
    except ValueError:
        return UUID(int=0)


def refused_page(request: HttpRequest, hold: Hold, person: Person | None, refusal: Refused) -> HttpResponse:
    """Return the page that says why nothing was done, as the hold stands by now."""
    hold = Hold.objects.select_related("message", "sender", "revision", "ended_by").get(pk=hold.pk)
    if isinstance(refusal, Edited):
        return gone_page(request, str(refusal.sentence), 409, heading=_("Nothing was done"))
    if isinstance(refusal, AlreadyDecided) or hold.state != HoldState.HELD:
        return already_page(request, hold, person, 409)
    return gone_page(request, str(refusal.sentence), 403, heading=_("Nothing was done"))


def already_page(request: HttpRequest, hold: Hold, person: Person | None, status: int = 200) -> HttpResponse:
    """Return the page that says who decided what and when."""
    what, who, when = outcome_of(hold)
    return render(
        request,
        "approvals/already.html",
        {"what": what, "who": who, "when": when, "others_waiting": waiting_for(person)},
        status=status,
    )


def gone_page(request: HttpRequest, sentence: str, status: int, **more: str) -> HttpResponse:
    """Return the page of a link or form that has come to its end, with the ways on from there."""
    return render(request, "approvals/gone.html", {"sentence": sentence, **more}, status=status)


def _all_checked(request: HttpRequest, hold: Hold) -> bool:
    external = {r.address for r in reading.shown_recipients(hold, {}) if not r.internal}
    return external <= set(request.POST.getlist("checked"))
