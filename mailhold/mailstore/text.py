"""Text from mail, made fit for a database column."""

import re

# PostgreSQL's text knows neither NUL nor half a surrogate pair (which Python's `surrogateescape` leaves behind).
_NUL = "\0"
_SURROGATES = re.compile("[\ud800-\udfff]")


def storable(text: str, limit: int | None = None) -> str:
    """Return `text` without NULs, with U+FFFD for each lone surrogate, cut to `limit` characters."""
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    if _NUL in text:
        text = text.replace(_NUL, "")
    return text if limit is None else text[:limit]
