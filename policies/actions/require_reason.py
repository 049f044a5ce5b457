"""Ask the sender to say why the message must leave."""

from policies.actions.kind import ActionKind, Names, flaw_of_seconds
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Disposition, Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(
        disposition=Disposition.HOLD,
        self_check=True,
        reason_required=True,
        deadline_seconds=action.deadline_seconds or 0,
    )


def _sentence(action: Action, names: Names) -> Text:
    return Text("送信者が理由を書く", "the sender must give a reason")


def _check(action: Action) -> list[Flaw]:
    return flaw_of_seconds("deadline_seconds", action.deadline_seconds)


KIND = ActionKind(
    code="require_reason",
    label=Text("送信者に理由を求める", "Sender's reason"),
    help=Text(
        "送信者がもう一度見て、送る理由を書くまで保留します。理由は承認する人に見え、メールとともに残ります。"
        "期限までに書かれなければ送信者に戻ります。",
        "Holds until the sender has looked at it again and written why it must leave. Approvers see the reason, and it "
        "stays with the mail; after the deadline the mail goes back to the sender.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"deadline_seconds"}),
    check=_check,
    suggested={"deadline_seconds": 86_400},
)
