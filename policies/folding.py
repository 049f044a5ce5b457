"""Bringing texts and domains into the form in which they are compared."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")


def fold_text(text: str) -> str:
    """Return `text` without differences of width, case and blanks: ＡＢＣ, ｱ and 株式会社 in one sign fold to plain ones.

    NFKC runs again after case folding, which may leave what NFKC would compose.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _BLANKS.sub(" ", folded).strip()


def fold_domain(domain: str) -> str:
    """Return `domain` in lower case, without a final dot, an internationalised one in its A-label form (RFC 5890)."""
    lowered = domain.strip().rstrip(".").lower()
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:
        # No name that the DNS knows (a label too long, a forbidden sign): compared as it stands.
        return fold_text(lowered)
