import pytest

from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, TooLate
from approvals.flows import cancel, decide
from approvals.flows.edit import Change, edit
from approvals.flows.release import claim_due
from approvals.flows.rescreen import rescreen
from approvals.models import Hold
from approvals.states import HoldState

SELF_CHECK = """
format: 1
policies:
  - key: look
    name: {ja: 自分で確認, en: Look first}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: self_check, deadline: 24h}]
"""


def test_a_canceled_mail_never_leaves(one_hold, alice, actor, now, later, statuses):
    hold = cancel.cancel(one_hold(person=alice).pk, alice, actor(alice), now, reason="content")

    assert hold.state == HoldState.CANCELED
    assert statuses(hold) == {"customer@client.example": "canceled"}
    assert claim_due(later(10_000)) == 0


def test_canceling_twice_says_that_it_is_done(one_hold, alice, actor, now):
    hold = one_hold(person=alice)
    cancel.cancel(hold.pk, alice, actor(alice), now)

    with pytest.raises(AlreadyDecided):
        cancel.cancel(hold.pk, alice, actor(alice), now)


def test_what_is_on_its_way_cannot_be_canceled(one_hold, alice, actor, later):
    hold = one_hold(person=alice)
    claim_due(later(300))

    with pytest.raises(TooLate):
        cancel.cancel(hold.pk, alice, actor(alice), later(301))


def test_mail_that_waits_for_approval_can_be_canceled(needs_manager, alice, actor, now):
    assert cancel.cancel(needs_manager.pk, alice, actor(alice), now).state == HoldState.CANCELED


def test_a_paused_mail_waits_a_day(one_hold, alice, actor, now, later):
    hold = cancel.pause(one_hold(person=alice).pk, actor(alice), now)

    assert claim_due(later(10_000)) == 0
    assert hold.deadline_at == later(24 * 3600)


def test_a_paused_mail_can_be_sent(one_hold, alice, actor, now):
    hold = one_hold(person=alice)
    cancel.pause(hold.pk, actor(alice), now)
    cancel.send_now(hold.pk, hold.revision_id, actor(alice), now)

    assert claim_due(now) == 1


def test_mail_that_waits_for_approval_is_neither_paused_nor_sent(needs_manager, alice, actor, now):
    with pytest.raises(NotAllowed):
        cancel.pause(needs_manager.pk, actor(alice), now)
    with pytest.raises(NotAllowed):
        cancel.send_now(needs_manager.pk, needs_manager.revision_id, actor(alice), now)


def test_send_now_needs_a_policy_that_allows_it(policies, one_hold, alice, actor, now):
    policies(SELF_CHECK.replace("{kind: self_check, deadline: 24h}", "{kind: hold, for: 10m}"))
    hold = one_hold(person=alice)

    with pytest.raises(NotAllowed):
        cancel.send_now(hold.pk, hold.revision_id, actor(alice), now)


def test_a_self_check_lets_the_mail_go_after_the_undo_time(policies, one_hold, alice, actor, now, later):
    policies(SELF_CHECK)
    hold = one_hold(person=alice)
    assert claim_due(later(10_000)) == 0

    cancel.self_check(hold.pk, hold.revision_id, actor(alice), now)

    assert claim_due(later(30)) == 1


def test_a_self_check_opens_no_approval(needs_manager, alice, actor, now):
    with pytest.raises(AlreadyDecided):
        cancel.self_check(needs_manager.pk, needs_manager.revision_id, actor(alice), now)


def test_a_self_check_is_for_the_revision_that_was_seen(policies, one_hold, alice, actor, now):
    policies(SELF_CHECK)
    seen = one_hold(person=alice)
    edit(seen.pk, seen.revision_id, Change(subject="Other words"), alice, actor(alice), now)
    rescreen(seen.pk, now)

    with pytest.raises(Edited):
        cancel.self_check(seen.pk, seen.revision_id, actor(alice), now)
    assert Hold.objects.get(pk=seen.pk).stage == 1


def test_sending_now_leaves_the_approver_the_time_to_take_it_back(
    needs_manager, alice, bob, actor, now, later
):
    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)

    hold = cancel.send_now(needs_manager.pk, needs_manager.revision_id, actor(alice), later(5))

    assert hold.release_at == later(30)
    assert claim_due(later(29)) == 0
    assert claim_due(later(30)) == 1


def test_a_pause_can_be_ended_although_the_delay_cannot_be_cut(policies, one_hold, alice, actor, now, later):
    policies(SELF_CHECK.replace("{kind: self_check, deadline: 24h}", "{kind: hold, for: 10m}"))
    hold = one_hold(person=alice)
    cancel.pause(hold.pk, actor(alice), later(60))

    hold = cancel.send_now(hold.pk, hold.revision_id, actor(alice), later(120))

    assert hold.paused_at is None
    assert hold.deadline_at is None
    assert claim_due(later(599)) == 0
    assert claim_due(later(600)) == 1


def test_what_cannot_be_canceled_is_not_paused_either(one_hold, alice, actor, now):
    hold = one_hold(person=alice)
    Hold.objects.filter(pk=hold.pk).update(sender_may_cancel=False)

    with pytest.raises(NotAllowed):
        cancel.pause(hold.pk, actor(alice), now)


def test_a_mail_whose_change_is_being_checked_can_be_canceled(one_hold, alice, actor, now, statuses):
    hold = one_hold(person=alice)
    edit(hold.pk, hold.revision_id, Change(subject="Other words"), alice, actor(alice), now)

    assert cancel.cancel(hold.pk, alice, actor(alice), now).state == HoldState.CANCELED

    assert rescreen(hold.pk, now) is False
    assert statuses(hold) == {"customer@client.example": "canceled"}


def test_what_the_policy_keeps_from_being_canceled_is_not(one_hold, alice, actor, now):
    hold = one_hold(person=alice)
    Hold.objects.filter(pk=hold.pk).update(sender_may_cancel=False)

    with pytest.raises(NotAllowed):
        cancel.cancel(hold.pk, alice, actor(alice), now)
