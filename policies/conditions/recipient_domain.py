"""Recipients whose domain is one of a list."""

import re

from policies.conditions.kind import ConditionKind, quoted, shown
from policies.facts import Facts, RecipientFact
from policies.folding import fold_domain
from policies.parameters import Parameter
from policies.spec import Condition
from policies.verdict import Text

_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
)


def _lists(condition: Condition) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the domains that match as a whole, and the endings (with their dot) that match sub-domains too."""
    folded = [(value.startswith("."), fold_domain(value.removeprefix("."))) for value in condition.values]
    return frozenset(domain for _, domain in folded), tuple(f".{domain}" for below, domain in folded if below)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    domains, endings = condition.once(_lists)
    domain = fold_domain(recipient.domain)
    if domain in domains or domain.endswith(endings):
        return Text(f"宛先のドメインが {shown(domain)}", f"the recipient's domain is {shown(domain)}")
    return None


def _sentence(condition: Condition) -> Text:
    domains = quoted(condition.values)
    return Text(f"宛先のドメインが{domains.ja}", f"the recipient's domain is {domains.en}")


def _check(value: str) -> Text | None:
    if _DOMAIN.fullmatch(fold_domain(value.removeprefix("."))):
        return None
    return Text(
        f"「{value}」はドメイン名ではありません。partner.example または .partner.example の形で書いてください。",
        f"“{value}” is not a domain name; write it like partner.example or .partner.example.",
    )


KIND = ConditionKind(
    code="recipient_domain",
    label=Text("宛先のドメイン", "Recipient's domain"),
    help=Text(
        "宛先のドメインが一覧にあるか、宛先ごとに判定します。先頭に点を付けるとサブドメインも含みます。",
        "Whether the recipient's domain is in the list, asked for each recipient. "
        "With a leading dot, sub-domains count too.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    values=Parameter(
        label=Text("ドメイン", "domains"),
        help=Text(
            "1行に1つ。例: partner.example(そのドメインだけ)、.partner.example(サブドメインも)",
            "One per line, such as partner.example (that domain alone) or .partner.example (sub-domains too).",
        ),
    ),
    check_value=_check,
)
