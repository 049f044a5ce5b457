"""The profile page, the language switch and the set-up page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mailhold.directory import application_passwords, flows
from mailhold.directory.exceptions import AddressTaken, DirectoryError, SetupLinkUnusable
from mailhold.directory.forms import ApplicationPasswordForm, LanguageForm, ProfileForm, SetupForm
from mailhold.directory.models import Person
from mailhold.directory.setup import check_setup_link, use_setup_link

LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600
THEME_COOKIE = "theme"
THEMES = frozenset({"light", "dark"})


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: Person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Show the profile, or keep language and time zone."""
    if request.method != "POST":
        return _profile_page(request)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, form=form, status=422)
    flows.change_profile(request.user, **form.cleaned_data)
    with translation.override(form.cleaned_data["language"]):
        messages.success(request, _("Saved."))
    return redirect("people:profile")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make_application_password(request: SignedInRequest) -> HttpResponse:
    """Make a password and show it in the answer itself: nothing that could show it again ever holds it."""
    if request.method != "POST":
        # The language switch comes back here, to what was the answer to a POST.
        return redirect("people:profile")
    form = ApplicationPasswordForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, password_form=form, status=422)
    try:
        password = application_passwords.create(request.user, form.cleaned_data["label"])
    except DirectoryError as error:
        form.add_error(None, str(error))
        return _profile_page(request, password_form=form, status=422)
    return _profile_page(request, new_password=password)


@login_required
@require_POST
def revoke_application_password(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make one of the person's own passwords useless."""
    if not flows.revoke_application_password(request.user, pk):
        raise Http404
    messages.success(request, _("The application password was revoked."))
    return redirect("people:profile")


@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages: for the person, and in this browser for whoever is not signed in."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(
            _("This language is not known."), content_type="text/plain; charset=utf-8"
        )
    language = form.cleaned_data["language"]
    if request.user.is_authenticated:
        flows.change_language(request.user, language)
    response = HttpResponseRedirect(_safe_target(request, form.cleaned_data["next"]))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=LANGUAGE_COOKIE_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
def change_theme(request: HttpRequest) -> HttpResponse:
    """Choose light or dark pages for this browser; anything else leaves it to the system again."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(_safe_target(request, request.POST.get("next", "")))
    if theme not in THEMES:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
        return response
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=LANGUAGE_COOKIE_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator; opening the page does nothing."""
    now = timezone.now()
    form = SetupForm(request.POST or None, initial={"language": translation.get_language()})
    try:
        check_setup_link(token, now)
        if request.method == "POST" and form.is_valid():
            wanted = {name: form.cleaned_data[name] for name in ("address", "name", "password", "language")}
            flows.sign_in(request, use_setup_link(token, now=now, **wanted))
            return redirect(settings.LOGIN_REDIRECT_URL)
    except AddressTaken as error:
        form.add_error("address", str(error))
    except SetupLinkUnusable as error:
        return render(request, "directory/setup_unusable.html", {"reason": str(error)}, status=410)
    return render(request, "directory/setup.html", {"form": form}, status=422 if form.errors else 200)


def _profile_page(
    request: SignedInRequest,
    *,
    form: ProfileForm | None = None,
    password_form: ApplicationPasswordForm | None = None,
    new_password: str = "",
    status: int = 200,
) -> HttpResponse:
    person = request.user
    shown = {
        "person": person,
        "form": form or ProfileForm(initial={"language": person.language, "time_zone": person.time_zone}),
        "password_form": password_form or ApplicationPasswordForm(),
        "passwords": person.application_passwords.order_by("-pk"),
        "addresses": sorted(person.addresses()),
        "new_password": new_password,
    }
    return render(request, "directory/profile.html", shown, status=status)


def _safe_target(request: HttpRequest, target: str) -> str:
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else "/"
