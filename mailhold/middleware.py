"""What every request passes: health questions, a request identifier, language and time zone, and admin's own CSP."""

import logging
import re
import time
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from mailhold import health
from mailhold.directory.zones import zone
from mailhold.ids import uuid7
from mailhold.logs import request_id, without_secrets

logger = logging.getLogger("mailhold.web")

GetResponse = Callable[[HttpRequest], HttpResponse]

HEALTH_PAGES = {"/healthz": health.live, "/readyz": health.ready}

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

# Django's widget for a stored password has a `style` attribute, so these pages of the admin allow inline styles.
_INLINE_STYLE_PAGES = re.compile(r"/admin/directory/person/")


class HealthMiddleware:
    """Answers /healthz and /readyz before anything looks at the host name, a session or the database.

    A load balancer asks by IP address, which ALLOWED_HOSTS would refuse.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a health question, or pass the request on."""
        page = HEALTH_PAGES.get(request.path)
        return page(request) if page else self.get_response(request)


class RequestLogMiddleware:
    """Gives each request an identifier, writes one log line for it, and keeps search engines out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; every log line that it causes carries its identifier."""
        started = time.monotonic()
        token = request_id.set(_incoming_id(request) or uuid7().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            response["X-Robots-Tag"] = "noindex"
            _log(request, response, time.monotonic() - started)
        finally:
            request_id.reset(token)
        return response


def _incoming_id(request: HttpRequest) -> str:
    # Only a proxy of our own may name the request: a client could otherwise make lines look alike.
    given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
    return given if _REQUEST_ID.fullmatch(given) else ""


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    if request.path.startswith(settings.STATIC_URL):
        return
    fields = {
        "method": request.method or "",
        "path": without_secrets(request.path),
        "status": response.status_code,
        "seconds": round(seconds, 4),
    }
    logger.info("request", extra=fields)


class AdminStyleMiddleware:
    """Allows inline styles on the few admin pages whose stock widgets need them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and widen the response's policy where needed."""
        response = self.get_response(request)
        if _INLINE_STYLE_PAGES.match(request.path):
            response._csp_update = {"style-src": ["'unsafe-inline'"]}  # type: ignore[attr-defined]  # noqa: SLF001  (django-csp's own mark)
        return response


class PersonLocaleMiddleware:
    """Shows pages in the person's language and time zone.

    Language: the signed-in person's, else the cookie that the language switch sets, else Accept-Language, else
    MAILHOLD_LANGUAGE. Time zone: the person's, else MAILHOLD_TIME_ZONE.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with language and time zone set; both are put back afterwards."""
        language, zone = _language_and_zone(request)
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _language_and_zone(request: HttpRequest) -> tuple[str, zoneinfo.ZoneInfo]:
    if request.user.is_authenticated:
        return request.user.language, zone(request.user.time_zone)
    return translation.get_language_from_request(request), zone(settings.TIME_ZONE)
