"""The pages for what went wrong: Django calls these (`handler500` in urls.py)."""

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import defaults

from mailhold.context import product
from mailhold.logs import request_id
from mailhold.mailstore.exceptions import ContentUnreadable

# Stands alone for the case that even the template cannot be read.
PLAIN_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>503</title><h1>{title}</h1><p>{text}</p>"""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an error: 503 where the database or a mail cannot be read, 500 otherwise."""
    if is_storage_failure(sys.exception()):
        return storage_unavailable(request)
    if isinstance(sys.exception(), ContentUnreadable):
        return content_unreadable(request)
    page = _page("500.html", request, {"request_id": request_id.get()})
    return HttpResponse(page, status=500) if page else defaults.server_error(request)


def _page(name: str, request: HttpRequest, context: dict[str, object]) -> str:
    # Not rendered with the request: that would ask the session and the person, and so the database.
    try:
        return loader.get_template(name).render({**product(request), **context})
    except TemplateDoesNotExist:
        return ""


def is_storage_failure(error: BaseException | None) -> bool:
    """Say whether `error` tells that the database or its disk cannot be used now, and not that our code is wrong."""
    while error is not None:
        # "Disk image is malformed" comes as a bare DatabaseError; its other subclasses are mistakes in a statement.
        if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
            return True
        error = error.__cause__
    return False


def storage_unavailable(request: HttpRequest) -> HttpResponse:
    """Return the page that says that the database cannot be reached; making it needs no database."""
    with translation.override(translation.get_language_from_request(request)):
        title = _("The database cannot be reached")
        text = _("Nothing was changed and no mail was lost. Please try again in a minute.")
        response = _unavailable(request, title, text)
    response["Retry-After"] = "60"
    return response


def content_unreadable(request: HttpRequest) -> HttpResponse:
    """Return the page that says that a mail's content cannot be opened: its key is missing, or its bytes were changed."""
    with translation.override(translation.get_language_from_request(request)):
        title = _("This mail cannot be opened")
        text = _("Its stored content cannot be read, so it cannot be shown. Please tell your administrator.")
        return _unavailable(request, title, text)


def _unavailable(request: HttpRequest, title: str, text: str) -> HttpResponse:
    language = translation.get_language()
    page = _page("503.html", request, {"title": title, "text": text})
    return HttpResponse(
        page or PLAIN_PAGE.format(title=title, text=text, language=language),
        status=503,
        headers={"Cache-Control": "no-store", "Content-Language": str(language)},
    )
