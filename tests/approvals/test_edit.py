import pytest

from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, NotApprover, WrongInput
from approvals.flows import cancel, decide, rescreen as rescreening
from approvals.flows.edit import Change, edit
from approvals.flows.release import claim_due, ring_unscreened_revisions
from approvals.flows.rescreen import rescreen
from approvals.links import Standing, find, issue, standing
from approvals.models import Decision, Hold, Link
from approvals.states import HoldState
from audit.models import Event
from audit.tags import Tag
from mailhold.ids import uuid7
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Recipient
from mailhold.mime.parse import parse


@pytest.fixture
def change_it(alice, actor, now):
    def change_it(hold, person=alice, at=now, **changes):
        return edit(hold.pk, hold.revision_id, Change(**changes), person, actor(person), at)

    return change_it


def recipient(hold, address):
    return Recipient.objects.get(hold_link__hold=hold, address=address).pk


def test_an_edit_makes_a_new_revision_and_is_screened_again(needs_manager, change_it, later, tags):
    hold = change_it(needs_manager, subject="Better offer")

    assert hold.state == HoldState.RECEIVED
    assert hold.revision.number == 1
    assert parse(read_content(hold.revision)).subject == "Better offer"
    assert b"Subject: Offer" in read_content(hold.message.revisions.get(number=0))
    assert rescreen(hold.pk, later(1))
    hold.refresh_from_db()
    assert hold.state == HoldState.HELD
    assert hold.subject == "Better offer"
    assert "hold:sender:edited" in tags(hold)


def test_an_edit_voids_approvals_and_kills_links(needs_manager, bob, change_it, actor, now, later):
    token = issue(
        needs_manager, Link.Purpose.DECIDE, person=bob, address=bob.email, now=now, expires_at=later(9999)
    )
    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)

    hold = change_it(needs_manager, body="Other words.\n")
    rescreen(hold.pk, later(1))

    hold.refresh_from_db()
    assert hold.stage == 1
    assert claim_due(later(10_000)) == 0
    assert standing(find(token), later(2)) == Standing.EDITED
    with pytest.raises(Edited):
        decide.approve(hold.pk, needs_manager.revision_id, bob, actor(bob), later(2))
    assert decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(2)).stage == 0
    assert Decision.objects.count() == 2


def test_without_its_attachment_the_mail_needs_no_manager(needs_manager, change_it, later):
    hold = change_it(needs_manager, drop_attachments=frozenset({0}))
    rescreen(hold.pk, later(1))

    hold.refresh_from_db()
    assert hold.stage == 0
    assert hold.release_at == later(301)
    assert b"offer.pdf" not in read_content(hold.revision)


def test_a_removed_recipient_gets_nothing_and_is_gone_from_the_header(
    one_hold, alice, change_it, later, statuses
):
    hold = one_hold(person=alice, to=("wrong@client.example", "right@client.example"))

    hold = change_it(hold, remove_recipients=frozenset({recipient(hold, "wrong@client.example")}))
    rescreen(hold.pk, later(1))

    assert statuses(hold) == {"wrong@client.example": "removed", "right@client.example": "waiting"}
    assert b"wrong@client.example" not in read_content(hold.revision)


def test_an_added_internal_recipient_parts_from_the_external_ones(one_hold, alice, change_it, later):
    hold = change_it(one_hold(person=alice), add_recipients=("carol@example.test",))
    rescreen(hold.pk, later(1))

    states = sorted(Hold.objects.filter(message=hold.message).values_list("state", flat=True))
    assert states == [HoldState.HELD, HoldState.QUEUED]


def test_the_last_recipient_is_not_removed(one_hold, alice, change_it):
    hold = one_hold(person=alice)

    with pytest.raises(WrongInput):
        change_it(hold, remove_recipients=frozenset({recipient(hold, "customer@client.example")}))


@pytest.mark.parametrize(
    "change", [{}, {"add_recipients": ("nonsense",)}, {"remove_recipients": frozenset({987_654})}]
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(change, one_hold, alice, change_it):
    hold = one_hold(person=alice)

    with pytest.raises(WrongInput):
        change_it(hold, **change)
    assert hold.message.revisions.count() == 1


def test_the_approver_may_edit_and_others_may_not(needs_manager, bob, mallory, change_it):
    with pytest.raises(NotAllowed):
        change_it(needs_manager, person=mallory, subject="Mine")
    assert change_it(needs_manager, person=bob, subject="Bob's").revision.made_by == bob


def test_what_an_approver_changed_is_confirmed_by_its_sender_first(
    needs_manager, alice, bob, change_it, actor, later, notices
):
    hold = change_it(needs_manager, person=bob, subject="Bob's words")
    rescreen(hold.pk, later(1))
    hold.refresh_from_db()
    assert hold.reasons[0]["code"] == "changed_by_other"
    assert ("self_check", "alice@example.test") in notices(hold)

    with pytest.raises(NotApprover):
        decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(2))
    cancel.self_check(hold.pk, hold.revision_id, actor(alice), later(3))
    assert claim_due(later(10_000)) == 0
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(4))
    assert claim_due(later(10_000)) == 1


def test_an_approver_does_not_change_the_need_for_approval_away(needs_manager, bob, change_it, later):
    hold = change_it(needs_manager, person=bob, drop_attachments=frozenset({0}))
    rescreen(hold.pk, later(1))

    assert claim_due(later(10_000)) == 0
    assert [gate.kind for gate in hold.gates.all()] == ["self_check"]


def test_what_is_no_longer_held_is_not_edited(one_hold, alice, change_it, later):
    hold = one_hold(person=alice)
    claim_due(later(300))

    with pytest.raises(AlreadyDecided):
        change_it(hold, subject="Too late")


def test_an_edit_of_an_outdated_page_changes_nothing(needs_manager, alice, actor, now):
    with pytest.raises(Edited):
        edit(needs_manager.pk, uuid7(), Change(subject="x"), alice, actor(alice), now)
    assert needs_manager.message.revisions.count() == 1


def test_an_edit_whose_bell_was_lost_is_rung_for(needs_manager, change_it, later):
    change_it(needs_manager, subject="x")

    assert ring_unscreened_revisions(later(30)) == 0
    assert ring_unscreened_revisions(later(61)) == 1
    assert ring_unscreened_revisions(later(62)) == 0


def test_a_worker_that_comes_late_to_an_edit_does_nothing(needs_manager, change_it, later, monkeypatch):
    """It began while the hold waited, and another one finished before it had read the recipients."""
    hold = change_it(needs_manager, drop_attachments=frozenset({0}))
    judge = rescreening._judge

    def overtaken(late, recipients, in_force):
        monkeypatch.undo()
        assert rescreen(hold.pk, later(1))
        return judge(late, [], in_force)

    monkeypatch.setattr(rescreening, "_judge", overtaken)

    assert rescreen(hold.pk, later(1)) is False


def test_screening_an_edit_twice_does_it_once(needs_manager, change_it, later):
    hold = change_it(needs_manager, subject="x")

    assert rescreen(hold.pk, later(1)) is True
    assert rescreen(hold.pk, later(1)) is False
    assert hold.gates.count() == 1


def test_policies_that_only_watch_are_recorded_after_an_edit_too(policies, one_hold, alice, change_it, later):
    policies("""
format: 1
policies:
  - key: outside
    name: {ja: 社外, en: Outside}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: hold, for: 5m}]
  - key: watched
    name: {ja: 記録のみ, en: Watched}
    priority: 2
    mode: watch
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: discard}]
""")
    hold = change_it(one_hold(person=alice), subject="x")

    rescreen(hold.pk, later(1))

    screened = Event.objects.filter(tag=Tag.MESSAGE_SCREENED).order_by("pk")
    first, second = (event.details["watched"] for event in screened)
    assert len(first) == 1
    assert second == first
