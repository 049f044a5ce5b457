"""Recipients whose domain looks like one that the company writes to often."""

from policies.conditions.kind import ConditionKind, shown
from policies.detectors.lookalike import find_original
from policies.facts import Facts, RecipientFact
from policies.folding import fold_domain
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    domain = fold_domain(recipient.domain)
    if recipient.internal or domain in facts.contacts.company_domains:
        return None
    original = find_original(domain, facts.frequent_domains | facts.own_domains)
    if not original:
        return None
    seen, meant = shown(recipient.domain), shown(original)
    return Text(f"宛先のドメイン {seen} が {meant} と紛らわしい", f"the domain {seen} looks like {meant}")


def _sentence(condition: Condition) -> Text:
    return Text(
        "宛先のドメインがよく送る相手のものと紛らわしい",
        "the recipient's domain looks like one that the company writes to often",
    )


KIND = ConditionKind(
    code="look_alike",
    label=Text("紛らわしいドメイン", "Look-alike domain"),
    help=Text(
        "まだ一度も送ったことがなく、10回以上送ったことのあるドメインか自社のドメインに似ているものです。"
        "1文字違い、0 と o、rn と m、別の末尾(.co.jp と .com)、余分な語などを見ます。宛先ごとに判定します。",
        "A domain that was never written to, and is like one written to ten times or more, or like an own one: "
        "one letter off, 0 for o, rn for m, another suffix (.com for .co.jp), a word glued on. Asked for each recipient.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    reads=Part.FREQUENT_DOMAINS,
)
