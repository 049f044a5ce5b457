"""The demo's front door: become one of the demo people with one button, and send a mail as that person.

It exists in demo mode and for clients on this machine only; everywhere else it is not there.
"""

import ipaddress
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formataddr
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST, require_safe

from approvals.demo_files import ATTENDEES, CUSTOMERS, pdf
from approvals.views.pages import held_of, waiting_for
from mailhold.directory.models import Person

View = Callable[[HttpRequest], HttpResponse]


def demo_only(view: View) -> View:
    """Answer 404 unless this is a demo and the client is on this machine."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.DEMO or not _is_on_this_machine(request):
            raise Http404
        return view(request)

    return guarded


def _is_on_this_machine(request: HttpRequest) -> bool:
    # Behind a proxy on this machine everybody would look like one of its own.
    if any(request.headers.get(name) for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@demo_only
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the demo people and what can be done."""
    people = Person.objects.filter(is_active=True).select_related("department", "manager").order_by("pk")
    context = {
        "people": [(person, waiting_for(person), held_of(person)) for person in people],
        "mailbox_url": reverse("mailbox:list"),
    }
    return render(request, "approvals/demo.html", context)


@demo_only
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Become one of the demo people."""
    person = get_object_or_404(Person, email=request.POST.get("address", ""), is_active=True)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("approvals:home")


@demo_only
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a mail of the signed-in person through the real SMTP door."""
    if not isinstance(request.user, Person):
        raise Http404
    message = EmailMessage()
    message["From"] = formataddr((str(request.user), request.user.email))
    message["To"] = " ".join(request.POST.get("to", "").split()) or "hanako@customer-tokyo.example"
    message["Subject"] = _("A trial mail")
    message.set_content(_("This mail shows how mailhold works."))
    _attach(message, request.POST.get("attach", ""))
    host, _colon, port = settings.SMTP_BIND[0].removesuffix("+tls").rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=10) as client:
            client.send_message(message, from_addr=request.user.email)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        messages.error(request, _("The mail was not accepted: %(reply)s") % {"reply": error})
        return redirect("approvals:demo")
    messages.success(request, _("The mail was accepted. It appears in the list in a moment."))
    return redirect("approvals:my")


def _attach(message: EmailMessage, what: str) -> None:
    if what == "list":
        text = CUSTOMERS if get_language() == "ja" else ATTENDEES
        message.add_attachment(text.encode("utf-8-sig"), maintype="text", subtype="csv", filename="list.csv")
    elif what:
        document = pdf("A trial")
        message.add_attachment(document, maintype="application", subtype="pdf", filename="trial.pdf")
