"""The pages that people see in more than one way: behind a link and after signing in."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import reading
from approvals.flows.cancel import may_go_on
from approvals.models import Decision, Gate, Hold
from approvals.people import current_gate, may_edit
from approvals.states import CANCELABLE_STATES, HoldState
from mailhold.directory.models import Person


def decide_page(
    request: HttpRequest, hold: Hold, extra: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the question whether this mail may leave."""
    mail = reading.shown_mail(hold)
    context = {"gist": mail, "revision": hold.revision_id, "stage_text": reading.stage_text(hold), **extra}
    return render(request, "approvals/decide.html", context, status=status)


def decided_page(
    request: HttpRequest, hold: Hold, person: Person, *, undo_url: str, bare: bool
) -> HttpResponse:
    """Render what came of a decision, with the way back while there is one."""
    seconds = undo_seconds(hold, person)
    context = {
        "layout": "base_bare.html" if bare else "base.html",
        "result": result_text(hold),
        "gist": {"subject": subject_behind_link(hold) if bare else hold.subject},
        "undo_url": undo_url if seconds else "",
        "undo_seconds": seconds,
        "others_waiting": waiting_for(person),
        "others_url": reverse("approvals:queue"),
    }
    return render(request, "approvals/decided.html", context)


def subject_behind_link(hold: Hold) -> str:
    """Return the subject for a page that whoever has the link may open: none where the policy wants more than a link."""
    return "" if hold.link_level == "L2" else hold.subject


def result_text(hold: Hold) -> str:
    """Return what a decision led to, in one sentence."""
    if hold.state == HoldState.REJECTED:
        return _("Rejected. The sender gets the mail back with your reason.")
    if hold.state != HoldState.HELD:
        return _("Approved. The mail has been sent.")
    if hold.stage:
        return _("Approved. The mail waits for the next approval.")
    return _("Approved. The mail will be sent.")


def undo_seconds(hold: Hold, person: Person) -> int:
    """Return for how many more seconds this person can take an approval back; 0 where there is nothing to take back."""
    mine = hold.decisions.filter(
        person=person,
        revision_id=hold.revision_id,
        verdict=Decision.Verdict.APPROVE,
        undone_at__isnull=True,
    )
    if hold.state != HoldState.HELD or not mine.exists():
        return 0
    if hold.release_at is None:
        return 24 * 3600
    return max(0, int((hold.release_at - timezone.now()).total_seconds()))


def sender_page(
    request: HttpRequest,
    hold: Hold,
    *,
    act_url: str,
    nonce: str = "",
    problem: str = "",
    status: int = 200,
    layout: str = "base_bare.html",
) -> HttpResponse:
    """Render what the sender can do with his own mail."""
    mail = reading.shown_mail(hold)
    held = hold.state == HoldState.HELD
    gate = current_gate(hold) if held else None
    only_clock = held and gate is None
    signed_in = isinstance(request.user, Person) and may_edit(hold, request.user)
    context = {
        "layout": layout,
        "gist": mail,
        "act_url": act_url,
        "nonce": nonce,
        "revision": hold.revision_id,
        "problem": problem,
        "release_at": hold.release_at,
        "paused_until": hold.deadline_at if hold.paused_at else None,
        "approvers": reading.names(reading.asked_people(hold)) if held else [],
        "stage_text": reading.stage_text(hold) if held else "",
        "can_cancel": hold.state in CANCELABLE_STATES and hold.sender_may_cancel,
        "can_pause": only_clock and hold.release_at is not None and hold.sender_may_cancel,
        "can_send_now": only_clock and may_go_on(hold),
        "reason_required": hold.reason_required,
        "can_self_check": gate is not None and gate.kind == Gate.Kind.SELF_CHECK,
        "risky": [recipient for recipient in mail.recipients if not recipient.internal],
        "edit_url": reverse("approvals:edit", args=[hold.pk]) if signed_in else "",
        "history_url": f"{reverse('approvals:message', args=[hold.pk])}?tab=history" if signed_in else "",
    }
    return render(request, "approvals/sender.html", context, status=status)


def outcome_of(hold: Hold) -> tuple[str, str, datetime]:
    """Return what became of a hold, who did it and when, for the page that says: already decided."""
    when = hold.ended_at or hold.changed_at
    if hold.state == HoldState.REJECTED:
        return "rejected", str(hold.ended_by or ""), when
    if hold.state == HoldState.CANCELED:
        return "canceled", str(hold.ended_by or ""), when
    if hold.state == HoldState.RETURNED:
        return _("Nobody decided in time, so the mail went back to its sender."), "", when
    if hold.state == HoldState.DISCARDED:
        return _("An administrator discarded the mail."), "", when
    if hold.state == HoldState.RECEIVED:
        return _("The mail has been changed and is being checked again."), "", when
    decision = reading.last_decision(hold)
    if decision is not None:
        return "approved", ", ".join(reading.approver_names(hold)), decision.decided_at
    return _("The mail has been sent."), "", when


def queue_of(person: Person) -> QuerySet[Hold]:
    """Return the holds on which this person is asked to decide now and has not decided yet."""
    decided = Decision.objects.filter(person=person, undone_at__isnull=True)
    return (
        Hold.objects.filter(
            state=HoldState.HELD,
            gates__approvers__person=person,
            gates__ordinal=F("stage"),
            gates__kind=Gate.Kind.APPROVAL,
        )
        .exclude(decisions__in=decided.filter(revision_id=F("hold__revision_id"), ordinal=F("hold__stage")))
        .select_related("sender")
    )


def waiting_for(person: Person | None) -> int:
    """Return how many mails wait for this person's decision, counted to 100 at most."""
    return queue_of(person)[:100].count() if person is not None else 0


def held_of(person: Person) -> int:
    """Return how many mails of this person are on hold, counted to 100 at most."""
    return Hold.objects.filter(sender=person, state=HoldState.HELD)[:100].count()
