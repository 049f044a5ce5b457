"""Mail that is marked as confidential."""

from collections.abc import Iterator

from policies.conditions.finding_marks import marks_of_findings
from policies.conditions.kind import ConditionKind, shown
from policies.conditions.personal_data import findings_in
from policies.conditions.places import CHOICES, PLACES, QUESTION
from policies.facts import Facts, RecipientFact
from policies.marks import Mark
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    for finding in findings_in(facts, condition.choice):
        if finding.type == "CONFIDENTIAL_MARK":
            where = PLACES.get(finding.where, PLACES["attachments"])
            return Text(f"{where.ja}に「{shown(finding.value)}」", f"“{shown(finding.value)}” in {where.en}")
    return None


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    found = findings_in(facts, condition.choice)
    return marks_of_findings(facts, (each for each in found if each.type == "CONFIDENTIAL_MARK"))


def _sentence(condition: Condition) -> Text:
    where = PLACES[condition.choice]
    return Text(f"{where.ja}に機密の表示がある", f"{where.en} is marked as confidential")


KIND = ConditionKind(
    code="confidentiality_mark",
    label=Text("機密の表示", "Mark of confidentiality"),
    help=Text(
        "社外秘、極秘、Confidential などの表示です。「社外秘ではありません」のような打ち消しは数えません。",
        "社外秘, 極秘, Confidential and their like; “not confidential” does not count.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.FINDINGS,
    choices=CHOICES,
    question=QUESTION,
)
