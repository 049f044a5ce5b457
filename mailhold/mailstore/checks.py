"""Start-up check: a key ring that cannot seal stops every command that would need it."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from mailhold.mailstore.ring import key_ring


def sealing_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error where MAILHOLD_SEALING_KEYS holds no usable ring."""
    try:
        key_ring()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="mailstore.E001")]
    return []
