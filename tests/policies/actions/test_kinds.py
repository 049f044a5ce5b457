"""Each kind of action: what it asks for, how it reads, and which parameters it refuses."""

import pytest

from policies.actions.kind import Names
from policies.actions.registry import ACTION_KINDS, action_kind
from policies.exceptions import UnknownKindError
from policies.spec import Action
from policies.verdict import Approvers, Disposition, LinkLevel, Stage, Text, Treatment

NAMES = Names(persons={1: "Bob", 2: "Carol"}, departments={7: "法務部"})
HOLD = Disposition.HOLD

EFFECTS = [
    (Action(kind="send_now"), Treatment(), "すぐに送る", "it is sent at once"),
    (
        Action(kind="hold", seconds=300, sender_may_send_now=True),
        Treatment(disposition=HOLD, delay_seconds=300, sender_may_send_now=True),
        "5分待つ",
        "it waits 5 minutes",
    ),
    (
        Action(kind="self_check", deadline_seconds=3600),
        Treatment(disposition=HOLD, self_check=True, deadline_seconds=3600),
        "送信者自身の確認",
        "the sender must check it",
    ),
    (
        Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=86400),
        Treatment(disposition=HOLD, stages=(Stage(approvers=Approvers.MANAGER),), deadline_seconds=86400),
        "上長の承認",
        "the manager must approve",
    ),
    (
        Action(
            kind="approval",
            approvers=Approvers.PERSONS,
            ids=(1, 2),
            needed=2,
            deadline_seconds=60,
            link_level=LinkLevel.L2,
            allow_self=True,
        ),
        Treatment(
            disposition=HOLD,
            stages=(Stage(approvers=Approvers.PERSONS, ids=(1, 2), needed=2, allow_self=True),),
            deadline_seconds=60,
            link_level=LinkLevel.L2,
        ),
        "Bob、Carolのうち2人の承認",
        "2 approvals are needed (Bob or Carol)",
    ),
    (
        Action(kind="approval", approvers=Approvers.PERSONS, ids=(1, 2), deadline_seconds=60),
        Treatment(
            disposition=HOLD, stages=(Stage(approvers=Approvers.PERSONS, ids=(1, 2)),), deadline_seconds=60
        ),
        "Bob、Carolのどなたかの承認",
        "Bob or Carol must approve",
    ),
    (
        Action(kind="approval", approvers=Approvers.DEPARTMENT, ids=(7,), deadline_seconds=60),
        Treatment(
            disposition=HOLD, stages=(Stage(approvers=Approvers.DEPARTMENT, ids=(7,)),), deadline_seconds=60
        ),
        "法務部の承認",
        "somebody of 法務部 must approve",
    ),
    (
        Action(kind="approval", approvers=Approvers.ADMINISTRATORS, deadline_seconds=60),
        Treatment(disposition=HOLD, stages=(Stage(approvers=Approvers.ADMINISTRATORS),), deadline_seconds=60),
        "管理者の承認",
        "an administrator must approve",
    ),
    (
        Action(kind="return_to_sender", text=Text("送れません", "")),
        Treatment(disposition=Disposition.RETURN, return_text=Text("送れません", "送れません")),
        "送信者に戻す",
        "it goes back to the sender",
    ),
    (Action(kind="discard"), Treatment(disposition=Disposition.DISCARD), "破棄する", "it is discarded"),
    (
        Action(kind="approval", approvers=Approvers.PEERS, deadline_seconds=60),
        Treatment(disposition=HOLD, stages=(Stage(approvers=Approvers.PEERS),), deadline_seconds=60),
        "同僚の承認",
        "a peer must approve",
    ),
    (
        Action(kind="require_reason", deadline_seconds=60),
        Treatment(disposition=HOLD, self_check=True, reason_required=True, deadline_seconds=60),
        "送信者が理由を書く",
        "the sender must give a reason",
    ),
    (Action(kind="urgent"), Treatment(urgent=True), "至急の印を付ける", "it is marked as urgent"),
    (
        Action(kind="risk", points=30),
        Treatment(risk=30),
        "リスクに30点を加える",
        "the risk rises by 30 points",
    ),
    (
        Action(kind="add_header", header="X-Policy: checked"),
        Treatment(headers=("X-Policy: checked",)),
        "ヘッダー「X-Policy: checked」を付ける",
        "the header “X-Policy: checked” is added",
    ),
    (
        Action(kind="add_bcc", address="archive@example.test"),
        Treatment(bcc=("archive@example.test",)),
        "archive@example.test にも送る(Bcc)",
        "a copy goes to archive@example.test (Bcc)",
    ),
    (
        Action(kind="add_cc", address="desk@example.test"),
        Treatment(cc=("desk@example.test",)),
        "desk@example.test にも送る(Cc)",
        "a copy goes to desk@example.test (Cc)",
    ),
    (
        Action(kind="tag", tag="【社外】"),
        Treatment(tags=("【社外】",)),
        "件名の先頭に「【社外】」を付ける",
        "the subject begins with “【社外】”",
    ),
    (
        Action(kind="notify", ids=(1, 2)),
        Treatment(notify=(1, 2)),
        "Bob、Carolに知らせる",
        "Bob and Carol are told",
    ),
]


@pytest.mark.parametrize(("action", "treatment", "japanese", "english"), EFFECTS)
def test_an_action_asks_for_what_it_says(action, treatment, japanese, english):
    kind = action_kind(action.kind)
    assert kind.flaws(action) == []
    assert kind.effect(action) == treatment
    assert kind.sentence(action, NAMES) == Text(japanese, english)


def test_every_kind_is_tried_above():
    assert {action.kind for action, *_ in EFFECTS} == {kind.code for kind in ACTION_KINDS}


FLAWS = [
    (Action(kind="send_now", seconds=5), ["seconds"]),
    (Action(kind="hold"), ["seconds"]),
    (Action(kind="hold", seconds=0), ["seconds"]),
    (Action(kind="hold", seconds=367 * 86400), ["seconds"]),
    (Action(kind="hold", seconds=5, text=Text("x", "")), ["text"]),
    (Action(kind="self_check"), ["deadline_seconds"]),
    (Action(kind="approval", deadline_seconds=60), ["approvers"]),
    (Action(kind="approval", approvers=Approvers.MANAGER), ["deadline_seconds"]),
    (Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=60, needed=2), ["needed"]),
    (Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=60, ids=(1,)), ["approvers"]),
    (Action(kind="approval", approvers=Approvers.PERSONS, deadline_seconds=60), ["persons"]),
    (
        Action(kind="approval", approvers=Approvers.PERSONS, deadline_seconds=60, ids=(1,), needed=2),
        ["needed"],
    ),
    (Action(kind="approval", approvers=Approvers.DEPARTMENT, deadline_seconds=60), ["department"]),
    (Action(kind="approval", approvers=Approvers.ADMINISTRATORS, deadline_seconds=60, needed=0), ["needed"]),
    (Action(kind="return_to_sender"), ["text"]),
    (Action(kind="return_to_sender", text=Text("x" * 2001, "")), ["text"]),
    (Action(kind="discard", allow_self=True), ["allow_self"]),
    (Action(kind="approval", approvers=Approvers.PEERS, deadline_seconds=60, ids=(1,)), ["approvers"]),
    (Action(kind="urgent", seconds=5), ["seconds"]),
    (Action(kind="require_reason"), ["deadline_seconds"]),
    (Action(kind="risk"), ["points"]),
    (Action(kind="risk", points=1001), ["points"]),
    (Action(kind="add_header"), ["header"]),
    (Action(kind="add_header", header="Subject: x"), ["header"]),
    (Action(kind="add_header", header="X-Policy: a\r\nBcc: evil@x.example"), ["header"]),
    (Action(kind="add_header", header="X-Mailhold-Id: x"), ["header"]),
    (Action(kind="add_header", header="X-Policy: 確認"), ["header"]),
    (Action(kind="add_bcc", address="nobody"), ["address"]),
    (Action(kind="add_bcc", address="a@b.example, c@d.example"), ["address"]),
    (Action(kind="add_bcc", address="a@b.example,c@d.example"), ["address"]),
    (Action(kind="add_cc"), ["address"]),
    (Action(kind="add_cc", address="Desk <desk@example.test>"), ["address"]),
    (Action(kind="add_cc", address='"a, b"@example.test'), ["address"]),
    (Action(kind="add_cc", address="desk@example.test\r\nBcc: evil@x.example"), ["address"]),
    (Action(kind="add_cc", address="窓口@example.test"), ["address"]),
    (Action(kind="tag"), ["tag"]),
    (Action(kind="tag", tag=" [X]"), ["tag"]),
    (Action(kind="tag", tag="[X]\r\nBcc: evil@x.example"), ["tag"]),
    (Action(kind="tag", tag="=?utf-8?B?44CQ?="), ["tag"]),
    (Action(kind="tag", tag="x" * 41), ["tag"]),
    (Action(kind="notify"), ["persons"]),
]


@pytest.mark.parametrize(("action", "parameters"), FLAWS)
def test_a_wrong_parameter_is_named(action, parameters):
    flaws = action_kind(action.kind).flaws(action)
    assert [flaw.parameter for flaw in flaws] == parameters
    assert all(flaw.text.ja != flaw.text.en for flaw in flaws)


def test_a_kind_that_does_not_exist_is_an_error():
    with pytest.raises(UnknownKindError, match="no action of the kind 'telepathy'"):
        action_kind("telepathy")
