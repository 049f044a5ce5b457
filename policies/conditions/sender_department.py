"""Mail of people in certain departments."""

from policies.conditions.kind import ConditionKind, quoted
from policies.facts import Facts, RecipientFact
from policies.parameters import Parameter
from policies.parts import Part
from policies.reference import UnknownNameError
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    details = facts.sender_details
    for name in condition.values:
        if name not in details.all_departments:
            # Renamed or removed: to pass the policy over in silence would let its mail out.
            raise UnknownNameError("department", name)
    found = next((name for name in condition.values if name in details.departments), None)
    return None if found is None else Text(f"送信者の部署が{found}", f"the sender is in {found}")


def _sentence(condition: Condition) -> Text:
    names = quoted(condition.values)
    return Text(f"送信者の部署が{names.ja}", f"the sender is in {names.en}")


KIND = ConditionKind(
    code="sender_department",
    label=Text("送信者の部署", "Sender's department"),
    help=Text(
        "送信者が、指定した部署かその下の部署に属するメールです。",
        "The sender belongs to one of the departments, or to one below it.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.SENDER_DETAILS,
    values=Parameter(
        label=Text("部署", "departments"), help=Text("部署名を1行に1つ。", "Names, one per line.")
    ),
    names="department",
)
