"""Send a copy to one more address, which no header names."""

from policies.actions.addresses import flaws_of_address
from policies.actions.kind import ActionKind, Names
from policies.spec import Action
from policies.verdict import Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(bcc=(action.address,))


def _sentence(action: Action, names: Names) -> Text:
    return Text(f"{action.address} にも送る(Bcc)", f"a copy goes to {action.address} (Bcc)")


KIND = ActionKind(
    code="add_bcc",
    label=Text("Bcc を加える", "Add a Bcc"),
    help=Text(
        "このメールの写しを、指定したアドレスにも送ります。写しは元のメールと同じときに送られ、取り下げや却下にも従います。"
        "承認する人と送信者には、宛先の1つとして見えます。",
        "A copy goes to the address, together with the mail: what is held, cancelled or rejected is so for the copy too. "
        "Approvers and the sender see it as one of the recipients.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"address"}),
    check=flaws_of_address,
)
