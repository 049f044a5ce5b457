"""Mail that leaves the sender's manager out."""

from policies.conditions.kind import ConditionKind
from policies.conditions.recipient_missing import addresses_of
from policies.facts import Facts, RecipientFact
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("宛先に送信者の上長がいない", "the sender's manager is missing among the recipients")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    manager = facts.sender_details.manager
    return _SENTENCE if manager and manager.isdisjoint(addresses_of(facts)) else None


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="manager_missing",
    label=Text("宛先に上長がいない", "Manager missing"),
    help=Text(
        "送信者の上長が、宛先にも To・Cc にもいないメールです。上長のいない人は当てはまりません。",
        "The sender's manager is neither among the recipients nor in To or Cc. Somebody without one does not match.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.SENDER_DETAILS,
)
