"""Messages to several companies at once."""

from policies.conditions.kind import ConditionKind
from policies.domains import registrable, service_of
from policies.facts import Facts, RecipientFact
from policies.parameters import NumberParameter
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    external = [each for each in facts.recipients if not each.internal]
    # Everybody at a free mail service is somebody else.
    companies = {
        each.address.lower() if service_of(each.domain) else registrable(each.domain) for each in external
    }
    if len(companies) < (condition.number or 0):
        return None
    return Text(f"社外の宛先が{len(companies)}社", f"external recipients of {len(companies)} companies")


def _sentence(condition: Condition) -> Text:
    return Text(
        f"社外の宛先が{condition.number}社以上",
        f"there are external recipients of {condition.number} or more companies",
    )


KIND = ConditionKind(
    code="company_count",
    label=Text("社外の宛先の会社数", "Number of external companies"),
    help=Text(
        "社外の宛先がいくつの会社にわたるかを、登録されたドメイン(example.co.jp など)で数えます。"
        "フリーメールなどの宛先は1件を1社と数えます。",
        "How many companies the external recipients belong to, by the domain that was registered (example.co.jp). "
        "Each recipient at a mail service for private use counts as one.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("社以上", "at least"),
        help=Text("この数以上なら一致します。", "Matches from this number on."),
        least=2,
        suggested=2,
    ),
)
