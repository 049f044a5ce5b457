"""What the administration shows when a change of the policies is refused where no form could say so."""

import logging
from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from policies.refusals import ProposalRefused

logger = logging.getLogger(__name__)


class RefusedChangeMiddleware:
    """Answers a refusal, by which the transaction of the change was rolled back, with its sentence on a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for a refusal, None for everything else."""
        if not isinstance(exception, ProposalRefused):
            return None
        logger.warning("a change of the policies was refused", extra={"code": exception.code})
        context = {
            **admin.site.each_context(request),
            "title": _("The policies were not changed"),
            "sentence": str(exception),
        }
        return render(request, "policies/refused.html", context, status=409)
