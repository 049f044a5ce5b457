"""The key ring that the settings name."""

from functools import lru_cache

from django.conf import settings

from mailhold.mailstore.sealing import KeyRing


def key_ring() -> KeyRing:
    """Return the ring of settings.SEALING_KEYS, or raise ImproperlyConfigured."""
    return _parsed(tuple(settings.SEALING_KEYS))


@lru_cache(maxsize=4)
def _parsed(texts: tuple[str, ...]) -> KeyRing:
    return KeyRing.parse(texts)
