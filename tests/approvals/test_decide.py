from threading import Barrier, Thread

import pytest

from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, NotApprover, OwnMail, TooLate, WrongInput
from approvals.flows import cancel, decide
from approvals.flows.release import claim_due
from approvals.models import Decision, Hold
from approvals.states import HoldState
from mailhold.ids import uuid7


def approve(hold, person, actor, now):
    return decide.approve(hold.pk, hold.revision_id, person, actor(person), now)


def test_an_approval_opens_the_gate_and_the_clock_runs_for_the_undo_time(
    needs_manager, bob, actor, now, later
):
    hold = approve(needs_manager, bob, actor, now)

    assert hold.stage == 0
    assert hold.release_at == later(300)  # the five minutes of the other policy are longer than the undo time
    assert claim_due(later(299)) == 0
    assert claim_due(later(300)) == 1


def test_the_second_answer_is_told_what_the_first_one_was(needs_manager, bob, actor, now):
    approve(needs_manager, bob, actor, now)

    with pytest.raises(AlreadyDecided):
        approve(needs_manager, bob, actor, now)
    assert Decision.objects.count() == 1


def test_nobody_approves_his_own_mail_even_as_administrator(one_hold, admin, actor, now):
    hold = one_hold(sender="admin@example.test", attach="x.pdf")
    gate = hold.gates.get()
    gate.approvers.create(person=admin)

    with pytest.raises(OwnMail):
        approve(hold, admin, actor, now)
    with pytest.raises(OwnMail):
        decide.release(hold.pk, hold.revision_id, admin, actor(admin), now)


@pytest.mark.parametrize("way", ["alias", "author"])
def test_own_mail_is_own_mail_by_alias_and_by_the_from_field(way, one_hold, alice, bob, actor, now):
    bob.further_addresses.create(address="chief@example.test")
    if way == "alias":
        hold = one_hold(sender="chief@example.test", attach="x.pdf")
    else:
        hold = one_hold(
            person=alice,
            content=b"From: chief@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: application/pdf; name=x.pdf\r\nContent-Disposition: attachment\r\n\r\nx\r\n",
        )
    hold.gates.get().approvers.get_or_create(person=bob)

    with pytest.raises(OwnMail):
        approve(hold, bob, actor, now)


FORGED = (
    b"From: %s\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name=x.pdf\r\n"
    b"Content-Disposition: attachment\r\n\r\nx\r\n"
)


@pytest.mark.parametrize(
    "author",
    [
        b"bob@example.test",
        b"Bob <BOB@Example.TEST>",
        b"Alice <alice@example.test>, Bob <bob@example.test>",
        b"Us: alice@example.test, bob@example.test;",
        b"=?utf-8?q?Bob=2C_the_chief?= <bob@example.test>",
    ],
)
def test_a_manager_named_as_author_is_not_asked_but_administrators_are(
    author, one_hold, alice, bob, admin, actor, now
):
    hold = one_hold(person=alice, content=FORGED % author)

    assert [asked.person for asked in hold.gates.get().approvers.all()] == [admin]
    hold.gates.get().approvers.create(person=bob)
    with pytest.raises(OwnMail):
        approve(hold, bob, actor, now)
    assert approve(hold, admin, actor, now).stage == 0


def test_an_encoded_name_is_no_author(one_hold, alice, bob, actor, now):
    hold = one_hold(person=alice, content=FORGED % b"=?utf-8?q?bob=40example.test=2C?= <alice@example.test>")

    assert approve(hold, bob, actor, now).stage == 0


def test_somebody_who_was_not_asked_has_no_say(needs_manager, mallory, actor, now):
    with pytest.raises(NotApprover):
        approve(needs_manager, mallory, actor, now)


def test_somebody_who_left_has_no_say(needs_manager, bob, actor, now):
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    with pytest.raises(NotApprover):
        approve(needs_manager, bob, actor, now)


def test_another_revision_than_the_one_seen_is_not_approved(needs_manager, bob, actor, now):
    with pytest.raises(Edited):
        decide.approve(needs_manager.pk, uuid7(), bob, actor(bob), now)


def test_a_rejected_mail_is_over_and_goes_back_with_the_reason(
    needs_manager, bob, actor, now, statuses, notices
):
    hold = decide.reject(
        needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now, reason="content", comment="No."
    )

    assert hold.state == HoldState.REJECTED
    assert (hold.ended_by, hold.end_reason, hold.end_comment) == (bob, "content", "No.")
    assert statuses(hold) == {"customer@client.example": "rejected"}
    assert ("rejected", "alice@example.test") in notices(hold)
    with pytest.raises(AlreadyDecided):
        approve(hold, bob, actor, now)


def test_a_reason_that_does_not_exist_is_refused(needs_manager, bob, actor, now):
    with pytest.raises(WrongInput):
        decide.reject(
            needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now, reason="mood", comment=""
        )


def test_an_approval_can_be_taken_back_while_the_mail_is_here(needs_manager, bob, actor, now, later):
    approve(needs_manager, bob, actor, now)

    hold = decide.undo(needs_manager.pk, bob, actor(bob), later(10))

    assert hold.release_at is None
    assert hold.stage == 1
    assert hold.deadline_at == later(10 + 24 * 3600)
    assert claim_due(later(10_000)) == 0
    assert approve(hold, bob, actor, later(20)).stage == 0


TWO_STAGES = """
format: 1
policies:
  - key: two
    name: {ja: 二段階, en: Two stages}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: approval, approvers: persons, persons: [bob@example.test], deadline: 2h}
      - {kind: approval, approvers: persons, persons: [carol@example.test], deadline: 2h}
"""


def test_who_approved_at_a_later_stage_is_asked_again_and_can_answer(
    policies, one_hold, alice, bob, carol, actor, now, later
):
    policies(TWO_STAGES)
    hold = one_hold(person=alice)
    approve(hold, bob, actor, now)
    assert approve(hold, carol, actor, now).stage == 0

    assert decide.undo(hold.pk, bob, actor(bob), later(10)).stage == 1

    assert approve(hold, bob, actor, later(11)).stage == 2
    assert approve(hold, carol, actor, later(12)).stage == 0


def test_an_administrators_release_is_taken_back_as_a_whole(
    policies, one_hold, alice, bob, carol, admin, actor, now, later
):
    policies(TWO_STAGES)
    hold = one_hold(person=alice)
    decide.release(hold.pk, hold.revision_id, admin, actor(admin), now)

    assert decide.undo(hold.pk, admin, actor(admin), now).stage == 1

    assert hold.gates.filter(opened_at__isnull=False).count() == 0
    assert approve(hold, bob, actor, later(1)).stage == 2


def test_the_senders_pause_outlives_an_approval_taken_back(needs_manager, alice, bob, actor, now, later):
    approve(needs_manager, bob, actor, now)
    cancel.pause(needs_manager.pk, actor(alice), later(1))
    decide.undo(needs_manager.pk, bob, actor(bob), later(2))

    hold = approve(needs_manager, bob, actor, later(3))

    assert hold.stage == 0
    assert hold.release_at is None
    assert hold.deadline_at == later(3 + 24 * 3600)


def test_what_has_left_cannot_be_taken_back(needs_manager, bob, actor, now, later):
    approve(needs_manager, bob, actor, now)
    claim_due(later(300))

    with pytest.raises(TooLate):
        decide.undo(needs_manager.pk, bob, actor(bob), later(301))


def test_only_who_approved_takes_an_approval_back(needs_manager, bob, mallory, actor, now):
    approve(needs_manager, bob, actor, now)

    with pytest.raises(NotAllowed):
        decide.undo(needs_manager.pk, mallory, actor(mallory), now)


TWO_OF_THREE = """
format: 1
policies:
  - key: peers
    name: {ja: 同僚2名, en: Two peers}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test, mallory@example.test], needed: 2, deadline: 2h}]
"""


def test_two_of_three_must_approve(policies, one_hold, alice, bob, carol, mallory, actor, now):
    policies(TWO_OF_THREE)
    hold = one_hold(person=alice)

    assert approve(hold, bob, actor, now).stage == 1
    assert approve(hold, carol, actor, now).stage == 0
    with pytest.raises(AlreadyDecided):
        approve(hold, mallory, actor, now)


def test_two_stay_two_where_the_sender_is_one_of_them(
    policies, one_hold, bob, carol, mallory, admin, actor, now
):
    policies(TWO_OF_THREE.replace(", mallory@example.test", ""))
    hold = one_hold(person=carol, sender="carol@example.test")

    assert approve(hold, bob, actor, now).stage == 1
    assert approve(hold, admin, actor, now).stage == 0


def test_one_person_does_not_count_twice(policies, one_hold, alice, bob, carol, mallory, actor, now):
    policies(TWO_OF_THREE)
    hold = one_hold(person=alice)
    approve(hold, bob, actor, now)

    with pytest.raises(AlreadyDecided):
        approve(hold, bob, actor, now)
    hold.refresh_from_db()
    assert hold.stage == 1


def test_an_administrator_releases_somebody_elses_mail(needs_manager, admin, actor, now, tags):
    hold = decide.release(needs_manager.pk, needs_manager.revision_id, admin, actor(admin), now)

    assert hold.release_at == now
    assert claim_due(now) == 1
    assert "hold:administrator:released" in tags(hold)


def test_others_do_not_release(needs_manager, bob, actor, now):
    with pytest.raises(NotAllowed):
        decide.release(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_give_one_release(
    policies, one_hold, alice, bob, carol, mallory, actor, now, later
):
    """Both press in the same moment, in threads with connections of their own."""
    from django.db import connection

    policies(TWO_OF_THREE.replace("needed: 2", "needed: 1"))
    hold = one_hold(person=alice)
    start, answers = Barrier(2), []

    def press(person):
        start.wait()
        try:
            approve(hold, person, actor, now)
            answers.append("approved")
        except AlreadyDecided:
            answers.append("already")
        finally:
            connection.close()

    threads = [Thread(target=press, args=[person]) for person in (bob, carol)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["already", "approved"]
    assert claim_due(later(30)) == 1
    assert claim_due(later(30)) == 0
    assert Hold.objects.get(pk=hold.pk).state == HoldState.QUEUED
