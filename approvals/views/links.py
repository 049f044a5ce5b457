"""The pages behind links in mails: no signing in, one thing to do, nothing happens by looking.

GET, HEAD and OPTIONS never change what becomes of a mail. A POST needs the page's nonce, and everything that the
link promises is asked anew: who, which revision, which stage, whether a second factor is wanted.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals import links, notices
from approvals.exceptions import Refused
from approvals.flows import decide
from approvals.links import Standing
from approvals.models import Gate, Hold, Link, Notice
from approvals.people import current_gate, refusal_to_decide
from approvals.states import HoldState
from approvals.views.answers import act_and_answer, already_page, decide_and_answer, gone_page, refused_page
from approvals.views.factor import second_factor_url
from approvals.views.guards import actor_of
from approvals.views.pages import (
    decide_page,
    decided_page,
    sender_page,
    subject_behind_link,
    undo_seconds,
    waiting_for,
)
from approvals.views.trust import (
    is_link_person,
    make_nonce,
    mark_as_robot,
    needs_sign_in,
    nonce_is_good,
    too_many_posts,
)
from mailhold.directory.models import Person

# Whoever asks for a new link again within this time has one on the way.
BETWEEN_NEW_LINKS = timedelta(minutes=5)

View = Callable[..., HttpResponse]


def link_page(view: Callable[[HttpRequest, Link], HttpResponse]) -> View:
    """Give `view` the link of its token; answer for links that never were, and keep pages out of caches."""

    @never_cache
    @wraps(view)
    def with_link(request: HttpRequest, token: str) -> HttpResponse:
        link = links.find(token)
        if link is None:
            return gone_page(
                request, _("This link is not known. It may be incomplete: please open it from the mail."), 404
            )
        return view(request, link)

    return with_link


@require_safe
@link_page
def show(request: HttpRequest, link: Link) -> HttpResponse:
    """Show what the link is for."""
    now = timezone.now()
    standing = links.standing(link, now)
    if request.method == "GET":
        links.count_opening(link)
    if standing != Standing.LIVE:
        return _not_live(request, link, standing)
    if link.purpose == Link.Purpose.DECIDE:
        return _answered(request, link) or _show_decide(request, link)
    if link.purpose == Link.Purpose.SENDER:
        return _show_sender(request, link)
    return _show_undo(request, link)


@require_POST
@link_page
def post_decision(request: HttpRequest, link: Link) -> HttpResponse:
    """Approve or reject."""
    refused = _refuse_post(request, link, Link.Purpose.DECIDE)
    if refused is not None:
        return refused
    person = link.person
    if person is None:
        return _not_live(request, link, Standing.REVOKED)
    if needs_sign_in(request, link):
        return _show_decide(request, link, status=403)
    actor = actor_of(request, "link", person.email)
    return decide_and_answer(request, link.hold, link.revision_id, person, actor, link=True)


@require_POST
@link_page
def post_undo(request: HttpRequest, link: Link) -> HttpResponse:
    """Take an approval back while the mail is here: safe, since nothing leaves by it."""
    person = link.person
    if person is None or link.purpose == Link.Purpose.SENDER:
        return _not_live(request, link, Standing.REVOKED)
    if too_many_posts(link):
        return render(request, "429.html", status=429)
    standing = links.standing(link, timezone.now())
    if standing in {Standing.EDITED, Standing.REVOKED}:
        return _not_live(request, link, standing)
    try:
        hold = decide.undo(link.hold_id, person, actor_of(request, "link", person.email), timezone.now())
    except Refused as refusal:
        return refused_page(request, link.hold, person, refusal)
    return render(
        request,
        "approvals/decided.html",
        {
            "result": _("Your approval was taken back. The mail is on hold again."),
            "gist": {"subject": subject_behind_link(hold)},
            "others_waiting": waiting_for(person),
        },
    )


@require_POST
@link_page
def post_action(request: HttpRequest, link: Link) -> HttpResponse:
    """Cancel, pause, send now or confirm, for the sender."""
    refused = _refuse_post(request, link, Link.Purpose.SENDER)
    if refused is not None:
        return refused
    actor = actor_of(request, "link", link.address)
    proven = not needs_sign_in(request, link)
    return act_and_answer(request, link.hold, link.revision_id, link.person, actor, proven=proven)


@require_POST
@link_page
def post_new_link(request: HttpRequest, link: Link) -> HttpResponse:
    """Mail a fresh link to the one whom an expired or outdated link was for."""
    if too_many_posts(link):
        return HttpResponse(status=429)
    hold, now = link.hold, timezone.now()
    gate = current_gate(hold)
    if hold.state != HoldState.HELD:
        return _not_live(request, link, links.standing(link, now))
    _put_down_once(_notice_for(link, gate, now), now)
    sentence = _("A new link is on its way to you by mail.")
    return gone_page(request, sentence, 200, heading=_("Please look into your mailbox"))


def _notice_for(link: Link, gate: Gate | None, now: datetime) -> list[Notice]:
    """Return the notice that brings a fresh link to the one for whom `link` was, if anything is still asked."""
    hold, person = link.hold, link.person
    if link.purpose == Link.Purpose.SENDER:
        return notices.to_sender(hold, _kind_for_sender(gate), now)
    if link.purpose != Link.Purpose.DECIDE or gate is None or person is None:
        return []
    if refusal_to_decide(hold, gate, person) is not None:
        return []
    return notices.to_people(hold, Notice.Kind.APPROVAL_REQUEST, [person], now, ordinal=gate.ordinal)


def _put_down_once(wanted: Sequence[Notice], now: datetime) -> None:
    """Put down `wanted`, but not what was put down shortly before: an old link is no means to flood a mailbox."""
    with transaction.atomic():
        notices.put_down(notice for notice in wanted if not _is_under_way(notice, now))


def _is_under_way(notice: Notice, now: datetime) -> bool:
    return Notice.objects.filter(
        hold=notice.hold, kind=notice.kind, address=notice.address, created_at__gt=now - BETWEEN_NEW_LINKS
    ).exists()


@require_safe
@link_page
def decoy(request: HttpRequest, link: Link) -> HttpResponse:
    """Lie where only programs look: what follows this link is no person, and its POSTs need signing in for a while."""
    mark_as_robot(request, link)
    return HttpResponse(status=204)


def _refuse_post(request: HttpRequest, link: Link, purpose: Link.Purpose) -> HttpResponse | None:
    """Return the answer to a POST that is not to be carried out, or None where it may go on."""
    if too_many_posts(link):
        return render(request, "429.html", status=429)
    standing = links.standing(link, timezone.now())
    if link.purpose != purpose:
        return _not_live(request, link, Standing.REVOKED)
    if standing != Standing.LIVE:
        return _not_live(request, link, standing)
    answered = _answered(request, link) if purpose == Link.Purpose.DECIDE else None
    if answered is not None:
        return answered
    if not nonce_is_good(request, link):
        # The page was open for too long, or it was no page: it is shown anew, and nothing is done.
        show_again = _show_decide if purpose == Link.Purpose.DECIDE else _show_sender
        return show_again(request, link, status=403, problem=_("Please look once more and press again."))
    return None


def _answered(request: HttpRequest, link: Link) -> HttpResponse | None:
    """Return the page of a question that is answered: by this person, who can take it back, or by somebody else."""
    hold, person = link.hold, link.person
    if person is not None and undo_seconds(hold, person):
        here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
        return decided_page(request, hold, person, undo_url=f"{here}/undo", bare=True)
    if hold.stage == 0 or (person is not None and _stage_is_over(hold, person)):
        return already_page(request, hold, person)
    return None


def _stage_is_over(hold: Hold, person: Person) -> bool:
    """Say whether this person was asked at an earlier stage only, which others have opened."""
    asked = hold.gates.filter(approvers__person=person)
    return (
        asked.filter(ordinal__lt=hold.stage).exists() and not asked.filter(ordinal__gte=hold.stage).exists()
    )


def _kind_for_sender(gate: Gate | None) -> Notice.Kind:
    if gate is None:
        return Notice.Kind.SENDING_SOON
    return Notice.Kind.SELF_CHECK if gate.kind == Gate.Kind.SELF_CHECK else Notice.Kind.WAITING_FOR_APPROVAL


def _show_decide(request: HttpRequest, link: Link, *, status: int = 200, problem: str = "") -> HttpResponse:
    hold = link.hold
    gate = current_gate(hold)
    refusal = _refusal(request, link, gate)
    here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
    extra: dict[str, Any] = {
        "decide_url": f"{here}/decide",
        "nonce": make_nonce(link),
        "can_decide": refusal is None,
        "refusal": refusal,
        "problem": problem,
        "decoy_url": f"{here}/more",
    }
    if refusal is not None and needs_sign_in(request, link):
        extra["login_url"] = _sign_in_url(request, here)
    if hold.link_level == "L2" and refusal is not None:
        # Nothing of the mail is shown before the second factor.
        login_url = extra.get("login_url", "")
        return gone_page(request, str(refusal), status, heading=_("Sign in first"), login_url=login_url)
    return decide_page(request, hold, extra, status=status)


def _refusal(request: HttpRequest, link: Link, gate: Gate | None) -> object | None:
    if link.person is None or gate is None:
        return _("There is nothing to decide.")
    reason = refusal_to_decide(link.hold, gate, link.person)
    if reason is not None:
        return reason.sentence
    if not needs_sign_in(request, link):
        return None
    if is_link_person(request, link):
        return _(
            "This mail may only be decided after signing in with a second factor. Please set one up and sign in with it."
        )
    return _("Please sign in to decide on this mail.")


def _sign_in_url(request: HttpRequest, here: str) -> str:
    if isinstance(request.user, Person):
        return second_factor_url(request.user, here)
    return f"{reverse('account_login')}?next={here}"


def _page_after_signing_in(request: HttpRequest, page: str) -> str:
    """Return where whoever has signed in goes at once: a page behind signing in asks for more itself, where it wants more."""
    return page if request.user.is_authenticated else _sign_in_url(request, page)


def _show_sender(request: HttpRequest, link: Link, *, status: int = 200, problem: str = "") -> HttpResponse:
    here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
    return sender_page(
        request, link.hold, act_url=f"{here}/act", nonce=make_nonce(link), problem=problem, status=status
    )


def _show_undo(request: HttpRequest, link: Link) -> HttpResponse:
    here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
    if link.person is None:
        return _not_live(request, link, Standing.REVOKED)
    return decided_page(request, link.hold, link.person, undo_url=f"{here}/undo", bare=True)


def _not_live(request: HttpRequest, link: Link, standing: Standing) -> HttpResponse:
    if standing == Standing.DECIDED:
        return already_page(request, link.hold, link.person)
    here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
    if standing == Standing.EDITED:
        sentence = _(
            "The mail has been changed, so this link no longer works. A new mail with a new link was sent."
        )
        return gone_page(request, sentence, 410)
    if standing == Standing.REVOKED:
        return gone_page(request, _("This link is no longer valid for you."), 410)
    at = date_format(timezone.localtime(link.expires_at), "DATETIME_FORMAT")
    live = link.hold.state == HoldState.HELD
    return gone_page(
        request,
        _("This link expired at %(at)s.") % {"at": at},
        410,
        new_link_url=f"{here}/new" if live else "",
        login_url=_page_after_signing_in(request, reverse("approvals:message", args=[link.hold_id])),
    )
