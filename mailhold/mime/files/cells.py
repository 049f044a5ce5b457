"""What a cell of a workbook shows for the number that it holds."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no zone
_LAST_DAY = 2_950_000  # in the year 9976
_QUOTED = re.compile(r'"[^"]{0,200}"|\[[^\]]{0,200}\]|\\.|_.|\*.')
_DATE_LETTERS = re.compile(r"[ymdhs]|ge", re.IGNORECASE)
_DIGIT_PATTERN = re.compile(r"[0#]+(?:[-() ]{1,2}[0#]+){0,6}")
_LONGEST_NUMBER = 40


def column_number(reference: str, default: int) -> int:
    """Return the column of a reference such as "AB12", counted from 0; `default` where there is none."""
    column = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column - 1 if column else default


def shown_number(value: str, code: str, *, epoch_1904: bool = False) -> str:
    """Return the number as a date, with its digits in groups, or plain: whole numbers never with an exponent."""
    try:
        number = Decimal(value[:_LONGEST_NUMBER])
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return value
    if _is_date(code) and 0 < number <= _LAST_DAY:
        return _date(float(number), epoch_1904=epoch_1904)
    if number != number.to_integral_value():
        return format(number.normalize(), "f")
    digits = str(int(number))
    pattern = _digit_pattern(code)
    return _grouped(digits, pattern) if pattern and digits.isdigit() else digits


def _date(serial: float, *, epoch_1904: bool) -> str:
    moment = (_EPOCH_1904 if epoch_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))
    if serial < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d}" if serial == int(serial) else f"{moment:%Y-%m-%d %H:%M}"


@lru_cache(maxsize=256)
def _is_date(code: str) -> bool:
    return bool(code) and bool(_DATE_LETTERS.search(_QUOTED.sub("", code[:400]).replace("General", "")))


@lru_cache(maxsize=256)
def _digit_pattern(code: str) -> str:
    """Return a format that only groups digits, as those of telephone numbers and postal codes; else ""."""
    plain = code[:100].partition(";")[0].replace("\\", "").replace('"', "")
    return plain if _DIGIT_PATTERN.fullmatch(plain) and (len(plain) > 1) and "0" in plain else ""


def _grouped(digits: str, pattern: str) -> str:
    """Put the digits into the places of `pattern` from the right, with zeros where it asks for them."""
    shown: list[str] = []
    left = list(digits)
    for place in reversed(pattern):
        if place in "0#":
            if left:
                shown.append(left.pop())
            elif place == "0":
                shown.append("0")
        elif left or "0" in pattern:
            shown.append(place)
    return "".join((*left, *reversed(shown)))
