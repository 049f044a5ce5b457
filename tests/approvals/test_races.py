"""Two act on one mail in the same moment: whatever the order, one wins or both are compatible, and nothing is lost.

The first act is done but not committed when the second one begins, so that the second one has read what is no longer
true when it gets the row. Each pair runs in both orders, with a connection for each.
"""

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from approvals.conservation import problems
from approvals.exceptions import Refused
from approvals.flows import cancel, decide, deliver as delivering, discard
from approvals.flows.deliver import deliver, settle_lost
from approvals.flows.edit import Change, edit
from approvals.flows.expire import expire_due, remind_due
from approvals.flows.release import claim_due
from approvals.flows.rescreen import rescreen
from approvals.flows.screen import screen
from approvals.models import Decision, Hold
from approvals.states import HoldState
from audit.models import Event
from audit.tags import Tag
from mailhold.delivery.outcome import Outcome, Result
from mailhold.ids import uuid7
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Recipient

pytestmark = pytest.mark.django_db(transaction=True)

DAY = 24 * 3600
# So long the second act is given to run into the first one's lock.
HEAD_START = 0.15

PEERS = """
format: 1
policies:
  - key: peers
    name: {ja: 同僚, en: Peers}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], deadline: 24h}
"""

INTERNAL_WAITS = """
  - key: inside
    name: {ja: 社内, en: Inside}
    priority: 2
    conditions: [{kind: recipient_is, choice: internal}]
    actions: [{kind: hold, for: 5m}]
"""

# What each act writes into the record when it is done, and nothing when it is refused.
TAGS = {
    "approve": Tag.HOLD_APPROVED,
    "also_approve": Tag.HOLD_APPROVED,
    "reject": Tag.HOLD_REJECTED,
    "undo": Tag.HOLD_APPROVAL_UNDONE,
    "cancel": Tag.HOLD_CANCELED,
    "pause": Tag.HOLD_PAUSED,
    "send_now": Tag.HOLD_SENT_NOW,
    "edit": Tag.HOLD_EDITED,
    "also_edit": Tag.HOLD_EDITED,
    "discard": Tag.HOLD_DISCARDED,
    "release": Tag.HOLD_RELEASED_BY_ADMINISTRATOR,
    "expire": Tag.HOLD_EXPIRED,
    "remind": Tag.HOLD_REMINDED,
    "claim": Tag.HOLD_QUEUED,
    "rescreen": Tag.MESSAGE_SCREENED,
}
ENDS = {"reject", "cancel", "expire", "discard"}


@pytest.fixture
def world(policies, hold_mail, alice, bob, carol, admin, actor, later, settings):
    """Every act on a fresh mail of Alice's, at the moment when its deadline has come."""
    settings.UNDO_SECONDS = 0
    policies(PEERS)
    now = later(DAY)

    def acts():
        (hold,) = hold_mail(person=alice)
        key, seen = hold.pk, hold.revision_id
        doings = {
            "approve": lambda: decide.approve(key, seen, bob, actor(bob), now),
            "also_approve": lambda: decide.approve(key, seen, carol, actor(carol), now),
            "reject": lambda: decide.reject(key, seen, carol, actor(carol), now, reason="", comment=""),
            "undo": lambda: decide.undo(key, bob, actor(bob), now),
            "cancel": lambda: cancel.cancel(key, alice, actor(alice), now),
            "pause": lambda: cancel.pause(key, actor(alice), now),
            "send_now": lambda: cancel.send_now(key, seen, actor(alice), now),
            "edit": lambda: edit(key, seen, Change(subject="A"), alice, actor(alice), now),
            "also_edit": lambda: edit(key, seen, Change(subject="B"), bob, actor(bob), now),
            "discard": lambda: discard.discard(key, admin, actor(admin), now),
            "release": lambda: decide.release(key, seen, admin, actor(admin), now),
            "expire": lambda: expire_due(now),
            "remind": lambda: remind_due(now),
            "claim": lambda: claim_due(now),
            "rescreen": lambda: rescreen(key, now),
        }
        return hold, doings

    return acts


def answer(act):
    """What came of it: True, or how it was refused."""
    try:
        return bool(act())
    except Refused as refusal:
        return refusal.code


def race(first, second):
    answers = {}

    def run():
        try:
            answers["second"] = answer(second)
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        answers["first"] = answer(first)
        thread.start()
        thread.join(HEAD_START)
    thread.join()
    return answers["first"], answers["second"]


def check(hold, before, done):
    """After a race: the record tells what happened, no recipient is lost, and nothing leaves past its gates."""
    events = Event.objects.filter(pk__gt=before, message_id=hold.message_id)
    tags = list(events.order_by("pk").values_list("tag", flat=True))
    for name in set(TAGS.values()) - {Tag.HOLD_QUEUED}:
        assert tags.count(name) == sum(TAGS[act] == name for act in done), (name, tags, done)
    hold.refresh_from_db()
    assert problems() == []
    assert sum(act in ENDS for act in done) <= 1
    if hold.state == HoldState.QUEUED:
        assert not hold.gates.exclude(opened_for=hold.revision_id).exists()
    if hold.state == HoldState.QUEUED and "release" not in done:
        for gate in hold.gates.all():
            standing = Decision.objects.filter(
                hold=hold, revision=hold.revision, ordinal=gate.ordinal, undone_at__isnull=True
            )
            assert standing.count() >= gate.needed


WAITING = [
    "approve",
    "also_approve",
    "reject",
    "cancel",
    "edit",
    "also_edit",
    "discard",
    "release",
    "expire",
    "remind",
]
# Of a mail that waits for an approval: who comes too late after whom.
REFUSED_WAITING = {
    "approve": {"approve", "also_approve", "reject", "expire", "remind"},
    "also_approve": {"approve", "also_approve", "reject", "expire", "remind"},
    "edit": {"approve", "also_approve", "reject", "edit", "also_edit", "release", "expire", "remind"},
    "also_edit": {"approve", "also_approve", "reject", "edit", "also_edit", "release", "expire", "remind"},
    "release": {"approve", "also_approve", "reject", "expire", "remind"},
    "remind": {"remind"},
    **{end: set(WAITING) for end in ENDS},
}


@pytest.mark.parametrize("first", WAITING)
def test_pairs_of_acts_on_a_mail_that_waits_for_approval(first, world, later):
    for second in WAITING:
        hold, acts = world()
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first()

        answers = race(acts[first], acts[second])

        late = second in REFUSED_WAITING[first]
        assert answers[0] is True, (first, second, answers)
        assert (answers[1] is not True) is late, (first, second, answers)
        claim_due(later(3 * DAY))
        check(hold, before, [first] if late else [first, second])


APPROVED = ["claim", "undo", "cancel", "pause", "send_now", "edit", "discard", "release", "reject"]
# A claimer skips a mail that somebody else has in hand and comes back, or, on SQLite, waits for it: either will do.
EITHER = {("send_now", "claim"), ("release", "claim")}
REFUSED_APPROVED = {
    "claim": set(APPROVED),
    "undo": {"claim", "undo", "pause", "send_now"},
    "cancel": set(APPROVED),
    "pause": {"claim", "pause", "reject"},
    "send_now": {"reject"},
    "edit": {"claim", "undo", "pause", "send_now", "edit", "release", "reject"},
    "discard": set(APPROVED),
    "release": {"reject"},
}


@pytest.mark.parametrize("first", [name for name in APPROVED if name != "reject"])
def test_pairs_of_acts_on_a_mail_whose_time_has_come(first, world, later):
    for second in APPROVED:
        hold, acts = world()
        acts["approve"]()
        Hold.objects.filter(pk=hold.pk).update(sender_may_send_now=True)
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first()

        answers = race(acts[first], acts[second])

        late = second in REFUSED_APPROVED[first]
        assert answers[0] is True, (first, second, answers)
        assert (answers[1] is not True) is late or (first, second) in EITHER, (first, second, answers)
        claim_due(later(3 * DAY))
        check(hold, before, [first] if late else [first, second])


EDITED = ["rescreen", "cancel", "discard", "edit", "approve", "expire", "claim"]
REFUSED_EDITED = {
    "rescreen": {"rescreen", "edit", "approve", "expire", "claim"},
    "cancel": set(EDITED),
    "discard": set(EDITED),
}


@pytest.mark.parametrize("first", list(REFUSED_EDITED))
def test_pairs_of_acts_on_a_mail_that_is_screened_again(first, world, later):
    for second in EDITED:
        hold, acts = world()
        acts["edit"]()
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first()

        answers = race(acts[first], acts[second])

        late = second in REFUSED_EDITED[first]
        assert answers[0] is True, (first, second, answers)
        assert (answers[1] is not True) is late, (first, second, answers)
        check(hold, before, [first] if late else [first, second])


def together(*acts):
    """Let all begin in the same moment; return what came of each."""
    start, answers = Barrier(len(acts)), {}

    def run(number, act):
        try:
            start.wait()
            answers[number] = answer(act)
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def test_two_workers_screen_a_message_once(accept, alice, now):
    message_id = accept(person=alice)

    answers = together(*[lambda: screen([message_id], now)] * 3)

    assert sorted(answers) == [False, False, True]
    assert Hold.objects.filter(message_id=message_id).count() == 1


def test_two_workers_deliver_a_mail_once(one_hold, alice, later, mailbox):
    hold = one_hold(person=alice)
    claim_due(later(300))

    assert sorted(together(*[lambda: deliver([hold.pk])] * 3)) == [False, False, True]

    assert len(mailbox()) == 1
    assert list(Event.objects.filter(tag=Tag.HOLD_DONE).values_list("hold_id", flat=True)) == [hold.pk]


def test_a_lost_outcome_is_settled_and_told_once(one_hold, alice, later, notices):
    hold = one_hold(person=alice)
    claim_due(later(300))
    Hold.objects.filter(pk=hold.pk).update(state="sending", lease_token=uuid7(), leased_until=later(400))
    Recipient.objects.filter(hold_link__hold=hold).update(status="sending")

    assert sorted(together(*[lambda: settle_lost(later(401))] * 3)) == [False, False, True]

    assert notices(hold).count(("outcome_unknown", "alice@example.test")) == 1


def test_an_outcome_that_comes_with_its_settling_is_written_once(
    one_hold, alice, later, monkeypatch, statuses
):
    """The worker was silent for longer than its lease and has its reply just when the mail is settled."""
    hold = one_hold(person=alice)
    claim_due(later(300))

    def slow(outgoing, before_dot):
        before_dot()
        settled = Hold.objects.filter(pk=hold.pk).update(leased_until=later(301))
        assert settled == 1
        assert settle_lost(later(400)) == 1
        return {r.address: Outcome(result=Result.DELIVERED, reply_code=250) for r in outgoing.recipients}

    monkeypatch.setattr(delivering, "hand_over", slow)

    assert deliver([hold.pk]) == 1
    assert statuses(hold) == {"customer@client.example": "outcome_unknown"}
    assert Event.objects.filter(hold_id=hold.pk, tag=Tag.HOLD_DONE).count() == 1


def test_one_of_two_sends_again(one_hold, alice, actor, now, later):
    hold = one_hold(person=alice)
    Recipient.objects.filter(hold_link__hold=hold).update(status="outcome_unknown")
    Hold.objects.filter(pk=hold.pk).update(state="done", release_at=None)

    again = lambda: discard.send_again(hold.pk, alice, actor(alice), now)
    answers = together(again, again)

    assert sorted(map(str, answers)) == ["True", "already_decided"]


def test_both_holds_of_a_message_are_changed_at_once(policies, hold_mail, alice, bob, carol, actor, now):
    policies(PEERS + INTERNAL_WAITS)
    holds = hold_mail(person=alice, to=("x@client.example", "bob@example.test"))
    assert len(holds) == 2

    def change(hold):
        return lambda: edit(hold.pk, hold.revision_id, Change(subject=str(hold.pk)), alice, actor(alice), now)

    assert together(*map(change, holds)) == [True, True]

    numbers = holds[0].message.revisions.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [0, 1, 2]
    for hold in holds:
        hold.refresh_from_db()
        assert str(hold.pk).encode() in read_content(hold.revision)
