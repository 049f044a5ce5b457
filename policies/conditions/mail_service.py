"""Recipients at a free, mobile or throw-away mail service."""

from policies.conditions.kind import ConditionKind, shown
from policies.domains import service_of
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.spec import Condition
from policies.verdict import Text

_SERVICES = {
    "free_mail": Text("フリーメール", "free mail"),
    "carrier_mail": Text("携帯メール", "mobile mail"),
    "disposable": Text("使い捨てメール", "throw-away mail"),
    "any": Text("個人向けメール", "mail for private use"),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    service = service_of(recipient.domain)
    if not service or condition.choice not in {service, "any"} or recipient.internal:
        return None
    domain, kind = shown(recipient.domain), _SERVICES[service]
    return Text(f"宛先が{kind.ja}({domain})", f"the recipient uses {kind.en} ({domain})")


def _sentence(condition: Condition) -> Text:
    kind = _SERVICES[condition.choice]
    return Text(f"宛先が{kind.ja}", f"the recipient uses {kind.en}")


KIND = ConditionKind(
    code="mail_service",
    label=Text("フリーメール・携帯メール", "Free, mobile or throw-away mail"),
    help=Text(
        "宛先のドメインが、内蔵の一覧にある個人向けメールサービスのものか、宛先ごとに判定します。"
        "プロバイダーのメールはフリーメールに含みます。",
        "Whether the recipient's domain is one of a mail service for private use, by lists that come with mailhold; "
        "asked for each recipient. Mail that comes with an Internet connection counts as free mail.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    choices=tuple(Choice(code=code, label=label) for code, label in _SERVICES.items()),
    suggested="any",
)
