"""Mark the mail as urgent where people decide."""

from policies.actions.kind import ActionKind, Names
from policies.spec import Action
from policies.verdict import Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(urgent=True)


def _sentence(action: Action, names: Names) -> Text:
    return Text("至急の印を付ける", "it is marked as urgent")


KIND = ActionKind(
    code="urgent",
    label=Text("至急の印", "Mark as urgent"),
    help=Text(
        "承認待ちの一覧と画面に至急の印を付けます。このメールを保留するほかの動作と組み合わせます。",
        "Marks it as urgent in the queue and on its page. Goes with another action that holds the mail.",
    ),
    effect=_effect,
    sentence=_sentence,
)
