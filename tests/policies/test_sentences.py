from policies.actions.kind import Names
from policies.sentences import sentence
from policies.spec import Action, Condition, PolicySpec, Scope
from policies.verdict import Approvers, Text

EXTERNAL = Condition(kind="recipient_is", choice="external")
ATTACHMENT = Condition(kind="has_attachment")
PARTNER = Condition(kind="recipient_domain", values=("partner.example",))
MANAGER = Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=86400)


def said(**parts):
    names = Names(persons={1: "Alice"}, departments={2: "営業部"})
    return sentence(PolicySpec(key="x", name=Text("x", "x"), **parts), names)


def test_a_policy_reads_as_a_sentence():
    assert said(conditions=(EXTERNAL, ATTACHMENT), actions=(MANAGER,)) == Text(
        "もし 宛先が社外 かつ 添付がある なら 上長の承認",
        "If the recipient is external and there is an attachment, then the manager must approve",
    )


def test_exceptions_scope_and_stop_are_said_too():
    assert said(
        scope=Scope(everyone=False, person_ids=frozenset({1}), department_ids=frozenset({2})),
        conditions=(EXTERNAL,),
        exceptions=(PARTNER,),
        actions=(Action(kind="hold", seconds=60), MANAGER),
        stop=True,
    ) == Text(
        "もし 送信者がAliceまたは営業部 かつ 宛先が社外 なら 1分待つ、上長の承認"
        "(ただし 宛先のドメインが「partner.example」 なら対象外)。以降のポリシーは適用しない",
        "If the sender is Alice or in 営業部 and the recipient is external, then it waits 1 minute and the manager must "
        "approve, unless the recipient's domain is “partner.example”; later policies are not applied",
    )


def test_a_policy_without_conditions_is_for_any_mail():
    assert said(actions=(Action(kind="send_now"),)) == Text(
        "どのメールも すぐに送る", "For any mail, it is sent at once"
    )


def test_a_scope_that_has_lost_its_people_says_that_nobody_is_left():
    assert "nobody is chosen" in said(scope=Scope(everyone=False), actions=(MANAGER,)).en
