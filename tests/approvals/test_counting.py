"""What screening writes down for the figures of policies."""

from datetime import date

import pytest

from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.flows.screen import screen
from approvals.models import Hold, MailCount, PolicyMatch
from mailhold.mailstore.models import Message, Recipient, SealedContent
from policies.models import Policy

Outcome, Effect = PolicyMatch.Outcome, PolicyMatch.Effect
OUT, IN = "customer@client.example", "bob@example.test"

WATCHING = """
format: 1
policies:
  - key: wait
    name: {ja: 待つ, en: Wait}
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: hold, for: 5m}]
  - key: return
    name: {ja: 戻す, en: Return}
    mode: watch
    conditions: [{kind: words, choice: body, values: [secret]}]
    actions: [{kind: return_to_sender, text: {ja: 不可, en: "No"}}]
"""

ENDING = """
format: 1
policies:
  - key: partners
    name: {ja: 取引先, en: Partners}
    priority: 1
    conditions: [{kind: recipient_domain, values: [partner.example]}]
    actions: [{kind: send_now}]
    stop: true
  - key: wait
    name: {ja: 待つ, en: Wait}
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: hold, for: 5m}]
"""


@pytest.fixture
def found():
    """The rows, as (key of the policy, watched, counts, outcome, effect)."""

    def found():
        keys = dict(Policy.objects.values_list("pk", "key"))
        rows = PolicyMatch.objects.order_by("policy_id", "-counts", "hold_id")
        return [
            (keys[row.policy_id], row.watched, row.counts, Outcome(row.outcome), Effect(row.effect))
            for row in rows
        ]

    return found


def test_each_policy_that_matches_has_a_row_with_what_it_changes(one_hold, alice, found):
    hold = one_hold(person=alice, attach="offer.pdf")
    assert found() == [
        ("external-wait", False, True, Outcome.APPROVAL, Effect.CHANGES),
        ("external-attachment", False, True, Outcome.APPROVAL, Effect.CHANGES),
    ]
    assert {row.hold_id for row in PolicyMatch.objects.all()} == {hold.pk}


def test_what_would_leave_without_a_policy_is_kept_by_it_alone(one_hold, alice, found):
    one_hold(person=alice)
    assert found() == [("external-wait", False, True, Outcome.WAITS, Effect.KEEPS)]


def test_a_policy_that_only_watches_has_what_would_be(one_hold, alice, policies, found):
    policies(WATCHING)
    one_hold(person=alice, to=(IN,), body="secret\n")
    one_hold(person=alice, to=(OUT,), body="secret\n")
    assert sorted(found()) == [
        ("return", True, True, Outcome.RETURNED, Effect.CHANGES),
        ("return", True, True, Outcome.RETURNED, Effect.KEEPS),
        ("wait", False, True, Outcome.WAITS, Effect.KEEPS),
    ]


def test_a_message_is_counted_once_by_its_strictest_hold(hold_mail, alice, policies):
    policies(WATCHING)
    internal, external = hold_mail(person=alice, to=(IN, OUT), body="secret\n")
    rows = PolicyMatch.objects.filter(watched=True)
    # Both copies would be returned. One of them is kept in fact, so the message would not leave untouched anyhow.
    assert {row.hold_id for row in rows} == {internal.pk, external.pk}
    assert [Effect(row.effect) for row in rows if row.counts] == [Effect.CHANGES]


def test_a_policy_after_which_none_is_asked_says_so(one_hold, alice, policies, found):
    policies(ENDING)
    one_hold(person=alice, to=("a@partner.example",))
    assert found() == [("partners", False, True, Outcome.SENT, Effect.ENDS)]


@pytest.mark.parametrize(("zone", "day"), [("Asia/Tokyo", 24), ("Pacific/Honolulu", 23)])
def test_the_day_is_that_of_the_installation(one_hold, alice, settings, zone, day):
    # It is 2:00 UTC on the 24th.
    settings.TIME_ZONE = zone
    one_hold(person=alice)
    assert PolicyMatch.objects.get().day == MailCount.objects.get().day == date(2026, 11, day)


def test_mail_is_counted_once_for_all_that_is_screened_together(accept, alice, now):
    ids = [accept(person=alice), accept(person=alice, to=(IN,))]
    screen(ids, now)
    assert [count.messages for count in MailCount.objects.all()] == [2]


def test_unreadable_mail_is_counted_and_matches_no_policy(accept, alice, now):
    message_id = accept(person=alice)
    SealedContent.objects.update(sealed=b"damaged" * 20)
    screen([message_id], now)
    assert (MailCount.objects.get().messages, PolicyMatch.objects.count()) == (1, 0)


def test_what_matched_before_an_edit_stays_and_nothing_is_counted_twice(
    needs_manager, alice, actor, later, found
):
    before = found()
    change = Change(subject="Better offer", drop_attachments=(0,))
    edit(needs_manager.pk, needs_manager.revision_id, change, alice, actor(alice), later(60))
    assert rescreen(needs_manager.pk, later(61))
    assert found() == before
    assert MailCount.objects.get().messages == 1


def test_a_policy_that_an_edit_makes_match_is_counted_from_then_on(
    one_hold, alice, policies, actor, later, found
):
    policies(WATCHING)
    hold = one_hold(person=alice)
    edit(hold.pk, hold.revision_id, Change(body="secret"), alice, actor(alice), later(60))
    assert rescreen(hold.pk, later(61))
    assert found() == [
        ("wait", False, True, Outcome.WAITS, Effect.KEEPS),
        ("return", True, True, Outcome.RETURNED, Effect.CHANGES),
    ]


def test_matches_go_with_their_hold(one_hold, alice):
    hold = one_hold(person=alice)
    hold.notices.all().delete()
    hold.recipient_links.all().delete()
    Hold.objects.filter(pk=hold.pk).delete()
    assert not PolicyMatch.objects.exists()
    Recipient.objects.update(status=Recipient.Status.RECEIVED)
    Message.objects.update(status=Message.Status.RECEIVED)
