"""Send a copy to one more address, and let the Cc field of what leaves name it."""

from policies.actions.addresses import flaws_of_address
from policies.actions.kind import ActionKind, Names
from policies.spec import Action
from policies.verdict import Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(cc=(action.address,))


def _sentence(action: Action, names: Names) -> Text:
    return Text(f"{action.address} にも送る(Cc)", f"a copy goes to {action.address} (Cc)")


KIND = ActionKind(
    code="add_cc",
    label=Text("Cc を加える", "Add a Cc"),
    help=Text(
        "このメールの写しを、指定したアドレスにも送り、送るときに Cc に書き加えます。宛先の人にも見え、全員への返信が届きます。"
        "すでに宛先にあるアドレスは加えません。写しは元のメールと同じときに送られ、取り下げや却下にも従います。",
        "A copy goes to the address, together with the mail, and the Cc field of what leaves names it: recipients see it, and "
        "answers to all reach it. An address that is a recipient already is not added. "
        "What is held, cancelled or rejected is so for the copy too.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"address"}),
    check=flaws_of_address,
)
