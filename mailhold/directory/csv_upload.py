"""The two steps of the import page: check an uploaded file and show what it changes, then import it."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from audit.record import Actor
from mailhold.directory.exceptions import ImportRefused, Problem
from mailhold.directory.forms import ConfirmForm, UploadForm
from mailhold.directory.importing import Counts, import_people
from mailhold.directory.texts import counts_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where somebody is: choosing a file, shown its problems, asked to confirm, or done."""

    upload_form: UploadForm = field(default_factory=UploadForm)
    confirm_form: ConfirmForm | None = None
    problems: tuple[Problem, ...] = ()
    counts: str = ""
    done: bool = False


def take_step(request: HttpRequest) -> Step:
    """Do what the request asks for; the file is checked anew in each step, so it may have been altered between."""
    if request.method != "POST":
        return Step()
    return _confirm(request) if "confirm" in request.POST else _check(request)


def to_list() -> HttpResponseRedirect:
    """Go to the list of people."""
    return HttpResponseRedirect(reverse("admin:directory_person_changelist"))


def _check(request: HttpRequest) -> Step:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return Step(upload_form=form)
    content, missing = form.cleaned_data["file"], form.cleaned_data["deactivate_missing"]
    try:
        counts = _import(request, content, missing, check_only=True)
    except ImportRefused as refused:
        return Step(problems=refused.problems)
    again = ConfirmForm({"content": b64encode(content).decode("ascii"), "deactivate_missing": missing})
    return Step(confirm_form=again, counts=counts_sentence(counts))


def _confirm(request: HttpRequest) -> Step:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return Step()
    try:
        content = b64decode(form.cleaned_data["content"], validate=True)
    except (Base64Error, ValueError) as error:
        raise BadRequest("The file did not come back as it was sent.") from error
    try:
        counts = _import(request, content, form.cleaned_data["deactivate_missing"], check_only=False)
    except ImportRefused as refused:
        return Step(problems=refused.problems)
    return Step(counts=counts_sentence(counts), done=True)


def _import(request: HttpRequest, content: bytes, deactivate_missing: bool, *, check_only: bool) -> Counts:
    actor = Actor(
        address=request.user.get_username(),
        channel="page",
        ip_address=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )
    return import_people(
        content,
        now=timezone.now(),
        actor=actor,
        deactivate_missing=deactivate_missing,
        check_only=check_only,
    )
