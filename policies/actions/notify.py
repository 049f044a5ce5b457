"""Tell people that there was such a mail."""

from policies.actions.kind import ActionKind, Names
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Text, Treatment


def _effect(action: Action) -> Treatment:
    return Treatment(notify=action.ids)


def _sentence(action: Action, names: Names) -> Text:
    people = [names.person(pk) for pk in action.ids]
    return Text(
        f"{'、'.join(people)}に知らせる", f"{' and '.join(people)} {'is' if len(people) == 1 else 'are'} told"
    )


def _check(action: Action) -> list[Flaw]:
    if action.ids:
        return []
    return [Flaw("persons", Text("知らせる人を1人以上選んでください。", "name at least one person."))]


KIND = ActionKind(
    code="notify",
    label=Text("人に知らせる", "Notify people"),
    help=Text(
        "選んだ人に、件名、宛先、理由を書いた通知を送ります。保留はしません。",
        "Those whom you choose get a notice with the subject, the recipients and the reasons. It holds nothing.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"ids"}),
    check=_check,
)
