"""Words as administrators write them, made ready for being looked for."""

import re

from policies.folding import fold_text


def folded_word(word: str) -> tuple[str, re.Pattern[str]]:
    """Return the word folded and without its stars, and a pattern for folded texts that minds its borders."""
    folded = fold_text(word)
    core = folded.strip("*")
    # Japanese has no borders between words; letters and digits have.
    before = r"(?<![0-9a-z])" if re.match("[0-9a-z]", folded) else ""
    after = r"(?![0-9a-z])" if re.search("[0-9a-z]$", folded) else ""
    return core, re.compile(before + re.escape(core) + after)
