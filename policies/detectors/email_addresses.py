"""E-mail addresses of others than the company itself."""

import re
from collections.abc import Iterator

from policies.detectors.document import Document, Span

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'*+?^_`{|}~@-])[A-Za-z0-9_][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}"
    r"@(?=[A-Za-z0-9])[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}(?![A-Za-z0-9@-])"
)


def email(document: Document, own_domains: frozenset[str]) -> Iterator[Span]:
    """Yield the addresses whose domain is none of `own_domains`, nor lies below one."""
    for match in _ADDRESS.finditer(document.text):
        if not _is_own(match.group().rpartition("@")[2].lower(), own_domains):
            yield Span("EMAIL", *match.span())


def _is_own(domain: str, own_domains: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[at:]) in own_domains for at in range(len(labels)))
