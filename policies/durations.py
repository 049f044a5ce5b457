"""Durations as people write them: `5m`, `1h30m`, `24時間`."""

import re
import unicodedata

from policies.verdict import Text

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_PATTERN = re.compile(
    r"(?:(\d{1,9})(?:d|日))?(?:(\d{1,9})(?:h|時間))?(?:(\d{1,9})(?:m|分))?(?:(\d{1,9})(?:s|秒)?)?",
    re.ASCII,
)
_WORDS = {
    "d": ("日", "day"),
    "h": ("時間", "hour"),
    "m": ("分", "minute"),
    "s": ("秒", "second"),
}


def parse_duration(text: str) -> int | None:
    """Return the seconds that `text` names (a bare number means seconds), or None where it names no duration."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    found = _PATTERN.fullmatch(plain)
    if not plain or found is None:
        return None
    return sum(int(number or 0) * size for number, (_, size) in zip(found.groups(), _UNITS, strict=True))


def format_duration(seconds: int) -> str:
    """Return `seconds` in the form that `parse_duration` reads, such as `1h30m`."""
    return "".join(f"{number}{unit}" for number, unit in _parts(seconds)) or "0s"


def say_duration(seconds: int) -> Text:
    """Return `seconds` in words."""
    parts = _parts(seconds) or [(0, "s")]
    japanese = "".join(f"{number}{_WORDS[unit][0]}" for number, unit in parts)
    english = " ".join(f"{number} {_WORDS[unit][1]}{'' if number == 1 else 's'}" for number, unit in parts)
    return Text(japanese, english)


def _parts(seconds: int) -> list[tuple[int, str]]:
    """Split into units; 24 hours stay hours, since that is how people name a deadline."""
    parts = []
    rest = seconds
    for unit, size in _UNITS:
        if unit == "d" and rest < 2 * size:
            continue
        number, rest = divmod(rest, size)
        if number:
            parts.append((number, unit))
    return parts
