from approvals.flows import cancel, decide
from approvals.flows.expire import expire_due, remind_due
from approvals.states import HoldState

DAY = 24 * 3600


def test_nobody_decides_and_the_sender_gets_the_mail_back(needs_manager, later, statuses, notices):
    assert expire_due(later(DAY - 1)) == 0
    assert expire_due(later(DAY)) == 1

    needs_manager.refresh_from_db()
    assert needs_manager.state == HoldState.RETURNED
    assert needs_manager.end_reason == "expired"
    assert statuses(needs_manager) == {"customer@client.example": "returned"}
    assert ("expired", "alice@example.test") in notices(needs_manager)


def test_approvers_are_reminded_at_half_and_at_nine_tenths_of_the_time(needs_manager, later, notices):
    for at, reminded in (
        (DAY // 2 - 1, 0),
        (DAY // 2, 1),
        (DAY // 2 + 1, 0),
        (DAY * 9 // 10, 1),
        (DAY - 1, 0),
    ):
        assert remind_due(later(at)) == reminded

    assert notices(needs_manager).count(("reminder", "bob@example.test")) == 2


def test_what_was_decided_in_time_does_not_expire(needs_manager, bob, actor, now, later):
    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)

    assert expire_due(later(2 * DAY)) == 0
    assert remind_due(later(2 * DAY)) == 0


def test_a_paused_mail_goes_back_after_a_day_and_its_sender_is_reminded(
    one_hold, alice, actor, now, later, notices
):
    hold = one_hold(person=alice)
    cancel.pause(hold.pk, actor(alice), now)

    assert remind_due(later(DAY // 2)) == 1
    assert expire_due(later(DAY)) == 1
    assert ("reminder", "alice@example.test") in notices(hold)
