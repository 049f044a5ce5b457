"""Drop the copy; the record and the sender's page still show it."""

from policies.actions.kind import ActionKind, Names
from policies.spec import Action
from policies.verdict import Disposition, Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(disposition=Disposition.DISCARD)


def _sentence(action: Action, names: Names) -> Text:
    return Text("破棄する", "it is discarded")


KIND = ActionKind(
    code="discard",
    label=Text("破棄する", "Discard"),
    help=Text(
        "送らずに破棄します。送信者には破棄したことを知らせ、記録に残します。",
        "Does not send it. The sender is told, and the record keeps that it happened.",
    ),
    effect=_effect,
    sentence=_sentence,
    alone=True,
)
