"""Mail that names a company which does not get it."""

import re
from collections.abc import Iterator

from policies.conditions.kind import ConditionKind, shown
from policies.conditions.own_words import own_words, traced_own_words
from policies.conditions.recipient_domain import KIND as DOMAINS
from policies.conditions.wordlists import folded_word
from policies.facts import Facts, RecipientFact
from policies.folding import fold_domain, fold_text
from policies.marks import Mark, Place
from policies.parameters import Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_COMMA = re.compile(r"[,、]")


def _split(value: str) -> tuple[list[str], list[str]]:
    names, _, domains = value.partition("=")
    return (
        [name for each in _COMMA.split(names) if (name := each.strip())],
        [domain for each in _COMMA.split(domains) if (domain := each.strip())],
    )


def _companies(condition: Condition) -> tuple[tuple[str, tuple[re.Pattern[str], ...], tuple[str, ...]], ...]:
    found = []
    for value in condition.values:
        names, domains = _split(value)
        patterns = tuple(folded_word(name)[1] for name in names)
        found.append((names[0], patterns, tuple(fold_domain(each.removeprefix(".")) for each in domains)))
    return tuple(found)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    name, _ = _absent(facts, condition)
    if not name:
        return None
    return Text(f"「{shown(name)}」とあるのに宛先にいない", f"“{shown(name)}” is named, but is no recipient")


def _absent(facts: Facts, condition: Condition) -> tuple[str, tuple[re.Pattern[str], ...]]:
    """Return the first company that is named and is no recipient, with the patterns of its names; "" for none."""
    domains = [fold_domain(each.domain) for each in facts.recipients if not each.internal]
    if not domains:
        return "", ()
    texts = [fold_text(text) for text in _texts(facts)]
    for name, patterns, own in condition.once(_companies):
        is_there = any(domain == each or domain.endswith(f".{each}") for domain in domains for each in own)
        if not is_there and any(pattern.search(text) for pattern in patterns for text in texts):
            return name, patterns
    return "", ()


def _texts(facts: Facts) -> Iterator[str]:
    yield facts.content.subject
    yield own_words(facts.content.body)
    for attachment in facts.content.attachments:
        yield _words_of(attachment.name)


def _words_of(name: str) -> str:
    # Names are written with marks between words that are letters to a pattern.
    return name.replace("_", " ")


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    _, patterns = _absent(facts, condition)
    texts = (
        (Place.SUBJECT, facts.traced(facts.content.subject)),
        (Place.BODY, traced_own_words(facts.content.body).folded()),
    )
    for place, traced in texts:
        for span in sorted(found.span() for pattern in patterns for found in pattern.finditer(traced.text)):
            start, end = traced.span(*span)
            yield Mark(place=place, start=start, end=end)
    for attachment in facts.content.attachments:
        if any(pattern.search(fold_text(_words_of(attachment.name))) for pattern in patterns):
            yield Mark(place=Place.FILE, name=attachment.name)


def _sentence(condition: Condition) -> Text:
    return Text(
        f"名前の出た会社({len(condition.values)}社のうち)が宛先にいない",
        f"one of {len(condition.values)} companies is named without being a recipient",
    )


def _check(value: str) -> Text | None:
    names, domains = _split(value)
    if names and domains and all(fold_text(name).strip("*") for name in names):
        return next((flaw for domain in domains if (flaw := DOMAINS.check_value(domain))), None)
    return Text(
        f"「{value}」は「会社名, 別の名前 = ドメイン, ドメイン」の形で書いてください。",
        f"Write “{value}” as name, other name = domain, domain.",
    )


KIND = ConditionKind(
    code="company_named",
    label=Text("宛先にいない会社の名前", "Company named that is no recipient"),
    help=Text(
        "件名、本文、添付の名前に会社の名前があるのに、その会社のドメインの宛先が1つもない社外メールです。"
        "引用された部分は見ません。サブドメインの宛先も、その会社のものとみなします。",
        "Subject, text or the name of an attachment names a company, and no recipient of an external mail has one of its "
        "domains, or a sub-domain. What is quoted does not count.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
    values=Parameter(
        label=Text("会社とドメイン", "companies and domains"),
        help=Text(
            "1行に1社。例: 山田製作所, ヤマダ = yamada.example, yamada.co.jp",
            "One company per line, such as Yamada Works, Yamada = yamada.example, yamada.co.jp.",
        ),
    ),
    check_value=_check,
)
