"""Mail of people with a certain role."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_ROLES = {
    "administrator": Text("送信者が管理者", "the sender is an administrator"),
    "approver": Text("送信者が承認者", "the sender is an approver"),
    "unknown": Text("送信者が登録されていない", "the sender is not in the directory"),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    match condition.choice:
        case "administrator":
            holds = facts.sender.administrator
        case "approver":
            holds = facts.sender_details.approver
        case _:
            holds = facts.sender.person_id is None
    return _sentence(condition) if holds else None


def _sentence(condition: Condition) -> Text:
    return _ROLES[condition.choice]


KIND = ConditionKind(
    code="sender_role",
    label=Text("送信者の役割", "Sender's role"),
    help=Text(
        "承認者は、だれかの上長であるか、有効なポリシーで承認する人や部署に選ばれている人です。",
        "An approver is somebody's manager, or is named by an enabled policy as one of those who approve.",
    ),
    match=_match,
    sentence=_sentence,
    reads_by_choice={"approver": Part.SENDER_DETAILS},
    choices=(
        Choice(code="administrator", label=Text("管理者", "administrator")),
        Choice(code="approver", label=Text("承認者", "approver")),
        Choice(code="unknown", label=Text("登録されていない", "not in the directory")),
    ),
)
