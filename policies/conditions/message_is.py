"""Mail of a special kind: signed, encrypted, an answer to an invitation, made by a program, a report."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_WHAT = {
    "signed": Text("電子署名がある", "it is signed (S/MIME or PGP)"),
    "encrypted": Text("暗号化されたメール", "it is encrypted (S/MIME or PGP)"),
    "calendar_reply": Text("予定への返事", "it answers an invitation"),
    "automatic": Text("プログラムが作ったメール", "a program made it"),
    "null_sender": Text("送信者のない通知(不達通知など)", "it is a report without a sender"),
}
_LABELS = {
    "signed": Text("電子署名あり", "signed"),
    "encrypted": Text("暗号化", "encrypted"),
    "calendar_reply": Text("予定への返事", "answer to an invitation"),
    "automatic": Text("プログラムが作成", "made by a program"),
    "null_sender": Text("送信者なし", "no sender"),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    match condition.choice:
        case "automatic":
            holds = facts.automatic
        case "null_sender":
            holds = facts.null_sender
        case "signed":
            holds = facts.content.signed
        case "encrypted":
            holds = facts.content.encrypted
        case _:
            holds = facts.content.calendar_reply
    return _WHAT[condition.choice] if holds else None


def _sentence(condition: Condition) -> Text:
    return _WHAT[condition.choice]


KIND = ConditionKind(
    code="message_is",
    label=Text("メールの種類", "Kind of message"),
    help=Text(
        "S/MIME と PGP の署名と暗号化、予定への返事、プログラムが作ったメール(Auto-Submitted)、"
        "送信者のない通知(不達通知や開封確認)を区別します。",
        "S/MIME or PGP signed or encrypted, an answer to an invitation, mail that says a program made it "
        "(Auto-Submitted), or a report without a sender (bounces and receipts).",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
    reads_by_choice={"automatic": Part.ENVELOPE, "null_sender": Part.ENVELOPE},
    choices=tuple(Choice(code=code, label=label) for code, label in _LABELS.items()),
)
