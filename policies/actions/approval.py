"""Ask others to approve the message before it leaves."""

from collections.abc import Iterator

from policies.actions.kind import ActionKind, Names, flaw_of_seconds
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Approvers, Disposition, Stage, Text, Treatment

MOST_NEEDED = 100
_WITHOUT_IDS = frozenset({Approvers.MANAGER, Approvers.ADMINISTRATORS, Approvers.PEERS})


def _effect(action: Action) -> Treatment:
    stage = Stage(
        approvers=action.approvers or Approvers.ADMINISTRATORS,
        ids=action.ids,
        needed=action.needed,
        allow_self=action.allow_self,
    )
    return Treatment(
        disposition=Disposition.HOLD,
        stages=(stage,),
        deadline_seconds=action.deadline_seconds or 0,
        link_level=action.link_level,
    )


def _sentence(action: Action, names: Names) -> Text:
    match action.approvers:
        case Approvers.MANAGER:
            who = Text("上長", "the manager")
        case Approvers.PERSONS:
            people = [names.person(pk) for pk in action.ids]
            who = Text("、".join(people), " or ".join(people))
        case Approvers.DEPARTMENT:
            department = "".join(names.department(pk) for pk in action.ids)
            who = Text(department, f"somebody of {department}")
        case Approvers.PEERS:
            who = Text("同僚", "a peer")
        case _:
            who = Text("管理者", "an administrator")
    if action.needed > 1:
        return Text(
            f"{who.ja}のうち{action.needed}人の承認", f"{action.needed} approvals are needed ({who.en})"
        )
    several = action.approvers is Approvers.PERSONS and len(action.ids) > 1
    return Text(f"{who.ja}{'のどなたか' if several else ''}の承認", f"{who.en} must approve")


def _check(action: Action) -> list[Flaw]:
    return [*flaw_of_seconds("deadline_seconds", action.deadline_seconds), *_flaws_of_approvers(action)]


def _flaws_of_approvers(action: Action) -> Iterator[Flaw]:
    if action.approvers is None:
        yield Flaw("approvers", Text("承認する人を選んでください。", "say who approves."))
    elif action.approvers is Approvers.PERSONS and not action.ids:
        yield Flaw("persons", Text("承認する人を1人以上選んでください。", "name at least one person."))
    elif action.approvers is Approvers.DEPARTMENT and len(action.ids) != 1:
        yield Flaw("department", Text("承認する部署を1つ選んでください。", "name one department."))
    elif action.approvers in _WITHOUT_IDS and action.ids:
        yield Flaw(
            "approvers",
            Text(
                "この選び方では人や部署を指定しません。",
                "this choice takes no named persons and no department.",
            ),
        )
    if not 1 <= action.needed <= MOST_NEEDED:
        yield Flaw(
            "needed",
            Text(
                f"必要な承認は 1 から {MOST_NEEDED} までです。",
                f"needed approvals are from 1 to {MOST_NEEDED}.",
            ),
        )
    elif action.needed > 1 and action.approvers is Approvers.MANAGER:
        yield Flaw("needed", Text("上長は1人です。", "there is one manager, so one approval."))
    elif action.approvers is Approvers.PERSONS and 0 < len(action.ids) < action.needed:
        yield Flaw(
            "needed",
            Text(
                "必要な承認が、選んだ人数より多くなっています。",
                "more approvals are needed than persons are named.",
            ),
        )


KIND = ActionKind(
    code="approval",
    label=Text("承認", "Approval"),
    help=Text(
        "選んだ人が承認するまで保留します。期限までに決まらなければ送信者に戻ります。"
        "自分のメールは、特に許さないかぎり自分では承認できません。",
        "Holds until those whom you choose have approved; after the deadline it goes back to the sender. "
        "Nobody approves own mail unless this is allowed here.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"approvers", "ids", "needed", "deadline_seconds", "link_level", "allow_self"}),
    check=_check,
    suggested={"approvers": Approvers.MANAGER, "deadline_seconds": 86_400},
)
