"""Loading with permission: the only ways for a view to get at a hold, so that no view can forget to ask."""

from enum import StrEnum
from uuid import UUID

from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.models import Hold
from approvals.people import is_administrator, is_sender, may_decide, may_edit, may_see
from approvals.views.factor import lacks_second_factor, second_factor_page
from audit.record import Actor
from mailhold.directory.models import Person
from policies.rights import may_look


class Right(StrEnum):
    """What somebody wants to do with a hold."""

    SEE = "see"  # that there is the mail, and to do what is safe in anybody's hands
    READ = "read"
    DECIDE = "decide"
    SEND = "send"  # what only the sender does with his own mail
    EDIT = "edit"
    ADMINISTER = "administer"


# What shows the mail.
_SHOWING = frozenset({Right.READ, Right.DECIDE, Right.EDIT})


def get_hold_for(request: HttpRequest, pk: UUID, right: Right = Right.READ) -> Hold:
    """Return the hold if the signed-in person has `right`; raise Http404 otherwise, as if there were none.

    Whoever may see a mail but not do the thing is let through for DECIDE: the flow says why not. Where the policy wants a
    second factor (L2), nobody but the sender is shown a mail without one: the page that asks for it is the answer instead.
    """
    hold = get_object_or_404(
        Hold.objects.select_related("message", "message__submitter", "sender", "revision", "ended_by"), pk=pk
    )
    person = person_of(request)
    if not _allows(right, hold, person):
        raise Http404
    if right in _SHOWING and lacks_second_factor(request, hold) and not is_sender(hold, person):
        raise ImmediateHttpResponse(second_factor_page(request, person, _page_of(request, hold)))
    return hold


def _page_of(request: HttpRequest, hold: Hold) -> str:
    """Return where to come back to: the page that was asked for, or that of the mail where something was sent."""
    asked_again = request.method in {"GET", "HEAD"}
    return request.get_full_path() if asked_again else reverse("approvals:message", args=[hold.pk])


def _allows(right: Right, hold: Hold, person: Person) -> bool:
    match right:
        case Right.SEE | Right.READ:
            return may_see(hold, person)
        case Right.DECIDE:
            return may_decide(hold, person) or may_see(hold, person)
        case Right.SEND:
            return is_sender(hold, person)
        case Right.EDIT:
            return may_edit(hold, person)
        case Right.ADMINISTER:
            return is_administrator(person)


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in; only for views that require it."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def require_policies(request: HttpRequest) -> None:
    """Let through administrators who may see policies; tell those who may not, and nothing to anybody else."""
    person = person_of(request)
    if not is_administrator(person):
        raise Http404
    if not may_look(person):
        raise PermissionDenied(
            _("For this page you need the right to see policies; an administrator can give it to you.")
        )


def actor_of(request: HttpRequest, channel: str, address: str | None = None) -> Actor:
    """Return who acts, for the record."""
    signed_in = request.user.email if isinstance(request.user, Person) else ""
    return Actor(
        address=signed_in if address is None else address,
        channel=channel,
        ip_address=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )
