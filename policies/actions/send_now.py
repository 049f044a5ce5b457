"""Let the copy leave at once, unless another policy asks for more."""

from policies.actions.kind import ActionKind, Names
from policies.spec import Action
from policies.verdict import Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment()


def _sentence(action: Action, names: Names) -> Text:
    return Text("すぐに送る", "it is sent at once")


KIND = ActionKind(
    code="send_now",
    label=Text("すぐに送る", "Send at once"),
    help=Text(
        "保留しません。ほかのポリシーがより厳しい扱いを求めるときは、そちらが優先されます。"
        "それを避けるには「以降のポリシーを適用しない」と組み合わせます。",
        "Does not hold. Where another policy asks for something stricter, that wins; "
        "combine with “Stop processing more policies” to prevent it.",
    ),
    effect=_effect,
    sentence=_sentence,
    alone=True,
)
