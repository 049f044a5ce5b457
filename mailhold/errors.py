"""The pages for what went wrong: Django calls these (`handler500` in urls.py)."""

import sys

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils.translation import gettext as _
from django.views import defaults

# Stands alone for the case that even the template cannot be read.
PLAIN_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>503</title><h1>{title}</h1><p>{text}</p>"""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an error: 503 where the database cannot be used, 500 otherwise."""
    if is_storage_failure(sys.exception()):
        return storage_unavailable()
    return defaults.server_error(request)


def is_storage_failure(error: BaseException | None) -> bool:
    """Say whether `error` tells that the database or its disk cannot be used now, and not that our code is wrong."""
    while error is not None:
        # "Disk image is malformed" comes as a bare DatabaseError; its other subclasses are mistakes in a statement.
        if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
            return True
        error = error.__cause__
    return False


def storage_unavailable() -> HttpResponse:
    """Return the page that says that the database cannot be reached; making it needs no database."""
    title = _("The database cannot be reached")
    text = _("Nothing was changed and no mail was lost. Please try again in a minute.")
    context = {"title": title, "text": text, "organisation": settings.ORGANISATION}
    try:
        page = loader.get_template("503.html").render(context)
    except TemplateDoesNotExist:
        page = PLAIN_PAGE.format(title=title, text=text, language=settings.LANGUAGE_CODE)
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
