import pytest

from approvals.exceptions import AlreadyDecided
from approvals.flows import decide, deliver as flow
from approvals.flows.deliver import deliver, settle_lost
from approvals.flows.discard import send_again
from approvals.flows.edit import Change, edit
from approvals.flows.release import claim_due
from approvals.flows.rescreen import rescreen
from approvals.models import Hold
from approvals.states import HoldState
from mailhold.delivery.outcome import Outcome, Result
from mailhold.ids import uuid7
from mailhold.mailstore.content import read_content

GONE = Outcome(result=Result.FAILED, reply_code=550, enhanced_status="5.1.1", reply_text="550 5.1.1 unknown")
BUSY = Outcome(result=Result.DEFERRED, reply_code=451, enhanced_status="4.3.0", reply_text="451 4.3.0 later")
TAKEN = Outcome(result=Result.DELIVERED, reply_code=250, enhanced_status="2.0.0", reply_text="250 2.0.0 ok")
SILENT = Outcome(result=Result.UNKNOWN, reply_text="no reply")


@pytest.fixture
def clock(monkeypatch, now):
    """The time of the database, as this test says."""
    current = [now]
    monkeypatch.setattr(flow, "database_now", lambda: current[0])

    def put(moment):
        current[0] = moment

    return put


@pytest.fixture
def queued(one_hold, alice, later, clock):
    def queued(**kind):
        hold = one_hold(person=alice, **kind)
        assert claim_due(later(300)) == 1
        clock(later(301))
        return hold

    return queued


@pytest.fixture
def hop(monkeypatch):
    """A next hop that answers as told, by address; it takes the content before the dot, like a real one."""

    def answers(table, *, dies=None):
        def hand_over(outgoing, before_dot):
            if any(
                table[r.address].result in {Result.DELIVERED, Result.UNKNOWN} for r in outgoing.recipients
            ):
                before_dot()
            if dies:
                raise dies
            return {r.address: table[r.address] for r in outgoing.recipients}

        monkeypatch.setattr(flow, "hand_over", hand_over)

    return answers


def test_released_mail_arrives_byte_identical_below_the_trace_headers(queued, mailbox, statuses):
    hold = queued()

    assert deliver([hold.pk]) == 1

    (arrived,) = mailbox()
    original = read_content(hold.revision)
    assert arrived.content.endswith(original)
    trace = arrived.content.removesuffix(original)
    assert trace.startswith(b"Received: from test")
    assert f"X-Mailhold-Id: {hold.pk}".encode() in trace
    hold.refresh_from_db()
    assert hold.state == HoldState.DONE
    assert statuses(hold) == {"customer@client.example": "delivered"}


def test_delivering_twice_sends_once(queued, mailbox):
    hold = queued()

    assert deliver([hold.pk]) == 1
    assert deliver([hold.pk]) == 0
    assert len(mailbox()) == 1


def test_large_mails_of_a_batch_are_not_read_all_at_once(
    hold_mail, alice, later, clock, mailbox, monkeypatch
):
    holds = [hold for number in range(3) for hold in hold_mail(person=alice, subject=f"Number {number}")]
    assert claim_due(later(300)) == 3
    clock(later(301))
    read = []
    sealed = flow._sealed
    monkeypatch.setattr(flow, "_sealed", lambda ids: read.append(len(ids)) or sealed(ids))
    monkeypatch.setattr(flow, "MOST_BYTES_TOGETHER", 100)

    assert deliver([hold.pk for hold in holds]) == 3

    assert read == [1, 1, 1]
    assert len(mailbox()) == 3


def test_each_recipient_has_an_outcome_of_its_own(queued, hop, statuses, notices, later):
    hold = queued(to=("a@client.example", "b@client.example", "c@client.example"))
    hop({"a@client.example": TAKEN, "b@client.example": GONE, "c@client.example": BUSY})

    deliver([hold.pk])

    assert statuses(hold) == {
        "a@client.example": "delivered",
        "b@client.example": "failed",
        "c@client.example": "deferred",
    }
    hold.refresh_from_db()
    assert hold.state == HoldState.QUEUED
    assert hold.next_attempt_at == later(301 + 60)
    assert ("not_delivered", "alice@example.test") in notices(hold)


def test_only_what_was_deferred_is_tried_again(queued, hop, statuses, clock, later):
    hold = queued(to=("a@client.example", "b@client.example"))
    hop({"a@client.example": TAKEN, "b@client.example": BUSY})
    deliver([hold.pk])
    hop({"b@client.example": TAKEN})
    clock(later(400))

    deliver([hold.pk])

    assert statuses(hold) == {"a@client.example": "delivered", "b@client.example": "delivered"}


def test_it_gives_up_after_the_last_try_and_says_so(queued, hop, statuses, settings, notices):
    settings.RETRY_SECONDS = [60]
    hold = queued()
    hop({"customer@client.example": BUSY})
    deliver([hold.pk])
    assert statuses(hold) == {"customer@client.example": "deferred"}

    deliver([hold.pk])

    hold.refresh_from_db()
    assert hold.state == HoldState.DONE
    assert statuses(hold) == {"customer@client.example": "failed"}
    assert ("not_delivered", "alice@example.test") in notices(hold)


def test_no_reply_after_the_dot_is_marked_told_and_not_sent_again(queued, hop, statuses, notices):
    hold = queued()
    hop({"customer@client.example": SILENT})

    deliver([hold.pk])

    hold.refresh_from_db()
    assert hold.state == HoldState.DONE
    assert statuses(hold) == {"customer@client.example": "outcome_unknown"}
    assert [kind for kind, _ in notices(hold)] == ["outcome_unknown", "sending_soon"]
    assert deliver([hold.pk]) == 0


def test_the_sender_may_send_again_what_may_not_have_arrived(queued, hop, alice, actor, now, statuses):
    hold = queued()
    hop({"customer@client.example": SILENT})
    deliver([hold.pk])

    send_again(hold.pk, alice, actor(alice), now)
    hop({"customer@client.example": TAKEN})
    deliver([hold.pk])

    assert statuses(hold) == {"customer@client.example": "delivered"}


def test_nothing_is_sent_again_while_a_worker_is_at_the_final_dot(
    queued, monkeypatch, alice, actor, now, later, clock, statuses, hop
):
    hold = queued(to=("a@client.example", "b@client.example"))
    hop({"a@client.example": SILENT, "b@client.example": BUSY})
    deliver([hold.pk])
    clock(later(400))

    def at_the_dot(outgoing, before_dot):
        before_dot()
        with pytest.raises(AlreadyDecided):
            send_again(hold.pk, alice, actor(alice), now)
        return {"b@client.example": TAKEN}

    monkeypatch.setattr(flow, "hand_over", at_the_dot)
    deliver([hold.pk])

    assert statuses(hold) == {"a@client.example": "outcome_unknown", "b@client.example": "delivered"}
    send_again(hold.pk, alice, actor(alice), now)
    assert statuses(hold) == {"a@client.example": "queued", "b@client.example": "delivered"}


def test_what_broke_after_the_dot_is_not_sent_again_by_itself(queued, hop, statuses):
    hold = queued()
    hop({"customer@client.example": TAKEN}, dies=ZeroDivisionError())

    deliver([hold.pk])

    assert statuses(hold) == {"customer@client.example": "outcome_unknown"}
    assert deliver([hold.pk]) == 0


def test_a_worker_that_lost_its_lease_sends_no_dot(queued, hop, monkeypatch, statuses):
    hold = queued()

    def overtaken(outgoing, before_dot):
        Hold.objects.filter(pk=hold.pk).update(lease_token=uuid7())
        before_dot()
        raise AssertionError("the dot was sent")

    monkeypatch.setattr(flow, "hand_over", overtaken)

    deliver([hold.pk])

    hold.refresh_from_db()
    assert hold.state == HoldState.QUEUED
    assert statuses(hold) == {"customer@client.example": "queued"}


def test_a_worker_that_died_before_the_dot_is_replaced_when_its_lease_ends(
    queued, hop, clock, later, mailbox
):
    hold = queued()
    Hold.objects.filter(pk=hold.pk).update(lease_token=uuid7(), leased_until=later(360))
    assert deliver([hold.pk]) == 0

    clock(later(361))

    assert deliver([hold.pk]) == 1
    assert len(mailbox()) == 1


def test_a_worker_that_died_after_the_dot_leaves_a_marked_mail(queued, hop, clock, later, statuses, settings):
    hold = queued()
    hop({"customer@client.example": TAKEN}, dies=SystemExit())
    with pytest.raises(SystemExit):
        deliver([hold.pk])
    hold.refresh_from_db()
    assert hold.state == HoldState.SENDING
    too_early = later(301 + settings.DOT_TIMEOUT)
    late_enough = later(301 + settings.DOT_TIMEOUT + settings.LEASE_SECONDS)

    assert settle_lost(too_early) == 0
    assert settle_lost(late_enough) == 1

    hold.refresh_from_db()
    assert hold.state == HoldState.DONE
    assert statuses(hold) == {"customer@client.example": "outcome_unknown"}


def test_a_defect_in_one_delivery_does_not_stop_the_next(
    queued, monkeypatch, statuses, alice, one_hold, later, clock
):
    hold = queued()

    def broken(outgoing, before_dot):
        raise ZeroDivisionError

    monkeypatch.setattr(flow, "hand_over", broken)

    assert deliver([hold.pk]) == 1
    assert statuses(hold) == {"customer@client.example": "deferred"}


def test_content_that_cannot_be_opened_waits_and_is_not_lost(queued, statuses, settings):
    from mailhold.env import new_key

    hold = queued()
    settings.SEALING_KEYS = [new_key()]

    deliver([hold.pk])

    assert statuses(hold) == {"customer@client.example": "deferred"}


def test_the_sender_hears_of_an_approved_mail_that_left(
    needs_manager, bob, actor, now, later, clock, notices
):
    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)
    claim_due(later(300))
    clock(later(301))

    deliver([needs_manager.pk])

    assert ("sent", "alice@example.test") in notices(needs_manager)


def test_the_sender_hears_of_it_although_the_last_recipient_failed(
    one_hold, alice, bob, actor, now, later, clock, hop, notices
):
    hold = one_hold(person=alice, attach="x.pdf", to=("a@client.example", "b@client.example"))
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), now)
    claim_due(later(300))
    clock(later(301))
    hop({"a@client.example": TAKEN, "b@client.example": BUSY})
    deliver([hold.pk])
    assert ("sent", "alice@example.test") not in notices(hold)
    hop({"b@client.example": GONE})
    clock(later(400))

    deliver([hold.pk])

    assert ("sent", "alice@example.test") in notices(hold)
    assert ("not_delivered", "alice@example.test") in notices(hold)


def test_nobody_is_said_to_have_approved_what_left_after_an_edit(
    needs_manager, alice, bob, actor, now, later, clock, notices
):
    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)
    without_attachment = Change(drop_attachments=frozenset({0}))
    edit(needs_manager.pk, needs_manager.revision_id, without_attachment, alice, actor(alice), now)
    rescreen(needs_manager.pk, now)
    claim_due(later(300))
    clock(later(301))

    assert deliver([needs_manager.pk]) == 1

    assert ("sent", "alice@example.test") not in notices(needs_manager)


def test_a_sender_who_wants_no_report_gets_none(queued, hop, notices):
    from mailhold.mailstore.models import Recipient

    hold = queued()
    Recipient.objects.filter(hold_link__hold=hold).update(dsn_notify="NEVER")
    hop({"customer@client.example": GONE})

    deliver([hold.pk])

    assert "not_delivered" not in [kind for kind, _ in notices(hold)]


def test_a_living_worker_keeps_its_lease(queued, later):
    from approvals.clock import database_now
    from approvals.leases import renew

    hold, token = queued(), uuid7()
    Hold.objects.filter(pk=hold.pk).update(lease_token=token, leased_until=later(310))

    assert renew(token) == 1
    hold.refresh_from_db()
    assert hold.leased_until > database_now()
    assert renew(uuid7()) == 0


def test_a_database_that_was_away_for_a_moment_ends_no_lease(monkeypatch):
    from django.db import OperationalError

    from approvals import leases

    class Turns:
        """An event that is set at the third look."""

        left = 3

        def wait(self, timeout):
            self.left -= 1
            return self.left == 0

    asked = []

    def renew(token):
        asked.append(token)
        if len(asked) == 1:
            raise OperationalError

    monkeypatch.setattr(leases.connection, "close", lambda: None)
    token = uuid7()

    leases._renew_until(Turns(), token, renew)

    assert asked == [token, token]
