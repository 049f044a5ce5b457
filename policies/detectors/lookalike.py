"""Domains that look like another one: typing slips and traps. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from policies.domains import name_of, registrable, service_of

# One edit in a shorter name is another company, not a slip.
SHORTEST_FOR_AN_EDIT = 5
_SEPARATORS = re.compile(r"[-_.]")
# Signs of other scripts that are drawn like Latin letters, and kanji that are drawn like kana.
_DRAWN_LIKE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝкмтвньαεικνορτυχωγηıɑɡøłđ一口力二工夕八卜へ",
    "aeopcyxijsdhlqwkmtbhbaeikvoptuxwyniagoldーロカニエタハトヘ",
)
# What the eye takes for one another, in the order in which it is replaced.
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))


def find_original(domain: str, known: Iterable[str]) -> str:
    """Return the domain of `known` that `domain` looks like, the first by alphabet, or "".

    A domain of `known`, one below it, and the great mail services look like nothing but themselves.
    """
    candidate = registrable(domain)
    originals = {registrable(each): each for each in known}
    if candidate in originals or service_of(domain):
        return ""
    return next((each for each in sorted(originals) if _looks_like(domain, candidate, each)), "")


def _looks_like(domain: str, candidate: str, original: str) -> bool:
    seen, meant = _readable(name_of(candidate)), _readable(name_of(original))
    return (
        seen == meant
        or skeleton(seen) == skeleton(meant)
        or _is_one_edit(seen, meant)
        or _holds(seen, meant)
        or f".{original}." in f".{domain}."
    )


def _readable(name: str) -> str:
    """Return an internationalised name as it is shown (RFC 3492)."""
    if not name.startswith("xn--"):
        return name
    try:
        return name.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return name


@lru_cache(maxsize=50_000)
def skeleton(name: str) -> str:
    """Return `name` with signs that look alike made the same."""
    plain = unicodedata.normalize("NFKD", name.lower()).translate(_DRAWN_LIKE)
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    for seen, same in _ALIKE:
        kept = kept.replace(seen, same)
    return kept


def _holds(seen: str, meant: str) -> bool:
    """Tell whether the known name stands in the other one as a word, or at its beginning or end."""
    if len(meant) < SHORTEST_FOR_AN_EDIT or len(seen) <= len(meant):
        return False
    return meant in _SEPARATORS.split(seen) or seen.startswith(meant) or seen.endswith(meant)


def _is_one_edit(first: str, second: str) -> bool:
    """Tell whether one letter more, less or other, or two neighbours exchanged, part the two names."""
    if min(len(first), len(second)) < SHORTEST_FOR_AN_EDIT or abs(len(first) - len(second)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if start is None:
        return len(first) != len(second)
    a, b = first[start:], second[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]
