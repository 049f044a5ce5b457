"""Recipients who did not take part in the mail that is answered."""

from policies.conditions.kind import ConditionKind, shown
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    if facts.answered is None or fold_recipient(recipient.address) in facts.answered:
        return None
    address = shown(recipient.address)
    return Text(
        f"元のメールになかった宛先({address})", f"{address} was not part of the mail that is answered"
    )


def _sentence(condition: Condition) -> Text:
    return Text("元のメールになかった宛先", "the recipient was not part of the mail that is answered")


KIND = ConditionKind(
    code="added_recipient",
    label=Text("返信で加わった宛先", "Recipient added in a reply"),
    help=Text(
        "同じやり取りで最後に mailhold を通ったメールの差出人、宛先、To、Cc にいない宛先です。宛先ごとに判定します。"
        "このポリシーを有効にしてから通ったメールだけと比べます。社外から届いたメールは mailhold を通らないので比べられません。",
        "A recipient who is neither author nor recipient of the newest mail of the same thread that passed here, nor in "
        "its To or Cc; asked for each recipient. Only mail that passed since this policy was enabled is known, and mail "
        "that came from outside never is.",
    ),
    match=_match,
    marks_recipient=True,
    sentence=_sentence,
    per_message=False,
    reads=Part.ANSWERED,
)
