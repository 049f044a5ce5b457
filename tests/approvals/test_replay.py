"""Replay: a draft against mail of the record, in slices, beside what happened; and nothing else is written."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import yaml
from django.apps import apps
from django.db import connection
from django_q.models import OrmQ

from approvals import bell
from approvals.replay import running
from approvals.replay.drafts import DraftUnusable, as_they_stand, completed, with_switches
from approvals.replay.models import Replay, ReplaySample
from approvals.replay.tally import Group
from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.mailstore.models import Message, Recipient, SealedContent
from policies.loading import current_version
from policies.models import Policy

CLIENT = "customer@client.example"
COLLEAGUE = "bob@example.test"


@pytest.fixture
def begin(policies, admin, now):
    """Ask for a replay of the last week, as an administrator does on the page."""

    def begin(draft=None, about=None, *, days=7, **options):
        # The mail of the tests has been taken care of: no slice rests for it.
        OrmQ.objects.all().delete()
        chosen = as_they_stand() if draft is None else draft
        actor = Actor(address=admin.email, channel="page")
        return running.begin(chosen, about or {}, days, actor, now + timedelta(hours=1), **options)

    return begin


@pytest.fixture
def replay(begin):
    """Ask for a replay and work it off; returns it with its counters."""

    def replay(draft=None, **options):
        asked = begin(draft, **options)
        return finish(asked)

    return replay


def finish(asked):
    for _slice in range(100):
        asked.refresh_from_db()
        if not asked.is_open:
            return asked
        running.work(asked.pk, seconds=30)
    raise AssertionError("It does not end.")


def draft(*policies, **more):
    return json.dumps({"format": 1, "policies": list(policies), **more})


def policy(key, *conditions, **more):
    return {
        "key": key,
        "name": {"ja": key, "en": key},
        "conditions": list(conditions),
        "actions": [{"kind": "hold", "for": "5m"}],
        **more,
    }


EXTERNAL = {"kind": "recipient_is", "choice": "external"}
ATTACHED = {"kind": "has_attachment"}
TO_MANAGER = [{"kind": "approval", "approvers": "manager", "deadline": "24h"}]


def rows_besides(*names):
    """Every row of every table but these, as the database gives it."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in names:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


# --- what comes out -----------------------------------------------------------------------------------------------


def test_the_policies_as_they_stand_do_what_they_did(replay, hold_mail, alice, bob):
    hold_mail(person=alice)
    hold_mail(person=alice, attach="offer.pdf")
    hold_mail(person=alice, to=(COLLEAGUE,))
    done = replay()
    assert (done.state, done.total, done.done) == ("done", 3, 3)
    counters = done.counters
    assert (counters["messages"], counters["held"]) == (3, [2, 2])
    assert counters["groups"] == {Group.SAME: 2, Group.FREE: 1}
    assert counters["days"] == {"2026-11-24": [3, 2, 2]}
    assert counters["approvers"] == {str(bob.pk): [1, 1]}
    assert counters["policies"] == {"external-wait": [2, 2], "external-attachment": [1, 1]}


def test_differences_are_told_apart_with_samples(replay, hold_mail, alice, bob, carol, policies):
    policies(
        draft(
            policy("outside", EXTERNAL),
            policy("paper", EXTERNAL, ATTACHED, actions=TO_MANAGER),
        )
    )
    freed = hold_mail(person=alice)
    other = hold_mail(person=alice, attach="offer.pdf")
    new = hold_mail(person=alice, to=(COLLEAGUE,))
    peers = [{"kind": "approval", "approvers": "peers", "deadline": "24h"}]
    inside = policy("inside", {"kind": "recipient_is", "choice": "internal"})
    done = replay(draft(policy("paper", EXTERNAL, ATTACHED, actions=peers), inside))
    assert done.counters["groups"] == {Group.NO_LONGER: 1, Group.OTHERWISE: 1, Group.NEWLY: 1}
    samples = {sample.group: sample for sample in done.samples.all()}
    assert {group: sample.message_id for group, sample in samples.items()} == {
        Group.NO_LONGER: freed[0].message_id,
        Group.OTHERWISE: other[0].message_id,
        Group.NEWLY: new[0].message_id,
    }
    assert samples[Group.NEWLY].would == [{"ja": "5分待つ", "en": "it waits 5 minutes"}]
    assert samples[Group.NEWLY].reasons[0]["policy"] == {"ja": "inside", "en": "inside"}
    assert done.counters["approvers"] == {str(carol.pk): [1, 0], str(bob.pk): [0, 1]}
    assert done.counters["policies"] == {"paper": [1, 1], "inside": [1, 0], "outside": [0, 2]}


def test_another_wait_is_a_difference_while_the_real_one_is_known(replay, hold_mail, alice, policies):
    policies(draft(policy("outside", EXTERNAL)))
    hold_mail(person=alice)
    longer = policy("outside", EXTERNAL, actions=[{"kind": "hold", "for": "30m"}])
    assert replay(draft(longer)).counters["groups"] == {Group.OTHERWISE: 1}
    assert replay(draft(policy("outside", EXTERNAL))).counters["groups"] == {Group.SAME: 1}


def test_what_a_policy_returns_counts_as_stopped_on_both_sides(replay, hold_mail, alice, policies):
    text = [{"kind": "return_to_sender", "text": {"ja": "だめ", "en": "No"}}]
    policies(draft(policy("no", EXTERNAL, actions=text)))
    hold_mail(person=alice)
    assert replay().counters["groups"] == {Group.SAME: 1}
    assert replay(draft(policy("wait", EXTERNAL))).counters["groups"] == {Group.OTHERWISE: 1}


def test_a_policy_that_only_watched_is_seen_beside_what_it_would_do(replay, hold_mail, alice, policies):
    watching = policy("watched", EXTERNAL, mode="watch")
    policies(draft(watching))
    hold_mail(person=alice)
    done = replay(with_switches({"watched"}))
    assert done.counters["policies"] == {"watched": [1, 1]}
    assert done.counters["groups"] == {Group.NEWLY: 1}


def test_a_switch_disables_what_acts_and_makes_act_what_does_not(policies):
    policies(draft(policy("a"), policy("b", enabled=False), policy("c", mode="watch"), policy("d")))
    found = yaml.safe_load(with_switches({"a", "b", "c"}))["policies"]
    state = {each["key"]: (each.get("enabled", True), each.get("mode", "enforce")) for each in found}
    assert state == {
        "a": (False, "enforce"),
        "b": (True, "enforce"),
        "c": (True, "enforce"),
        "d": (True, "enforce"),
    }
    assert Policy.objects.get(key="a").enabled


def test_a_draft_that_cannot_be_read_is_refused_and_nothing_is_kept(begin):
    with pytest.raises(DraftUnusable) as caught:
        begin(draft(policy("x", {"kind": "no_such_kind"})))
    assert caught.value.problems
    assert not Replay.objects.exists()
    assert not Event.objects.filter(tag=Tag.POLICY_REPLAYED).exists()


def test_a_file_without_lists_is_judged_with_those_there_are(replay, hold_mail, alice, policies):
    listed = policy("listed", {"kind": "recipient_list", "values": ["customers"]})
    policies(draft(lists=[{"name": "customers", "entries": ["client.example"]}]))
    hold_mail(person=alice)
    assert replay(completed(draft(listed))).counters["held"] == [1, 0]


# --- as of the time when it came ----------------------------------------------------------------------------------


def left(holds):
    Recipient.objects.filter(message_id=holds[0].message_id).update(status=Recipient.Status.DELIVERED)
    type(holds[0]).objects.filter(pk=holds[0].pk).update(state="done", release_at=None)
    return holds


def came(holds, moment):
    Message.objects.filter(pk=holds[0].message_id).update(received_at=moment)
    return holds


def test_the_first_mail_is_the_first_as_of_its_time_and_not_fooled_by_itself(replay, hold_mail, alice, now):
    for hours in (3, 2, 1):
        came(left(hold_mail(person=alice)), now - timedelta(hours=hours))
    first = {"kind": "first_mail", "choice": "person_address"}
    done = replay(draft(policy("first", first)))
    assert done.counters["held"][0] == 1
    sample = done.samples.get(group=Group.SAME)
    assert sample.message.received_at == now - timedelta(hours=3)


def test_a_look_alike_is_one_of_domains_written_to_often_by_then(replay, hold_mail, alice, now):
    early = came(hold_mail(person=alice, to=("x@c1ient.example",)), now - timedelta(hours=30))
    for hours in range(10, 20):
        came(left(hold_mail(person=alice)), now - timedelta(hours=hours))
    late = came(hold_mail(person=alice, to=("x@cl1ent.example",)), now - timedelta(hours=1))
    done = replay(draft(policy("alike", {"kind": "look_alike"})))
    assert done.counters["policies"]["alike"] == [1, 0]
    assert done.samples.get(group=Group.SAME).message_id == late[0].message_id != early[0].message_id


def test_the_days_are_those_of_the_one_who_asks(replay, hold_mail, alice, now, settings):
    from django.utils import timezone

    came(hold_mail(person=alice), now.replace(hour=20) - timedelta(days=1))
    with timezone.override("Asia/Tokyo"):
        assert list(replay().counters["days"]) == ["2026-11-24"]
    with timezone.override("UTC"):
        assert list(replay().counters["days"]) == ["2026-11-23"]


def test_mail_of_other_days_is_left_out(replay, hold_mail, alice, now):
    came(hold_mail(person=alice), now - timedelta(days=8))
    hold_mail(person=alice)
    assert replay(days=7).done == 1
    assert replay(days=9).done == 2


def test_recipients_that_a_policy_added_are_not_judged_as_the_senders(replay, hold_mail, alice, policies):
    copy = {"kind": "add_bcc", "address": "archive@outside.example"}
    policies(draft(policy("copies", actions=[{"kind": "hold", "for": "5m"}, copy])))
    hold_mail(person=alice, to=(COLLEAGUE,))
    assert Recipient.objects.count() == 2
    assert replay(draft(policy("outside", EXTERNAL))).counters["held"] == [0, 1]


# --- what cannot be judged ----------------------------------------------------------------------------------------


def test_content_that_is_gone_or_cannot_be_opened_is_counted_apart(replay, hold_mail, alice):
    gone, shut, whole = (hold_mail(person=alice)[0] for _ in range(3))
    SealedContent.objects.filter(revision=gone.revision).delete()
    SealedContent.objects.filter(revision=shut.revision).update(sealed=b"damaged" * 20)
    done = replay()
    assert (done.state, done.done) == ("done", 3)
    counters = done.counters
    assert (counters["messages"], counters["gone"], counters["unreadable"]) == (1, 1, 1)
    assert done.samples.get().message_id == whole.message_id


def test_hostile_mail_is_counted_as_not_inspected_and_the_run_goes_on(replay, hold_mail, alice, admin):
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(300)
    )
    hold_mail(person=alice, content=b"From: alice@example.test\r\nMIME-Version: 1.0\r\n" + nested)
    hold_mail(person=alice)
    done = replay(draft(policy("paper", ATTACHED)))
    assert (done.state, done.counters["messages"]) == ("done", 2)
    assert done.counters["not_inspected"] == 1
    assert done.counters["approvers"][str(admin.pk)] == [1, 1]
    assert done.counters["policies"]["=check_failed"][0] == 1


def test_an_error_in_judging_one_message_stops_no_other(replay, hold_mail, alice, monkeypatch):
    from approvals.replay import judging

    broken, real = hold_mail(person=alice)[0], judging.judge
    hold_mail(person=alice)

    def judge(message, *more):
        if message.pk == broken.message_id:
            raise RuntimeError("hostile")
        return real(message, *more)

    monkeypatch.setattr(judging, "judge", judge)
    done = replay()
    assert (done.done, done.counters["not_inspected"]) == (2, 1)


# --- slices, kills, cancelling ------------------------------------------------------------------------------------


def test_slices_add_up_to_the_whole(begin, hold_mail, alice):
    for _ in range(5):
        hold_mail(person=alice)
    asked = begin()
    seen = []
    while asked.is_open:
        assert running.work(asked.pk, seconds=0)
        asked.refresh_from_db()
        seen.append(asked.done)
    assert seen == [1, 2, 3, 4, 5, 5]
    assert asked.counters["held"] == [5, 5]
    assert ReplaySample.objects.count() == 5


def test_each_slice_rings_for_the_next_and_the_last_for_none(begin, hold_mail, alice):
    hold_mail(person=alice)
    OrmQ.objects.all().delete()
    asked = begin()
    assert running.work(asked.pk, seconds=0)
    assert [ring.func() for ring in OrmQ.objects.all()] == ["approvals.tasks.replay"]
    assert running.work(asked.pk, seconds=0)
    assert OrmQ.objects.count() == 1


def test_a_slice_ends_at_once_where_mail_waits_and_rings_for_no_other(
    begin, hold_mail, alice, now, monkeypatch
):
    for _ in range(3):
        hold_mail(person=alice)
    asked = begin()
    OrmQ.objects.all().delete()
    monkeypatch.setattr(running, "LOOK_SECONDS", 0)
    # The ring of the slice itself, and that of mail.
    bell.ring_replay(asked.pk)
    bell.ring_delivery([uuid4()])
    assert running.work(asked.pk, seconds=30)
    asked.refresh_from_db()
    assert (asked.done, asked.lease_token, OrmQ.objects.count()) == (1, None, 2)
    # The dispatcher rings no sooner than a moment later, and not while mail waits.
    later = asked.next_at + timedelta(milliseconds=1)
    assert not running.ring_due(asked.next_at - timedelta(milliseconds=1))
    assert not running.ring_due(later)
    OrmQ.objects.all().delete()
    assert running.ring_due(later)
    assert not running.ring_due(later)
    assert OrmQ.objects.count() == 1


def test_work_of_a_task_that_has_long_run_does_not_hold_a_replay_up(settings, db):
    from django.utils import timezone
    from django_q.conf import Conf

    bell.ring_delivery([uuid4()])
    bell.ring_replay(uuid4())
    assert bell.others_ring()
    old = timezone.now() + timedelta(seconds=Conf.RETRY) - timedelta(minutes=5)
    OrmQ.objects.filter(pk=OrmQ.objects.earliest("pk").pk).update(lock=old)
    assert not bell.others_ring()


def test_one_replay_is_worked_off_at_a_time(begin, hold_mail, alice, now):
    hold_mail(person=alice)
    OrmQ.objects.all().delete()
    first, second = begin(), begin()
    later = now + timedelta(hours=2)
    assert running.ring_due(later)
    assert not running.ring_due(later)
    assert str(first.pk) in str(OrmQ.objects.get().task["args"])
    finish(first)
    OrmQ.objects.all().delete()
    assert running.ring_due(later)
    assert str(second.pk) in str(OrmQ.objects.get().task["args"])


def test_two_workers_never_do_the_same_slice(begin, hold_mail, alice):
    hold_mail(person=alice)
    asked = begin()
    assert running._claim(asked.pk) is not None
    assert running._claim(asked.pk) is None
    assert not running.work(asked.pk)


class Killed(BaseException):
    """Nothing in a worker is left to tidy up."""


def killed_at(monkeypatch, message_id):
    """Have a worker end the moment it touches the bytes of a message."""
    from approvals.replay import judging

    real = judging.judge

    def judge(message, *more):
        if message.pk == message_id:
            raise Killed
        return real(message, *more)

    monkeypatch.setattr(judging, "judge", judge)


def lease_is_over(asked):
    Replay.objects.filter(pk=asked.pk).update(leased_until=asked.made_at - timedelta(days=1))


def test_after_a_kill_the_slice_is_done_again_and_nothing_is_counted_twice(
    begin, hold_mail, alice, monkeypatch
):
    messages = [hold_mail(person=alice)[0].message_id for _ in range(4)]
    asked = begin()
    running.work(asked.pk, seconds=0)
    with monkeypatch.context() as patch:
        killed_at(patch, messages[1])
        with pytest.raises(Killed):
            running.work(asked.pk, seconds=30)
    # Nobody takes it before the lease is over; the dispatcher rings for it then.
    assert not running.work(asked.pk)
    lease_is_over(asked)
    done = finish(asked)
    assert (done.state, done.done, done.counters["messages"], done.samples.count()) == ("done", 4, 4, 4)


def test_a_message_that_kills_every_worker_is_counted_unread(begin, hold_mail, alice, admin, monkeypatch):
    messages = [hold_mail(person=alice)[0].message_id for _ in range(5)]
    asked = begin()
    killed_at(monkeypatch, messages[2])
    for _worker in range(running.UNREAD_AFTER):
        with pytest.raises(Killed):
            running.work(asked.pk, seconds=30)
        lease_is_over(asked)
    done = finish(asked)
    assert (done.state, done.done) == ("done", 5)
    assert (done.counters["messages"], done.counters["not_inspected"]) == (5, 1)
    assert done.samples.count() == 5


def test_a_replay_that_gets_no_further_has_failed_and_says_so(begin, hold_mail, alice):
    hold_mail(person=alice)
    asked = begin()
    Replay.objects.filter(pk=asked.pk).update(attempts=running.FAILED_AFTER)
    running.work(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, bool(asked.problem["ja"]), asked.ended_at is None) == ("failed", True, False)


def test_a_draft_that_names_somebody_who_is_gone_meanwhile_fails_with_a_sentence(
    begin, hold_mail, alice, carol
):
    hold_mail(person=alice)
    named = [{"kind": "approval", "approvers": "persons", "persons": [carol.email], "deadline": "24h"}]
    asked = begin(draft(policy("named", EXTERNAL, actions=named)))
    carol.delete()
    running._Benches.last = None
    running.work(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, "person" in asked.problem["en"]) == ("failed", True)


def test_a_canceled_replay_keeps_what_it_has_and_is_done_no_more(begin, hold_mail, alice):
    for _ in range(3):
        hold_mail(person=alice)
    asked = begin()
    running.work(asked.pk, seconds=0)
    assert running.cancel(asked.pk)
    assert not running.cancel(asked.pk)
    assert not running.work(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.counters["messages"]) == ("canceled", 1, 1)


def test_a_slice_that_runs_when_it_is_canceled_keeps_nothing(begin, hold_mail, alice, monkeypatch):
    from approvals.replay import judging

    for _ in range(3):
        hold_mail(person=alice)
    asked, real = begin(), judging.judge

    def judge(*given):
        running.cancel(asked.pk)
        return real(*given)

    monkeypatch.setattr(judging, "judge", judge)
    assert not running.work(asked.pk, seconds=30)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.samples.count()) == ("canceled", 0, 0)


def test_the_lease_is_renewed_while_a_message_takes_long(begin):
    asked = begin()
    claimed = running._claim(asked.pk)
    lease_is_over(asked)
    assert running._renew(claimed.lease_token) == 1
    assert running._claim(asked.pk) is None
    assert running._renew(uuid4()) == 0


def test_a_replay_of_nothing_is_done_at_once(replay):
    done = replay()
    assert (done.state, done.total, done.counters["messages"]) == ("done", 0, 0)


def test_the_dispatcher_rings_for_replays_and_deletes_old_ones(begin, hold_mail, alice, now):
    from approvals import dispatcher

    hold_mail(person=alice)
    old, asked = finish(begin()), begin()
    OrmQ.objects.all().delete()
    Replay.objects.filter(pk=old.pk).update(ended_at=now - timedelta(days=400))
    Replay.objects.filter(pk=asked.pk).update(next_at=now - timedelta(days=1))
    dispatcher.tick(dispatcher.chores())
    # What was due of the mail came first.
    assert "approvals.tasks.replay" not in [ring.func() for ring in OrmQ.objects.all()]
    OrmQ.objects.all().delete()
    dispatcher.tick(dispatcher.chores())
    assert [ring.func() for ring in OrmQ.objects.all()] == ["approvals.tasks.replay"]
    assert list(Replay.objects.all()) == [asked]
    assert not ReplaySample.objects.exists()


def test_the_task_does_a_slice(begin, hold_mail, alice):
    from approvals import tasks

    hold_mail(person=alice)
    asked = begin()
    assert tasks.replay(str(asked.pk))
    asked.refresh_from_db()
    assert asked.done == 1


# --- nothing else is written --------------------------------------------------------------------------------------

ASKING_EVERYTHING = [
    policy("p1", {"kind": "first_mail", "choice": "company_address"}, actions=TO_MANAGER),
    policy("p2", {"kind": "look_alike"}),
    policy("p3", {"kind": "added_recipient"}),
    policy("p4", {"kind": "manager_missing"}),
    policy("p5", {"kind": "personal_data", "choice": "everywhere", "number": 1, "values": ["credit_card"]}),
    policy("p6", EXTERNAL, actions=[{"kind": "add_bcc", "address": "archive@example.test"}]),
    policy("p7", EXTERNAL, mode="watch"),
    policy("p8", ATTACHED, actions=[{"kind": "return_to_sender", "text": {"ja": "だめ", "en": "No"}}]),
]
OWN = {"approvals_replay", "approvals_replaysample"}


def test_asking_and_working_write_their_own_rows_one_event_and_nothing_else(begin, hold_mail, alice, bob):
    hold_mail(person=alice, attach="offer.pdf")
    hold_mail(person=alice, to=(COLLEAGUE, CLIENT))
    OrmQ.objects.all().delete()
    before, version = rows_besides(*OWN), current_version()
    asked = begin(draft(*ASKING_EVERYTHING), {"file": "draft.yaml"}, by_command=True)
    while asked.is_open:
        running.work(asked.pk, rings=False)
        asked.refresh_from_db()
    assert asked.counters["messages"] == 2
    after = rows_besides(*OWN)
    event = Event.objects.get(tag=Tag.POLICY_REPLAYED)
    assert {table for table in before if before[table] != after[table]} <= {"audit_event", "sqlite_sequence"}
    assert len(after["audit_event"]) == len(before["audit_event"]) + 1
    assert set(before["audit_event"]) < set(after["audit_event"])
    assert (event.actor, event.channel) == ("admin@example.test", "page")
    assert event.details == {"replay": str(asked.pk), "days": 7, "messages": 2, "file": "draft.yaml"}
    assert current_version() == version


def test_worked_off_by_rings_it_writes_to_the_queue_besides_and_no_more(begin, hold_mail, alice):
    hold_mail(person=alice)
    asked = begin(draft(*ASKING_EVERYTHING))
    before = rows_besides(*OWN, "django_q_ormq", "sqlite_sequence")
    assert finish(asked).state == "done"
    assert rows_besides(*OWN, "django_q_ormq", "sqlite_sequence") == before


def test_no_content_is_kept_in_the_rows_of_a_replay(replay, hold_mail, alice):
    hold_mail(person=alice, body="Nobody may read 4111 1111 1111 1111 here.\n", subject="Very private offer")
    done = replay(
        draft(
            policy(
                "card", {"kind": "personal_data", "choice": "both", "number": 1, "values": ["credit_card"]}
            )
        )
    )
    assert done.samples.exists()
    kept = json.dumps([*Replay.objects.values(), *ReplaySample.objects.values()], default=str)
    assert [part for part in ("Nobody may", "4111", "private") if part in kept] == []


def test_there_are_two_tables(db):
    models = {
        model._meta.db_table for model in apps.get_models() if model.__module__ == "approvals.replay.models"
    }
    assert models == OWN
