"""Add points of risk, which together choose what the mail must go through."""

from policies.actions.kind import ActionKind, Names
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Text, Treatment

MOST_POINTS = 1_000


def _effect(action: Action) -> Treatment:
    return Treatment(risk=action.points or 0)


def _sentence(action: Action, names: Names) -> Text:
    points = action.points or 0
    return Text(
        f"リスクに{points}点を加える", f"the risk rises by {points} {'point' if points == 1 else 'points'}"
    )


def _check(action: Action) -> list[Flaw]:
    if action.points is not None and 1 <= action.points <= MOST_POINTS:
        return []
    return [
        Flaw(
            "points",
            Text(
                f"点数を 1 から {MOST_POINTS} までで指定してください。",
                f"points from 1 to {MOST_POINTS} are needed.",
            ),
        )
    ]


KIND = ActionKind(
    code="risk",
    label=Text("リスクの点数", "Points of risk"),
    help=Text(
        "一致したすべてのポリシーの点数を合わせ、その大きさで、何もしない、1分待つ、5分待って送信者自身の確認、"
        "同僚の承認、上長の承認のどれかを決めます。境目は「ポリシーの適用方法」で決めます。",
        "The points of all policies that match are added up, and choose among nothing, a wait of 1 minute, 5 minutes with "
        "the sender's own check, approval by a peer, and by the manager. The bounds are in the rules of the policies.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"points"}),
    check=_check,
    suggested={"points": 20},
)
