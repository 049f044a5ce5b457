"""Ask the sender to look at the message again before it leaves."""

from policies.actions.kind import ActionKind, Names, flaw_of_seconds
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Disposition, Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(
        disposition=Disposition.HOLD, self_check=True, deadline_seconds=action.deadline_seconds or 0
    )


def _sentence(action: Action, names: Names) -> Text:
    return Text("送信者自身の確認", "the sender must check it")


def _check(action: Action) -> list[Flaw]:
    return flaw_of_seconds("deadline_seconds", action.deadline_seconds)


KIND = ActionKind(
    code="self_check",
    label=Text("送信者自身の確認", "Sender's own check"),
    help=Text(
        "送信者がもう一度見て確認するまで保留します。期限までに確認されなければ送信者に戻ります。",
        "Holds until the sender has looked at it again and confirmed; after the deadline it goes back to the sender.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"deadline_seconds"}),
    check=_check,
    suggested={"deadline_seconds": 86_400},
)
