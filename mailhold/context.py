"""What every template may show of the product itself."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from mailhold.version import VERSION


def product(request: HttpRequest) -> dict[str, object]:
    """Return the organisation's name, the version, the address of the pages, the demo mark and the page's language."""
    return {
        "organisation": settings.ORGANISATION,
        "version": VERSION,
        "base_url": settings.BASE_URL,
        "demo": settings.DEMO,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
    }
