"""Mail of people who joined a short time ago."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import NumberParameter
from policies.spec import Condition
from policies.verdict import Text


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    joined = facts.sender.joined_on
    if joined is None:
        return None
    days = (facts.sent_at.date() - joined).days
    if days >= (condition.number or 0):
        return None
    return Text(f"送信者の入社は{joined:%Y-%m-%d}", f"the sender joined on {joined:%Y-%m-%d}")


def _sentence(condition: Condition) -> Text:
    return Text(
        f"送信者が入社から{condition.number}日未満",
        f"the sender joined less than {condition.number} days ago",
    )


KIND = ConditionKind(
    code="sender_joined",
    label=Text("入社してまもない送信者", "Sender joined recently"),
    help=Text(
        "送信者の入社日からの日数です。入社日が登録されていない人は当てはまりません。",
        "Days since the sender joined. Somebody without a date of joining in the directory does not match.",
    ),
    match=_match,
    sentence=_sentence,
    number=NumberParameter(
        label=Text("日未満", "less than days"),
        help=Text("この日数未満なら一致します。", "Matches below this number."),
        suggested=90,
    ),
)
