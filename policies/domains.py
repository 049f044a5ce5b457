"""What is known of domains: the part that somebody registered, and what kind of mail service it is. No network.

Registrable domains come from the Public Suffix List that lies in the package `publicsuffixlist`.
"""

from functools import cache, lru_cache
from pathlib import Path

from publicsuffixlist import PublicSuffixList

from policies.folding import fold_domain

_LISTS = Path(__file__).with_name("lists")
SERVICES = ("free_mail", "carrier_mail", "disposable")


@lru_cache(maxsize=50_000)
def registrable(domain: str) -> str:
    """Return the registrable part of `domain`: `example.co.jp` of `mail.example.co.jp`; the domain where it has none."""
    folded = fold_domain(domain)
    return str(_suffixes().privatesuffix(folded) or folded)


def name_of(domain: str) -> str:
    """Return the name that somebody registered: `example` of `mail.example.co.jp`."""
    return registrable(domain).partition(".")[0]


def service_of(domain: str) -> str:
    """Return "free_mail", "carrier_mail" or "disposable" for the domain of such a service, else ""."""
    folded = fold_domain(domain)
    parts = folded.split(".")
    endings = {".".join(parts[start:]) for start in range(len(parts))}
    return next((service for service in SERVICES if not endings.isdisjoint(domains_of(service))), "")


@cache
def domains_of(service: str) -> frozenset[str]:
    """Return the domains of a service, as the list beside this module has them."""
    lines = (_LISTS / f"{service}.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def _suffixes() -> PublicSuffixList:
    # Half of the list: without its names of private owners, who may be a company's own customers.
    return PublicSuffixList(only_icann=True)
