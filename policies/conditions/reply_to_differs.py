"""A Reply-To field that sends answers to somebody else."""

from policies.conditions.kind import ConditionKind, shown
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.reference import fold_recipient
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    strangers = {fold_recipient(address) for address in facts.content.reply_to}
    strangers -= facts.sender_details.addresses if strangers else set()
    if not strangers:
        return None
    stranger = shown(min(strangers))
    return Text(f"返信先が {stranger}", f"replies go to {stranger}")


def _sentence(condition: Condition) -> Text:
    return Text("返信先が送信者と違う", "replies go to another address than the sender's")


KIND = ConditionKind(
    code="reply_to_differs",
    label=Text("返信先が送信者と違う", "Reply-To is not the sender's"),
    help=Text(
        "Reply-To ヘッダーに、送信した人のものではないアドレスがあるメールです。",
        "The Reply-To header names an address that does not belong to the person who sends.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
)
