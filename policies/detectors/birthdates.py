"""Dates of birth: dates that a label, a header or the words around them call so. A date alone is none."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from policies.detectors.document import Document, Span

_ERA = r"(?:明治|大正|昭和|平成|令和|[MTSHRmtshr]\.?|(?<![一-鿿])[明大昭平令])"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][./-])(?:"
    r"(?:18|19|20)[0-9]{2} ?(?:\((?:明治|大正|昭和|平成|令和"
    r"|[MTSHR])[0-9元]{1,2}年?\) ?)?[年./-] ?[0-9]{1,2} ?[月./-] ?[0-9]{1,2}(?: ?日)?"
    rf"|{_ERA} ?(?:[0-9]{{1,2}}|元) ?[年./-] ?[0-9]{{1,2}} ?[月./-] ?[0-9]{{1,2}}(?: ?日)?"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|[0-9]{1,2}[./-][0-9]{1,2}[./-](?:18|19|20)[0-9]{2}"
    rf"|{_MONTHS} ?[0-9]{{1,2}}(?:st|nd|rd|th)?,? (?:18|19|20)[0-9]{{2}}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTHS},?[ -](?:18|19|20)[0-9]{{2}}"
    r")(?![0-9A-Za-z])(?![./-][0-9])"
)
_BORN_AFTER = re.compile(r" ?[(\[（]? ?(?:生まれ|生れ|うまれ|生(?=[)、。\s]|\Z)|誕生|に(?:生まれ|誕生)|出生)")

# "born" and a date belong together when little stands between, or the date is led to.
_TALE = re.compile(r"\bborn\b(?! (?:on|in)? ?\Z)(?:[ ,]+[A-Za-z]+){3,}(?<! on) *\Z", re.IGNORECASE)
_OF_HISTORY = re.compile(r"(?:.*[^0-9])?1[0-8][0-9]{2}(?![0-9])", re.DOTALL)  # nobody who was born then lives
_REACH = 40
_FIRST_YEARS = {
    "明": 1868,
    "大": 1912,
    "昭": 1926,
    "平": 1989,
    "令": 2019,
    **dict(zip("MTSHR", (1868, 1912, 1926, 1989, 2019), strict=True)),
}
_YEAR = re.compile(r"(?<![0-9])(?:18|19|20)[0-9]{2}(?![0-9])")
_YEAR_OF_ERA = re.compile(
    r"(?<![A-Za-z])(?P<era>[明大昭平令MTSHR])[治正和成]?\.? ?(?P<count>[0-9]{1,2}|元)", re.IGNORECASE
)
_NAMES_OF_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# A column of dates without a header that is known: days of entry or purchase are of fewer and later years.
_FEWEST_BIRTHS, _FEWEST_YEARS = 3, 10
_FIRST_BIRTH, _OF_ADULTS, _LAST_BIRTH = 1920, 1985, 2015
_CLOCKS_DIFFER = timedelta(days=1)  # it may be tomorrow already where the mail is written


def birthdate(document: Document) -> Iterator[Span]:
    """Yield the dates that are said to be of birth."""
    for match in _DATE.finditer(document.text):
        told = document.says("BIRTHDATE", *match.span()) and not _TALE.search(
            document.text, max(0, match.start() - _REACH), match.start()
        )
        if _OF_HISTORY.match(match.group()):
            continue
        if told or _BORN_AFTER.match(document.text, match.end()):
            yield Span("BIRTHDATE", *match.span())


def are_births(texts: Sequence[str]) -> bool:
    """Tell whether the cells of a column can only be dates of birth by themselves: of several generations, all plausible."""
    if len(texts) < _FEWEST_BIRTHS or not all(map(_DATE.fullmatch, texts)):
        return False
    years = [min(days).year for days in (list(_readings(text)) for text in texts) if days]
    return (
        len(years) == len(texts)
        and min(years) >= _FIRST_BIRTH
        and max(years) <= _LAST_BIRTH
        and min(years) <= _OF_ADULTS
        and max(years) - min(years) >= _FEWEST_YEARS
    )


def lies_ahead(text: str, today: date) -> bool:
    """Tell whether a date is later than `today`: nobody was born then. One that is no date at all does not lie ahead."""
    readings = list(_readings(text))
    return bool(readings) and min(readings) > today + _CLOCKS_DIFFER


def _readings(text: str) -> Iterator[date]:
    """Yield the days that the text may mean: 3/4/2030 is one of two."""
    row = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text)
    match = _YEAR.search(text) or _YEAR_OF_ERA.search(text)
    if row:
        candidates = [tuple(map(int, row.groups()))]
    elif match:
        first, second = _others(text[: match.start()] + " " + text[match.end() :])
        candidates = [(_year(match), first, second), (_year(match), second, first)]
        candidates = candidates[:1] if not match.start() else candidates
    else:
        return
    for year, month, day in candidates:
        try:
            yield date(year, month, day)
        except ValueError:  # the other reading, or no day of any month
            continue


def _others(text: str) -> tuple[int, int]:
    """Return month and day, in this order where the month is a word."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,2}", text)]
    word = re.search(r"[A-Za-z]{3}", text)
    if word and word.group().lower() in _NAMES_OF_MONTHS:
        numbers = [_NAMES_OF_MONTHS.index(word.group().lower()) + 1, *numbers]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (0, 0)


def _year(match: re.Match[str]) -> int:
    if match.re is _YEAR:
        return int(match.group())
    count = match.group("count")
    return _FIRST_YEARS[match.group("era").upper()] + (1 if count == "元" else int(count)) - 1
