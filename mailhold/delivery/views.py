"""Pages of the demo mailbox. They exist only while no smarthost is configured."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailhold.delivery import demo
from mailhold.mime.addresses import format_mailboxes
from mailhold.mime.parse import parse

SHOWN_MAILS = 200
# What ends a sentence and not an address.
_CLOSING = ".,;:!?)]}'\""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, which may be a link."""

    text: str
    href: str = ""


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 to whoever may not look."""

    @require_safe
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not _may_look(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@_guarded
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    mails = [
        {"envelope": envelope, "parsed": parse(demo.read_head(envelope.id))}
        for envelope in demo.list_mail(SHOWN_MAILS)
    ]
    return render(request, "delivery/mailbox_list.html", {"mails": mails, "shown": SHOWN_MAILS})


@_guarded
def mailbox_mail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Show one mail."""
    mail = _mail(mail_id)
    parsed = parse(mail.content)
    context = {
        "envelope": mail.envelope,
        "parsed": parsed,
        "author": parsed.author,
        "to": format_mailboxes(parsed.to),
        "pieces": list(pieces(parsed.text, settings.BASE_URL)),
    }
    return render(request, "delivery/mailbox_mail.html", context)


@_guarded
def mailbox_raw(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Hand out one mail as it was delivered."""
    headers = {"Content-Disposition": f'attachment; filename="{mail_id}.eml"'}
    return HttpResponse(_mail(mail_id).content, content_type="message/rfc822", headers=headers)


def pieces(text: str, base_url: str) -> Iterator[Piece]:
    """Yield `text` in pieces, of which those that point into `base_url` are links. Other addresses stay text."""
    position = 0
    for found in re.finditer(re.escape(base_url) + r"/[\x21-\x7e]*", text):
        href = found[0].split("<")[0].split(">")[0].rstrip(_CLOSING)
        yield Piece(text[position : found.start()])
        yield Piece(href, href)
        position = found.start() + len(href)
    yield Piece(text[position:])


def _mail(mail_id: UUID) -> demo.DemoMail:
    mail = demo.read_mail(mail_id)
    if mail is None:
        raise Http404
    return mail


def _may_look(request: HttpRequest) -> bool:
    """Whether the mailbox exists for this visitor.

    Its mails hold links that decide, so in demo mode only visitors on this machine see it without signing in; behind
    a proxy nobody can tell, so nobody does.
    """
    if settings.SMARTHOST:
        return False
    if settings.DEMO and not settings.TRUSTED_PROXIES and _is_loopback(request.META["REMOTE_ADDR"]):
        return True
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        # A Unix socket has no address, and is a proxy's door.
        return False
