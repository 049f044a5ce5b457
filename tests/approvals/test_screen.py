import pytest

from approvals import gathering, tasks
from approvals.flows import screen as flow
from approvals.flows.release import ring_unscreened
from approvals.judging import read_gist
from approvals.models import Hold
from approvals.states import HoldState
from mailhold.mailstore.models import Message

TWO_STAGES = """
format: 1
policies:
  - key: both
    name: {ja: 二段階, en: Two stages}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: self_check, deadline: 24h}
      - {kind: approval, approvers: manager, deadline: 2h}
"""


def test_an_internal_copy_can_leave_while_the_external_one_waits(hold_mail, alice, statuses):
    internal, external = hold_mail(person=alice, to=("bob@example.test", "x@client.example"))

    assert internal.state == HoldState.QUEUED
    assert statuses(internal) == {"bob@example.test": "queued"}
    assert external.state == HoldState.HELD
    assert statuses(external) == {"x@client.example": "waiting"}


def test_external_mail_waits_five_minutes(one_hold, alice, later, notices):
    hold = one_hold(person=alice)

    assert hold.release_at == later(300)
    assert hold.sender == alice
    assert notices(hold) == [("sending_soon", "alice@example.test")]


def test_external_mail_with_an_attachment_waits_for_the_manager(needs_manager, bob, notices, later):
    gate = needs_manager.gates.get()

    assert needs_manager.release_at is None
    assert [approver.person for approver in gate.approvers.all()] == [bob]
    assert needs_manager.deadline_at == later(24 * 3600)
    assert needs_manager.remind_at == later(12 * 3600)
    assert notices(needs_manager) == [
        ("approval_request", "bob@example.test"),
        ("waiting_for_approval", "alice@example.test"),
    ]


def test_the_reasons_are_kept_in_both_languages(needs_manager):
    for reason in needs_manager.reasons:
        assert reason["text"]["ja"]
        assert reason["text"]["en"]
        assert reason["policy"]["ja"] != reason["policy"]["en"]


def test_a_person_is_known_by_the_envelope_sender_where_nobody_signed_in(one_hold, alice):
    assert one_hold().sender == alice


def test_a_null_reverse_path_gets_no_notice(one_hold, alice, notices):
    hold = one_hold(sender="")

    assert hold.sender_address == ""
    assert notices(hold) == []


def test_mail_made_by_a_program_gets_no_notice_before_sending(one_hold, alice, notices):
    content = (
        b"From: alice@example.test\r\nTo: x@client.example\r\nAuto-Submitted: auto-generated\r\n\r\nHello\r\n"
    )

    assert notices(one_hold(person=alice, content=content)) == []


def test_an_outside_sender_gets_no_notice_of_a_delay(one_hold, notices):
    assert notices(one_hold(sender="somebody@elsewhere.example")) == []


def test_what_cannot_be_inspected_waits_for_an_administrator(one_hold, alice, admin):
    levels = "".join(f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(60))
    head = "From: alice@example.test\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"

    hold = one_hold(person=alice, content=(head + levels).encode())

    assert hold.state == HoldState.HELD
    assert [a.person for a in hold.gates.last().approvers.all()] == [admin]
    assert hold.reasons[-1]["code"] == "check_failed"


def test_a_message_that_breaks_its_inspection_hurts_itself_only(accept, alice, admin, now, monkeypatch):
    poison, good = accept(person=alice, body="poison\n"), accept(person=alice, body="good\n")
    content_of = gathering.content_of

    def breaks(content):
        if b"poison" in content:
            raise RecursionError
        return content_of(content)

    monkeypatch.setattr(gathering, "content_of", breaks)

    flow.screen([poison, good], now)

    assert Hold.objects.get(message_id=good).stage == 0
    assert Hold.objects.get(message_id=poison).reasons[-1]["code"] == "check_failed"


def test_a_message_that_killed_its_process_twice_is_held_unread(
    accept, alice, admin, now, later, monkeypatch
):
    message_id = accept(person=alice)

    def killed(*_):
        raise SystemExit

    monkeypatch.setattr(flow, "_judge_one", killed)
    for seconds in (0, 100):
        with pytest.raises(SystemExit):
            flow.screen([message_id], later(seconds))
    monkeypatch.undo()

    assert flow.screen([message_id], later(200)) == 1
    hold = Hold.objects.get(message_id=message_id)
    assert hold.state == HoldState.HELD
    assert "crashed" in hold.reasons[-1]["text"]["en"]


def test_what_kills_by_its_header_is_held_unread_too(accept, alice, admin, now, later, monkeypatch):
    message_id = accept(person=alice)

    def killed(content):
        if content:
            raise SystemExit
        return read_gist(content)

    monkeypatch.setattr(flow, "read_gist", killed)
    for seconds in (0, 100):
        with pytest.raises(SystemExit):
            flow.screen([message_id], later(seconds))

    assert flow.screen([message_id], later(200)) == 1
    hold = Hold.objects.get(message_id=message_id)
    assert (hold.state, hold.sender) == (HoldState.HELD, alice)


AUTHOR_DIFFERS = """
format: 1
policies:
  - key: forged
    name: {ja: 差出人, en: Forged}
    priority: 1
    conditions: [{kind: author_differs}]
    actions: [{kind: hold, for: 1h}]
"""


@pytest.mark.parametrize(
    ("author", "held"),
    [
        (b"alice@example.test", False),
        (b"Alice <ALICE@example.test>", False),
        (b"bob@example.test", True),
        (b"alice@example.test, bob@example.test", True),
        (b"=?utf-8?q?alice=40example.test=2C?= <bob@example.test>", True),
    ],
)
def test_an_author_who_is_not_the_sender_is_found_among_several(author, held, policies, one_hold, alice, bob):
    policies(AUTHOR_DIFFERS)

    hold = one_hold(person=alice, content=b"From: " + author + b"\r\nSubject: x\r\n\r\nHello\r\n")

    assert (hold.state == HoldState.HELD) is held


def test_screening_twice_opens_one_hold(accept, now):
    message_id = accept()

    assert flow.screen([message_id], now) == 1
    assert flow.screen([message_id], now) == 0
    assert Hold.objects.filter(message_id=message_id).count() == 1


def test_a_message_in_another_workers_hands_is_left_alone(accept, now, later):
    message_id = accept()
    Message.objects.filter(pk=message_id).update(screen_leased_until=later(30))

    assert flow.screen([message_id], now) == 0
    assert flow.screen([message_id], later(31)) == 1


def test_one_bell_has_all_screened_that_wait(accept):
    first, second = accept(), accept()

    assert flow.with_others_waiting([second]) == [second, first]
    assert tasks.screen([str(second)]) == 2
    assert tasks.screen([str(first)]) == 0
    assert Hold.objects.count() == 2


def test_what_is_screened_together_is_bounded_in_number_and_size(accept, monkeypatch):
    first, second, third, rung = (accept() for _ in range(4))

    monkeypatch.setattr(flow, "MOST_TOGETHER", 3)
    assert flow.with_others_waiting([rung]) == [rung, first, second]
    monkeypatch.setattr(flow, "MOST_BYTES_TOGETHER", 1)
    assert flow.with_others_waiting([rung]) == [rung]
    assert flow.with_others_waiting([rung, third]) == [rung, third]


def test_a_message_that_was_begun_before_takes_no_other_with_it(accept, now):
    begun, other = accept(), accept()
    Message.objects.filter(pk=begun).update(screen_attempts=1)

    assert flow.with_others_waiting([begun]) == [begun]
    assert flow.with_others_waiting([other]) == [other]


def test_one_message_that_was_overtaken_does_not_stop_the_others(accept, now, monkeypatch):
    first, second = accept(), accept()
    judge_all = flow._judge_all

    def overtaken(cases, in_force):
        judged = judge_all(cases, in_force)
        monkeypatch.setattr(flow, "_judge_all", judge_all)
        Message.objects.filter(pk=first).update(screen_leased_until=None)
        flow.screen([first], now)
        return judged

    monkeypatch.setattr(flow, "_judge_all", overtaken)

    flow.screen([first, second], now)

    assert Hold.objects.count() == 2


def test_a_message_without_a_bell_is_rung_for_after_a_while(accept, later):
    from django_q.models import OrmQ

    accept()
    OrmQ.objects.all().delete()

    assert ring_unscreened(later(10)) == 0
    assert ring_unscreened(later(61)) == 1
    assert OrmQ.objects.count() == 1


def test_gates_stand_in_the_order_of_the_policy(policies, one_hold, alice, notices):
    policies(TWO_STAGES)
    hold = one_hold(person=alice)

    assert list(hold.gates.values_list("ordinal", "kind")) == [(1, "self_check"), (2, "approval")]
    assert hold.stage == 1
    assert notices(hold) == [("self_check", "alice@example.test")]


def test_a_sender_without_a_manager_is_decided_on_by_administrators(one_hold, admin, mallory):
    hold = one_hold(sender="mallory@example.test", attach="x.pdf")

    assert [a.person for a in hold.gates.get().approvers.all()] == [admin]


def test_a_sender_who_is_the_only_administrator_is_not_asked_about_the_own_mail(one_hold, admin):
    hold = one_hold(sender="admin@example.test", attach="x.pdf")

    assert list(hold.gates.get().approvers.all()) == []
    assert hold.state == HoldState.HELD


RETURN = """
format: 1
policies:
  - key: back
    name: {ja: 差し戻し, en: Back}
    priority: 1
    conditions: [{kind: words, choice: both, values: [forbidden]}]
    actions: [{kind: return_to_sender, text: {ja: だめです, en: Not so}}]
"""


def test_a_returned_mail_ends_at_once_and_its_sender_is_told(policies, one_hold, alice, statuses, notices):
    policies(RETURN)
    hold = one_hold(person=alice, body="forbidden\n")

    assert hold.state == HoldState.RETURNED
    assert hold.return_text == {"ja": "だめです", "en": "Not so"}
    assert statuses(hold) == {"customer@client.example": "returned"}
    assert notices(hold) == [("returned", "alice@example.test")]
