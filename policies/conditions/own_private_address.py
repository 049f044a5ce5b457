"""Senders who send to themselves, at home."""

import re
import unicodedata

from policies.conditions.kind import ConditionKind, shown
from policies.domains import service_of
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("宛先が送信者自身の私用アドレス", "the recipient is the sender's own private address")
_SEPARATORS = re.compile(r"[^a-z]+")
_SHORTEST = 4


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    if recipient.internal or service_of(recipient.domain) not in {"free_mail", "carrier_mail"}:
        return None
    details = facts.sender_details
    known = fold_recipient(recipient.address) in details.addresses
    if not known and not _is_alike(recipient.address, details.addresses, facts.sender.name):
        return None
    address = shown(recipient.address)
    return Text(f"{_SENTENCE.ja}({address})", f"{_SENTENCE.en} ({address})")


def _is_alike(address: str, own: frozenset[str], name: str) -> bool:
    """Tell whether the local part is that of an own address, or holds both parts of the sender's name."""
    letters = _letters(address)
    if len(letters) >= _SHORTEST and letters in {_letters(each) for each in own}:
        return True
    parts = [part for part in _SEPARATORS.split(_plain(name)) if len(part) > 1]
    return len(parts) > 1 and all(part in letters for part in parts)


def _letters(address: str) -> str:
    local = address.rpartition("@")[0].partition("+")[0]
    return _SEPARATORS.sub("", _plain(local))


def _plain(text: str) -> str:
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign)
    )


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="own_private_address",
    label=Text("送信者自身の私用アドレス", "Sender's own private address"),
    help=Text(
        "フリーメールか携帯メールの宛先で、送信者の別のアドレスとして登録されているか、"
        "@ の前が送信者の会社のアドレスと同じか、送信者の名前(ローマ字)を含むものです。宛先ごとに判定します。",
        "A recipient at a free or mobile mail service that is a further address of the sender, has the same part before "
        "the @ as an own address, or holds the sender's names. Asked for each recipient.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    reads=Part.SENDER_DETAILS,
)
