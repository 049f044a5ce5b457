"""The first mail ever to somebody."""

from policies.conditions.kind import ConditionKind, shown
from policies.facts import Facts, RecipientFact
from policies.folding import fold_domain
from policies.parameters import Choice
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.verdict import Text

_FIRST = {
    "person_address": Text(
        "送信者がこのアドレスに送るのは初めて", "it is the sender's first mail to this address"
    ),
    "person_domain": Text(
        "送信者がこのドメインに送るのは初めて", "it is the sender's first mail to this domain"
    ),
    "company_address": Text(
        "会社からこのアドレスに送るのは初めて", "it is the company's first mail to this address"
    ),
    "company_domain": Text(
        "会社からこのドメインに送るのは初めて", "it is the company's first mail to this domain"
    ),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    contacts = facts.contacts
    by_domain = condition.choice.endswith("_domain")
    mine = condition.choice.startswith("person_")
    if by_domain:
        known = contacts.person_domains if mine else contacts.company_domains
    else:
        known = contacts.person_addresses if mine else contacts.company_addresses
    if (fold_domain(recipient.domain) if by_domain else fold_recipient(recipient.address)) in known:
        return None
    text, what = _FIRST[condition.choice], shown(recipient.domain if by_domain else recipient.address)
    return Text(f"{text.ja}({what})", f"{text.en} ({what})")


def _sentence(condition: Condition) -> Text:
    return _FIRST[condition.choice]


KIND = ConditionKind(
    code="first_mail",
    label=Text("初めて送る宛先", "First mail to a recipient"),
    help=Text(
        "mailhold を通ったメールのうち、相手に届いたか送信中のものを数えます。宛先ごとに判定します。",
        "By mail that has passed through mailhold and arrived, or is on its way. Asked for each recipient.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    reads=Part.CONTACTS,
    choices=tuple(Choice(code=code, label=label) for code, label in _FIRST.items()),
)
