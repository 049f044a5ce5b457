"""The second factor: whether a session has one, and the page that asks for it."""

from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from approvals.models import Hold
from mailhold.directory.models import Person

# Where somebody proves a factor that he has, those first that a phone has at hand.
_PROOFS = {
    Authenticator.Type.TOTP: "mfa_reauthenticate",
    Authenticator.Type.WEBAUTHN: "mfa_reauthenticate_webauthn",
}


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether this session was opened with a second factor or a passkey, or has proven one since."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def lacks_second_factor(request: HttpRequest, hold: Hold) -> bool:
    """Say whether the policy of `hold` wants a second factor that this session has not got."""
    return hold.link_level == "L2" and not has_second_factor(request)


def second_factor_url(person: Person, back: str) -> str:
    """Return where `person` proves a second factor and comes `back`, or sets one up first."""
    found = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    page = next((page for kind, page in _PROOFS.items() if kind in found), "mfa_index")
    return f"{reverse(page)}?{urlencode({'next': back})}"


def second_factor_page(request: HttpRequest, person: Person, back: str) -> HttpResponse:
    """Return the page that shows nothing of a mail and asks for the second factor."""
    url = second_factor_url(person, back)
    context = {"url": url, "has_one": not url.startswith(reverse("mfa_index") + "?")}
    response = render(request, "approvals/second_factor.html", context, status=403)
    add_never_cache_headers(response)
    return response
