"""Give the message back to the sender with a text that says why."""

from policies.actions.kind import LONGEST_TEXT, ActionKind, Names
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Disposition, Text, Treatment


def _effect(action: Action) -> Treatment:
    text = action.text
    return Treatment(disposition=Disposition.RETURN, return_text=Text(text.ja or text.en, text.en or text.ja))


def _sentence(action: Action, names: Names) -> Text:
    return Text("送信者に戻す", "it goes back to the sender")


def _check(action: Action) -> list[Flaw]:
    if not action.text.ja and not action.text.en:
        return [Flaw("text", Text("送信者への文を書いてください。", "write the text for the sender."))]
    if max(len(action.text.ja), len(action.text.en)) > LONGEST_TEXT:
        return [
            Flaw(
                "text",
                Text(
                    f"文は {LONGEST_TEXT} 文字までです。", f"the text has at most {LONGEST_TEXT} characters."
                ),
            )
        ]
    return []


KIND = ActionKind(
    code="return_to_sender",
    label=Text("送信者に戻す", "Return to the sender"),
    help=Text(
        "送らずに、書いた文を添えて送信者に戻します。片方の言語だけ書くと、もう片方にも同じ文を使います。",
        "Does not send; the sender gets the message back with your text. "
        "A text in one language alone is used for the other one too.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"text"}),
    check=_check,
    alone=True,
)
