"""RE2 for what is searched through whole texts: its time grows with the text alone, whatever is written in it.

It knows no looking around; where that is needed, RE2 finds the place, and `re` looks at the few characters there.
"""

from collections.abc import Iterator

import re2


def automaton(pattern: str, *, case: bool = False) -> "re2._Regexp":
    """Compile `pattern`; without `case`, capital and small letters are alike."""
    options = re2.Options()
    options.case_sensitive = case
    return re2.compile(pattern, options)


def places(compiled: "re2._Regexp", text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each place where `compiled` fits."""
    for match in compiled.finditer(text):
        yield match.span()
