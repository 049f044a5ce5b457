"""Addresses that actions name: one plain address, as it can stand in an envelope and in a header."""

import re

from policies.parameters import Flaw
from policies.reference import flaw_of_entry
from policies.spec import Action
from policies.verdict import Text

# RFC 5322 3.2.3, without quoted strings: what stands in a Cc field must mean one mailbox to every program.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
LONGEST_LOCAL = 64


def flaws_of_address(action: Action) -> list[Flaw]:
    """Return what is wrong with the address of `action`."""
    local, at, domain = action.address.rpartition("@")
    plain = domain.isascii() and len(local) <= LONGEST_LOCAL and _LOCAL.fullmatch(local)
    if at and plain and flaw_of_entry(action.address) is None:
        return []
    return [Flaw("address", Text("アドレスを1つ書いてください。", "one mail address is needed."))]
