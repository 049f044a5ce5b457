"""The pages of one mail for those who signed in: look, decide, act, change, fetch."""

from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import reading
from approvals.comparing import changes_between
from approvals.exceptions import Refused, SecondFactorMissing
from approvals.flows import decide, discard, edit
from approvals.forms import EditForm
from approvals.models import Hold, Notice
from approvals.people import (
    current_gate,
    is_administrator,
    is_sender,
    may_decide,
    may_edit,
    refusal_to_decide,
)
from approvals.states import CANCELABLE_STATES, HoldState
from approvals.views.answers import act_and_answer, decide_and_answer, revision_of
from approvals.views.factor import lacks_second_factor, second_factor_url
from approvals.views.guards import Right, actor_of, get_hold_for, person_of
from approvals.views.pages import decide_page, sender_page
from audit.history import HistoryRow, history
from mailhold.directory.models import Person
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Recipient
from mailhold.mime.parse import attachment_bytes, parse
from mailhold.mime.render import inline_images, safe_html
from policies.versions import id_of_version

TABS = ("gist", "body", "html", "attachments", "headers", "history", "changes")


@require_safe
@never_cache
@login_required
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a mail: its gist, text, HTML, attachments, headers, history and changes."""
    hold = get_hold_for(request, pk)
    person = person_of(request)
    content = read_content(hold.revision)
    parsed = parse(content)
    tab = request.GET.get("tab", "gist")
    tab = tab if tab in TABS else "gist"
    revisions = list(hold.message.revisions.select_related("made_by").order_by("number"))
    mail = reading.mail_of(hold, content, parsed)
    base = reverse("approvals:message", args=[pk])
    own = is_sender(hold, person)
    context = {
        "gist": replace(
            mail, attachments=tuple(replace(a, url=f"{base}attachments/{a.index}") for a in mail.attachments)
        ),
        "tab": tab,
        "html_url": f"{base}html" if parsed.html else "",
        "headers": parsed.headers if tab == "headers" else (),
        "history": _history(hold, person) if tab == "history" else (),
        "revisions": revisions,
        "changes": changes_between(revisions) if tab == "changes" else None,
        "decide_url": f"{base}decide" if may_decide(hold, person) else "",
        "sender_url": f"{base}act" if own and hold.state in CANCELABLE_STATES else "",
        "edit_url": f"{base}edit" if may_edit(hold, person) else "",
        "eml_url": f"{base}eml",
        "can_send_again": hold.state == HoldState.DONE
        and (own or is_administrator(person))
        and any(recipient.status == Recipient.Status.OUTCOME_UNKNOWN for recipient in mail.recipients),
        "policy_version_url": _version_url(hold, person),
        "try_url": f"{reverse('approvals:try')}?message={pk}" if is_administrator(person) else "",
        "policy_names": reading.policy_names(hold),
        "can_administer": hold.state == HoldState.HELD and is_administrator(person),
    }
    return render(request, "approvals/message.html", context)


def _history(hold: Hold, person: Person) -> list[HistoryRow]:
    """Return what happened. Administrators read which notices they were and to whom: that is not for the sender to know."""
    found = history(hold.message_id)
    if not is_administrator(person):
        return found
    kinds = dict(Notice.Kind.choices)
    return [
        replace(row, sentence=f"{row.sentence} ({kinds[row.details['kind']]} → {row.details['to']})")
        if row.details.get("kind") in kinds and "to" in row.details
        else row
        for row in found
    ]


def _version_url(hold: Hold, person: Person) -> str:
    """Return where administrators read the version of the policies that judged a mail, "" for others."""
    version = id_of_version(hold.policy_version) if person.has_perm("policies.view_policyversion") else None
    return reverse("admin:policies_policyversion_change", args=[version]) if version else ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def decide_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask, and take the answer of an approver who signed in."""
    hold = get_hold_for(request, pk, Right.DECIDE)
    person = person_of(request)
    second_factor_missing = lacks_second_factor(request, hold)
    if request.method == "POST" and not second_factor_missing:
        return decide_and_answer(
            request, hold, revision_of(request), person, actor_of(request, "page"), link=False
        )
    gate = current_gate(hold)
    if gate is None:
        return redirect("approvals:message", pk=pk)
    refusal = refusal_to_decide(hold, gate, person)
    sentence = refusal.sentence if refusal else ""
    extra = {
        "layout": "base.html",
        "decide_url": request.path,
        "message_url": reverse("approvals:message", args=[pk]),
    }
    if second_factor_missing and refusal is None:
        sentence = SecondFactorMissing.sentence
        extra["login_url"] = second_factor_url(person, request.path)
    return decide_page(
        request,
        hold,
        {**extra, "can_decide": not sentence, "refusal": sentence},
        status=403 if sentence else 200,
    )


@require_POST
@login_required
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an approval back."""
    hold = get_hold_for(request, pk, Right.SEE)
    try:
        decide.undo(hold.pk, person_of(request), actor_of(request, "page"), timezone.now())
        messages.success(request, _("Your approval was taken back. The mail is on hold again."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("approvals:message", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the sender cancel, pause, send now, or confirm."""
    hold = get_hold_for(request, pk, Right.SEND)
    if request.method == "POST":
        proven = not lacks_second_factor(request, hold)
        actor = actor_of(request, "page")
        return act_and_answer(request, hold, revision_of(request), person_of(request), actor, proven=proven)
    if hold.state not in CANCELABLE_STATES:
        return redirect("approvals:message", pk=pk)
    return sender_page(request, hold, act_url=request.path, layout="base.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def edit_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a held mail; the changed mail is checked anew."""
    hold = get_hold_for(request, pk, Right.EDIT)
    mail = reading.shown_mail(hold)
    form = EditForm(mail, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            edit.edit(
                hold.pk,
                form.cleaned_data["revision"],
                form.change(),
                person_of(request),
                actor_of(request, "page"),
                timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The mail was changed and is being checked again."))
            return redirect("approvals:message", pk=pk)
    context = {"form": form, "gist": mail, "back_url": reverse("approvals:message", args=[pk])}
    return render(request, "approvals/edit.html", context, status=422 if form.errors else 200)


# The page of a mail's HTML: its own policy, under which nothing runs and nothing is loaded, shown in a sandboxed frame.
HTML_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@require_safe
@never_cache
@login_required
@xframe_options_sameorigin
def html(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the mail's HTML, made harmless."""
    content = read_content(get_hold_for(request, pk).revision)
    parsed = parse(content)
    if parsed.html is None:
        raise Http404
    page = safe_html(parsed.html, inline_images(content, parsed))
    response = render(request, "approvals/html.html", {"page": page})
    response["Content-Security-Policy"] = HTML_POLICY
    return response


@require_safe
@never_cache
@login_required
def attachment(request: HttpRequest, pk: UUID, index: int) -> HttpResponse:
    """Return one attachment, always as a download."""
    content = read_content(get_hold_for(request, pk).revision)
    parsed = parse(content)
    part = next((part for part in parsed.attachments if part.index == index), None)
    if part is None:
        raise Http404
    return _download(attachment_bytes(content, index), part.name, "application/octet-stream")


@require_safe
@never_cache
@login_required
def eml(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the mail as it would leave, as a file."""
    hold = get_hold_for(request, pk)
    return _download(read_content(hold.revision), f"{hold.pk}.eml", "message/rfc822")


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    # RFC 6266 4.3 with RFC 8187: a plain name for the few that read nothing else, the real one for all others.
    plain = name.encode("ascii", "replace").decode("ascii").replace('"', "_").replace("\\", "_")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def administer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let an administrator release or discard a held mail, or send again what may not have arrived."""
    own = request.POST.get("action") == "send_again"
    hold = get_hold_for(request, pk, Right.SEE if own else Right.ADMINISTER)
    try:
        messages.success(request, _administer(request, hold))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("approvals:message", pk=pk)


def _administer(request: HttpRequest, hold: Hold) -> str:
    person, actor, now = person_of(request), actor_of(request, "page"), timezone.now()
    match request.POST.get("action"):
        case "release":
            if lacks_second_factor(request, hold):
                raise SecondFactorMissing
            decide.release(hold.pk, revision_of(request), person, actor, now)
            return _("The mail is being sent now.")
        case "discard":
            discard.discard(hold.pk, person, actor, now, comment=request.POST.get("comment", "")[:1000])
            return _("The mail was discarded.")
        case "send_again":
            discard.send_again(hold.pk, person, actor, now)
            return _("The mail is being sent again.")
    raise Refused
