"""Addresses in MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3). Pure."""

import ipaddress
import re

from mailhold.gateway import replies
from mailhold.gateway.exceptions import RefusedError

# What the columns of the envelope hold.
LONGEST_ADDRESS = 320
LONGEST_DOMAIN = 255

# Nearly all addresses are of this form: one match and no more. Dots may stand anywhere in the local part, because
# Japanese carriers once gave out addresses such as `a..b.@docomo.ne.jp`, and people still have them.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_PLAIN = re.compile(rf"<([A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]+@{_LABEL}(?:\.{_LABEL})*)>(?:[ \t]+(.*))?\Z")
# Quoted local parts, address literals, and letters beyond ASCII; never controls or lone surrogates.
_BEYOND = r"\u00a0-\ud7ff\ue000-\U0010ffff"
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.{_BEYOND}-]+"
_QUOTED = rf'"(?:[ !#-\[\]-~{_BEYOND}]|\\[ -~])*"'
_DOMAIN = rf"[A-Za-z0-9_{_BEYOND}](?:[A-Za-z0-9_.{_BEYOND}-]*[A-Za-z0-9_{_BEYOND}])?"
_LITERAL = r"\[[A-Za-z0-9.:-]+\]"
_ANY = re.compile(rf"<((?:{_ATOM}|{_QUOTED})@(?:{_DOMAIN}|{_LITERAL}))>(?:[ \t]+(.*))?\Z")
_WITHOUT_BRACKETS = re.compile(r"([^<>\s]+)(?:[ \t]+(.*))?\Z")
_NULL = re.compile(r"<[ \t]*>(?:[ \t]+(.*))?\Z")
_POSTMASTER = re.compile(r"<(postmaster)>(?:[ \t]+(.*))?\Z", re.IGNORECASE)
_ROUTED = re.compile(r"<@")


def reverse_path(argument: str) -> tuple[str, str]:
    """Return the address (empty for `<>`) and the parameters of what follows `MAIL FROM:`; raise RefusedError."""
    null = _NULL.match(argument)
    if null:
        return "", null[1] or ""
    if _ROUTED.match(argument):
        raise RefusedError(replies.ROUTED_ADDRESS)
    found = _match(argument)
    if found is None:
        raise RefusedError(replies.BAD_SENDER)
    return found


def forward_path(argument: str, postmaster_domain: str) -> tuple[str, str]:
    """Return the address and the parameters of what follows `RCPT TO:`; raise RefusedError.

    `<postmaster>` without a domain is our own postmaster (RFC 5321 4.5.1). Local parts that some next hop may take
    for a route of their own (`a%b@c`, `b!a@c`, `"a@b"@c`) are refused.
    """
    postmaster = _POSTMASTER.match(argument)
    if postmaster:
        return f"{postmaster[1]}@{postmaster_domain}", postmaster[2] or ""
    if _ROUTED.match(argument):
        raise RefusedError(replies.ROUTED_ADDRESS)
    found = _match(argument)
    if found is None:
        raise RefusedError(replies.BAD_RECIPIENT)
    if not set("%!@").isdisjoint(found[0].rpartition("@")[0]):
        raise RefusedError(replies.ROUTED_ADDRESS)
    return found


def _match(argument: str) -> tuple[str, str] | None:
    matched = _PLAIN.match(argument) or _match_rare(argument)
    if not matched:
        return None
    address = matched[1]
    if len(address) > LONGEST_ADDRESS or len(address) - address.rindex("@") - 1 > LONGEST_DOMAIN:
        return None
    return address, matched[2] or ""


def _match_rare(argument: str) -> re.Match[str] | None:
    bare = _WITHOUT_BRACKETS.match(argument)
    matched = _ANY.match(f"<{bare[1]}> {bare[2] or ''}" if bare else argument)
    if not matched:
        return None
    domain = matched[1].rpartition("@")[2]
    return matched if _is_domain(domain) else None


def _is_domain(domain: str) -> bool:
    if not domain.startswith("["):
        return ".." not in domain
    try:
        ipaddress.ip_address(domain[1:-1].removeprefix("IPv6:"))
    except ValueError:
        return False
    return True
