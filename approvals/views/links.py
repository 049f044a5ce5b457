"""The pages behind links in mails: no signing in, one thing to do, nothing happens by looking.

GET, HEAD and OPTIONS never change what becomes of a mail. A POST needs the page's nonce, and everything that the
link promises is asked anew: who, which revision, which stage, whether a second factor is wanted.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals import links, notices, reading
from approvals.exceptions import AlreadyDecided, Edited, Refused, SecondFactorMissing
from approvals.flows import cancel, decide
from approvals.links import Standing
from approvals.models import Gate, Hold, Link, Notice
from approvals.people import current_gate, refusal_to_decide
from approvals.states import HoldState
from approvals.views.guards import actor_of, has_second_factor
from approvals.views.pages import (
    decide_page,
    decided_page,
    outcome_of,
    sender_page,
    subject_behind_link,
    undo_seconds,
    waiting_for,
)
from mailhold.directory.models import Person

NONCE_SALT = "approvals.link"
NONCE_SECONDS = 1800
# Looking and pressing, for one link and minute.
POSTS_A_MINUTE = 30
ROBOT_SECONDS = 600
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
            return _gone(
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
    if _needs_sign_in(request, link):
        return _show_decide(request, link, status=403)
    actor = actor_of(request, "link", person.email)
    return decide_and_answer(request, link.hold, link.revision_id, person, actor, link=True)


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
        return _refused(request, hold, person, refusal)
    undo_url = request.path.removesuffix("decide") + "undo"
    return decided_page(request, hold, person, undo_url=undo_url, bare=link)


@require_POST
@link_page
def post_undo(request: HttpRequest, link: Link) -> HttpResponse:
    """Take an approval back while the mail is here: safe, since nothing leaves by it."""
    person = link.person
    if person is None or link.purpose == Link.Purpose.SENDER:
        return _not_live(request, link, Standing.REVOKED)
    if _too_many(link):
        return render(request, "429.html", status=429)
    standing = links.standing(link, timezone.now())
    if standing in {Standing.EDITED, Standing.REVOKED}:
        return _not_live(request, link, standing)
    try:
        hold = decide.undo(link.hold_id, person, actor_of(request, "link", person.email), timezone.now())
    except Refused as refusal:
        return _refused(request, link.hold, person, refusal)
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
    proven = not _needs_sign_in(request, link)
    return act_and_answer(request, link.hold, link.revision_id, link.person, actor, proven=proven)


# What lets a mail go, while canceling and pausing are safe in anybody's hands.
_LETTING_GO = frozenset({"send_now", "self_check"})


def act_and_answer(
    request: HttpRequest, hold: Hold, revision_id: UUID, person: Person | None, actor: Any, *, proven: bool
) -> HttpResponse:
    """Do what the sender's form says and return the page that tells what came of it.

    `proven` says whether the caller is known as well as the policy wants of whoever lets the mail go.
    """
    now = timezone.now()
    action = request.POST.get("action")
    if action in _LETTING_GO and not proven:
        return _refused(request, hold, person, SecondFactorMissing())
    if action in _LETTING_GO and not _all_checked(request, hold):
        return sender_page(
            request,
            hold,
            act_url=request.path,
            nonce=request.POST.get("nonce", ""),
            problem=_("Please tick every external recipient first."),
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
            hold = cancel.self_check(hold.pk, revision_id, actor, now)
            result = _("Thank you. The mail goes on its way.")
        else:
            return HttpResponse(status=400)
    except Refused as refusal:
        return _refused(request, hold, person, refusal)
    # The page of a link has no slash at its end; that of a mail answers at the address of its form as well.
    here = request.path.removesuffix("/act") if actor.channel == "link" else request.path
    back = here if hold.state == HoldState.HELD else ""
    return render(
        request,
        "approvals/sender_done.html",
        {"result": result, "gist": {"subject": hold.subject}, "back_url": back},
    )


@require_POST
@link_page
def post_new_link(request: HttpRequest, link: Link) -> HttpResponse:
    """Mail a fresh link to the one whom an expired or outdated link was for."""
    if _too_many(link):
        return HttpResponse(status=429)
    hold, now = link.hold, timezone.now()
    gate = current_gate(hold)
    if hold.state != HoldState.HELD:
        return _not_live(request, link, links.standing(link, now))
    _put_down_once(_notice_for(link, gate, now), now)
    sentence = _("A new link is on its way to you by mail.")
    return _gone(request, sentence, 200, heading=_("Please look into your mailbox"))


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
    cache.set(_robot_key(request, link), True, ROBOT_SECONDS)
    return HttpResponse(status=204)


def make_nonce(link: Link) -> str:
    """Return what a page's form must bring back within NONCE_SECONDS."""
    return signing.dumps({"link": link.pk, "revision": str(link.revision_id)}, salt=NONCE_SALT)


def _nonce_is_good(request: HttpRequest, link: Link) -> bool:
    try:
        value = signing.loads(request.POST.get("nonce", ""), salt=NONCE_SALT, max_age=NONCE_SECONDS)
    except signing.BadSignature:
        return False
    return bool(value == {"link": link.pk, "revision": str(link.revision_id)})


def _refuse_post(request: HttpRequest, link: Link, purpose: Link.Purpose) -> HttpResponse | None:
    """Return the answer to a POST that is not to be carried out, or None where it may go on."""
    if _too_many(link):
        return render(request, "429.html", status=429)
    standing = links.standing(link, timezone.now())
    if link.purpose != purpose:
        return _not_live(request, link, Standing.REVOKED)
    if standing != Standing.LIVE:
        return _not_live(request, link, standing)
    answered = _answered(request, link) if purpose == Link.Purpose.DECIDE else None
    if answered is not None:
        return answered
    if not _nonce_is_good(request, link):
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
        return _already(request, hold, person)
    return None


def _stage_is_over(hold: Hold, person: Person) -> bool:
    """Say whether this person was asked at an earlier stage only, which others have opened."""
    asked = hold.gates.filter(approvers__person=person)
    return (
        asked.filter(ordinal__lt=hold.stage).exists() and not asked.filter(ordinal__gte=hold.stage).exists()
    )


def revision_of(request: HttpRequest) -> UUID:
    """Return the revision that the page of this form showed."""
    try:
        return UUID(request.POST.get("revision", ""))
    except ValueError:
        return UUID(int=0)


def _too_many(link: Link) -> bool:
    key = f"link-posts:{link.pk}:{int(timezone.now().timestamp()) // 60}"
    cache.add(key, 0, 120)
    try:
        return cache.incr(key) > POSTS_A_MINUTE
    except ValueError:
        # The cache was full and threw the count away meanwhile.
        return False


def _robot_key(request: HttpRequest, link: Link) -> str:
    client = f"{request.META.get('REMOTE_ADDR', '')}|{request.headers.get('User-Agent', '')}"
    return f"robot:{link.pk}:{hashlib.sha256(client.encode()).hexdigest()[:32]}"


def _is_person(request: HttpRequest, link: Link) -> bool:
    return request.user.is_authenticated and request.user.pk == link.person_id


def _needs_sign_in(request: HttpRequest, link: Link) -> bool:
    """Say whether the link alone is not enough here: by policy (L2), or because a program followed the decoy."""
    if link.hold.link_level == "L2":
        return not (_is_person(request, link) and has_second_factor(request))
    return bool(cache.get(_robot_key(request, link))) and not _is_person(request, link)


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
    if refusal is not None and _needs_sign_in(request, link):
        extra["login_url"] = _sign_in_url(request, here)
    if hold.link_level == "L2" and refusal is not None:
        # Nothing of the mail is shown before the second factor.
        login_url = extra.get("login_url", "")
        return _gone(request, str(refusal), status, heading=_("Sign in first"), login_url=login_url)
    return decide_page(request, hold, extra, status=status)


def _refusal(request: HttpRequest, link: Link, gate: Gate | None) -> object | None:
    if link.person is None or gate is None:
        return _("There is nothing to decide.")
    reason = refusal_to_decide(link.hold, gate, link.person)
    if reason is not None:
        return reason.sentence
    if not _needs_sign_in(request, link):
        return None
    if _is_person(request, link):
        return _(
            "This mail may only be decided after signing in with a second factor. Please set one up and sign in with it."
        )
    return _("Please sign in to decide on this mail.")


def _sign_in_url(request: HttpRequest, here: str) -> str:
    page = "mfa_index" if request.user.is_authenticated else "account_login"
    return f"{reverse(page)}?next={here}"


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


def _all_checked(request: HttpRequest, hold: Hold) -> bool:
    external = {r.address for r in reading.shown_recipients(hold, {}) if not r.internal}
    return external <= set(request.POST.getlist("checked"))


def _refused(request: HttpRequest, hold: Hold, person: Person | None, refusal: Refused) -> HttpResponse:
    hold = Hold.objects.select_related("message", "sender", "revision", "ended_by").get(pk=hold.pk)
    if isinstance(refusal, Edited):
        return _gone(request, str(refusal.sentence), 409, heading=_("Nothing was done"))
    if isinstance(refusal, AlreadyDecided) or hold.state != HoldState.HELD:
        return _already(request, hold, person, 409)
    return _gone(request, str(refusal.sentence), 403, heading=_("Nothing was done"))


def _already(request: HttpRequest, hold: Hold, person: Person | None, status: int = 200) -> HttpResponse:
    what, who, when = outcome_of(hold)
    return render(
        request,
        "approvals/already.html",
        {"what": what, "who": who, "when": when, "others_waiting": waiting_for(person)},
        status=status,
    )


def _not_live(request: HttpRequest, link: Link, standing: Standing) -> HttpResponse:
    if standing == Standing.DECIDED:
        return _already(request, link.hold, link.person)
    here = reverse("approvals:link", args=[request.resolver_match.kwargs["token"]])  # type: ignore[union-attr]
    if standing == Standing.EDITED:
        sentence = _(
            "The mail has been changed, so this link no longer works. A new mail with a new link was sent."
        )
        return _gone(request, sentence, 410)
    if standing == Standing.REVOKED:
        return _gone(request, _("This link is no longer valid for you."), 410)
    at = date_format(timezone.localtime(link.expires_at), "DATETIME_FORMAT")
    live = link.hold.state == HoldState.HELD
    return _gone(
        request,
        _("This link expired at %(at)s.") % {"at": at},
        410,
        new_link_url=f"{here}/new" if live else "",
        login_url=_sign_in_url(request, reverse("approvals:message", args=[link.hold_id])),
    )


def _gone(request: HttpRequest, sentence: str, status: int, **more: str) -> HttpResponse:
    return render(request, "approvals/gone.html", {"sentence": sentence, **more}, status=status)
