"""The passwords of files are none of the secrets: what opened a file of the mail guards nothing but that file."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator

from policies.detectors.finding import Finding

_AROUND = " \t\n\"'`.,:;!?()[]{}<>*"  # what a sentence adds to a password, or takes from it


def without_passwords_of_files(found: Iterable[Finding], opened_by: Collection[str]) -> Iterator[Finding]:
    """Leave out each CREDENTIAL that opened a file, however the mail names it; `opened_by` is that of the inspection."""
    opening = {_bare(password) for password in opened_by}
    return (one for one in found if one.type != "CREDENTIAL" or _bare(one.value) not in opening)


def _bare(password: str) -> str:
    return unicodedata.normalize("NFKC", password).strip(_AROUND)
