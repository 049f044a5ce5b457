"""Dates of birth: dates that a label, a header or the words around them call so. A date alone is none."""

import re
from collections.abc import Iterator

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
_BORN_AFTER = re.compile(r" ?[(\[（]? ?(?:生まれ|生(?=[)、。\s]|\Z)|誕生|に(?:生まれ|誕生)|出生)")

# "born" and a date belong together when little stands between, or the date is led to.
_TALE = re.compile(r"\bborn\b(?! (?:on|in)? ?\Z)(?:[ ,]+[A-Za-z]+){3,}(?<! on) *\Z", re.IGNORECASE)
_REACH = 40


def birthdate(document: Document) -> Iterator[Span]:
    """Yield the dates that are said to be of birth."""
    for match in _DATE.finditer(document.text):
        told = document.says("BIRTHDATE", *match.span()) and not _TALE.search(
            document.text, max(0, match.start() - _REACH), match.start()
        )
        if told or _BORN_AFTER.match(document.text, match.end()):
            yield Span("BIRTHDATE", *match.span())
