"""How the mail came: by somebody who signed in, or from a trusted network."""

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.spec import Condition
from policies.verdict import Text

_WAYS = {
    "signed_in": Text("送信者がログインして送った", "the sender signed in"),
    "trusted_network": Text(
        "ログインなしで信頼するネットワークから来た", "it came from a trusted network without signing in"
    ),
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    return _sentence(condition) if facts.sender.signed_in == (condition.choice == "signed_in") else None


def _sentence(condition: Condition) -> Text:
    return _WAYS[condition.choice]


KIND = ConditionKind(
    code="sender_connection",
    label=Text("送り方", "How it was sent"),
    help=Text(
        "送信者がログインして送ったか、信頼するネットワーク(複合機や業務システムなど)からログインなしで送られたかです。",
        "Whether the sender signed in, or the mail came without that from a trusted network, as of printers and programs.",
    ),
    match=_match,
    sentence=_sentence,
    choices=(
        Choice(code="signed_in", label=Text("ログインあり", "signed in")),
        Choice(code="trusted_network", label=Text("信頼するネットワーク", "trusted network")),
    ),
)
