"""Let the copy wait, so that the sender can still stop it."""

from policies.actions.kind import ActionKind, Names, flaw_of_seconds
from policies.durations import say_duration
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Disposition, Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(
        disposition=Disposition.HOLD,
        delay_seconds=action.seconds or 0,
        sender_may_send_now=action.sender_may_send_now,
    )


def _sentence(action: Action, names: Names) -> Text:
    duration = say_duration(action.seconds or 0)
    return Text(f"{duration.ja}待つ", f"it waits {duration.en}")


def _check(action: Action) -> list[Flaw]:
    return flaw_of_seconds("seconds", action.seconds)


KIND = ActionKind(
    code="hold",
    label=Text("一定時間待つ", "Wait"),
    help=Text(
        "決めた時間だけ保留し、その間は送信者が取り下げられます。"
        "「送信者がすぐに送れる」を選ぶと、待たずに送ることもできます。",
        "Holds for the given time, in which the sender can cancel; "
        "with “Sender may send now” the sender can also cut the waiting short.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"seconds", "sender_may_send_now"}),
    check=_check,
    suggested={"seconds": 300},
)
