"""Mail with personal or secret data."""

from collections.abc import Iterator

from policies.conditions.finding_marks import marks_of_findings
from policies.conditions.kind import ConditionKind
from policies.conditions.places import CHOICES, PLACES, QUESTION
from policies.facts import Facts, Finding, RecipientFact
from policies.marks import Mark
from policies.parameters import Choice, NumberParameter, Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

TYPES = {
    "my_number": Text("マイナンバー", "My Number"),
    "corporate_number": Text("法人番号", "corporate number"),
    "driver_license": Text("運転免許証番号", "driver's licence"),
    "passport": Text("旅券番号", "passport"),
    "health_insurance": Text("保険者番号", "health insurer"),
    "health_insurance_id": Text("被保険者番号", "insured number"),
    "pension_number": Text("基礎年金番号", "pension number"),
    "bank_account": Text("銀行口座", "bank account"),
    "iban": Text("IBAN", "IBAN"),
    "credit_card": Text("クレジットカード番号", "credit card"),
    "phone": Text("電話番号", "phone number"),
    "postal_code": Text("郵便番号", "postal code"),
    "address": Text("住所", "address"),
    "email": Text("社外のメールアドレス", "outside mail address"),
    "birthdate": Text("生年月日", "birth date"),
    "person": Text("氏名(一覧)", "names in lists"),
    "us_ssn": Text("米国社会保障番号", "US social security number"),
    "credential": Text("パスワードや鍵", "credentials and keys"),
}


def findings_in(facts: Facts, choice: str) -> Iterator[Finding]:
    """Yield what was found in the places of `choice` (see places.py)."""
    for finding in facts.findings:
        inside = finding.where.startswith("attachment:")
        places = {"everywhere", "attachments"} if inside else {"everywhere", "both", finding.where}
        if choice in places:
            yield finding


def _needed(condition: Condition) -> dict[str, int]:
    """Return the types with a number of their own; 0 for those that are added up."""
    found = {}
    for value in condition.values:
        kind, _, number = value.partition("=")
        found[kind.strip()] = int(number or 0)
    return found


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    reached = _reached(facts, condition)
    return _reason(reached) if reached else None


def _reached(facts: Facts, condition: Condition) -> dict[str, int]:
    """Return how many of each type there are, of those types that are enough; nothing where none is."""
    needed = condition.once(_needed)
    values: dict[str, set[str]] = {}
    for finding in findings_in(facts, condition.choice):
        if finding.type.lower() in needed:
            values.setdefault(finding.type.lower(), set()).add(finding.value)
    together = {kind: len(found) for kind, found in values.items() if not needed[kind]}
    if together and sum(together.values()) >= (condition.number or 0):
        return together
    return {kind: len(found) for kind, found in values.items() if 0 < needed[kind] <= len(found)}


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    reached = _reached(facts, condition)
    found = findings_in(facts, condition.choice)
    return marks_of_findings(facts, (each for each in found if each.type.lower() in reached))


def _reason(counts: dict[str, int]) -> Text:
    most = sorted(counts, key=lambda kind: -counts[kind])[:4]
    return Text(
        "、".join(f"{TYPES[kind].ja}が{counts[kind]}件" for kind in most),
        ", ".join(f"{TYPES[kind].en}: {counts[kind]}" for kind in most),
    )


def _sentence(condition: Condition) -> Text:
    needed, where = condition.once(_needed), PLACES[condition.choice]
    together = [kind for kind, number in needed.items() if not number]
    japanese = [f"{TYPES[kind].ja}が{number}件以上" for kind, number in needed.items() if number]
    english = [f"{number} or more of {TYPES[kind].en}" for kind, number in needed.items() if number]
    if together:
        everything = len(together) == len(TYPES)
        names = "個人情報" if everything else "・".join(TYPES[kind].ja for kind in together)
        summed = "合わせて" if len(together) > 1 else ""
        japanese.append(f"{names}が{summed}{condition.number}件以上")
        names = "personal data" if everything else ", ".join(TYPES[kind].en for kind in together)
        english.append(f"{condition.number} or more of {names}")
    return Text(f"{where.ja}に{'、または'.join(japanese)}", f"{where.en} holds {', or '.join(english)}")


def _check(value: str) -> Text | None:
    kind, equals, number = value.partition("=")
    counted = not equals or (
        number.strip().isascii() and number.strip().isdigit() and 0 < int(number) < 1_000_000
    )
    if kind.strip() in TYPES and counted:
        return None
    known = ", ".join(TYPES)
    return Text(
        f"「{value}」は使えません。種類({known})を1行に1つ、件数を決めるときは「種類=件数」と書いてください。",
        f"“{value}” cannot be used. Write one type a line ({known}), with a number of its own as type=number.",
    )


_LABELS = Text(
    "、".join(f"{kind}({label.ja})" for kind, label in TYPES.items()),
    ", ".join(f"{kind} ({label.en})" for kind, label in TYPES.items()),
)

KIND = ConditionKind(
    code="personal_data",
    label=Text("個人情報・秘密の情報", "Personal or secret data"),
    help=Text(
        "選んだ種類の情報を、同じ値は1件として合わせて数えます。単独の件数を決めた種類は、その種類だけで数えます。",
        "Counts the data of the chosen types together, the same value once. A type with a number of its own is counted "
        "by itself.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.FINDINGS,
    values=Parameter(
        label=Text("数える情報", "data to count"),
        help=Text(
            f"1行に1つ。例: phone、my_number=1。種類: {_LABELS.ja}",
            f"One per line, such as phone or my_number=1. Types: {_LABELS.en}",
        ),
    ),
    check_value=_check,
    number=NumberParameter(
        label=Text("件以上", "at least"),
        help=Text("合わせてこの数以上なら一致します。", "Matches from this number on, together."),
        suggested=10,
    ),
    choices=CHOICES,
    question=QUESTION,
    suggested="everywhere",
    options=tuple(Choice(code=code, label=label) for code, label in TYPES.items()),
    counted=True,
)
