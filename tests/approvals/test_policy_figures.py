"""Figures of policies: counted from real mail, shown to administrators and printed by the command."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import deactivate
from statements import counted_statements

from approvals.counting import day_of
from approvals.flows import cancel, decide, expire
from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.models import Hold, MailCount, PolicyMatch
from approvals.noise import Noise
from approvals.policy_detail import Asked, Detail
from approvals.policy_figures import overview, records_of, span_of
from policies.loading import policies_in_force
from policies.models import Policy, PolicyVersion

PAGE = "/policies/figures/"
OUT, IN = "customer@client.example", "bob@example.test"
MANAGER = """
format: 1
policies:
  - key: manager
    name: {ja: 上長, en: Manager decides}
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
"""
WATCHED = """
  - key: watched
    name: {ja: 見るだけ, en: Would ask the manager}
    mode: watch
    conditions: [{kind: words, choice: body, values: [secret]}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
"""


@pytest.fixture
def at(now):
    """Now, for figures of mail that the fixtures accept at NOW."""
    return now


@pytest.fixture
def line(at):
    """The line of one policy, by its key."""

    def line(key, days=30, moment=None):
        moment = moment or at
        found = overview(policies_in_force().policies, span_of(days, moment), moment)
        return next(each for each in found.lines if each.policy.key == key)

    return line


@pytest.fixture
def detail(at):
    def detail(key, days=30):
        policy = next(each for each in policies_in_force().policies if each.key == key)
        return Detail(policy, span_of(days, at))

    return detail


def long_ago(policies_at):
    """Let all policies be in force, and mail be counted, for a year."""
    PolicyVersion.objects.update(made_at=policies_at - timedelta(days=365))
    MailCount.objects.create(day=day_of(policies_at) - timedelta(days=365), messages=1)


def more_matches(hold, number, **values):
    """Write `number` further matches like the only one of `hold`, as if of as many messages."""
    match = PolicyMatch.objects.get(hold=hold)
    for _ in range(number):
        copy = Hold.objects.get(pk=hold.pk)
        copy.pk = None
        copy.id = Hold._meta.pk.get_default()
        copy.save(force_insert=True)
        PolicyMatch.objects.create(
            **{
                "hold": copy,
                "policy_id": match.policy_id,
                "day": match.day,
                "watched": match.watched,
                "counts": True,
                "outcome": match.outcome,
                "effect": match.effect,
                **values,
            }
        )


def test_a_line_counts_messages_that_match_and_what_was_decided(
    policies, one_hold, alice, bob, actor, later, line
):
    policies(MANAGER)
    approved, rejected, waiting = (one_hold(person=alice) for _ in range(3))
    one_hold(person=alice, to=(IN,))
    decide.approve(approved.pk, approved.revision_id, bob, actor(bob), later(60))
    decide.reject(rejected.pk, rejected.revision_id, bob, actor(bob), later(60), reason="", comment="")
    found = line("manager")
    assert (found.matched, found.kept, found.alone, found.approved, found.rejected) == (3, 3, 3, 1, 1)
    assert waiting.state == "held"


def test_a_decision_that_was_taken_back_does_not_count(policies, one_hold, alice, bob, actor, later, line):
    policies(MANAGER)
    hold = one_hold(person=alice)
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(60))
    decide.undo(hold.pk, bob, actor(bob), later(70))
    assert line("manager").approved == 0


def test_only_the_days_of_the_span_count(policies, one_hold, alice, at, line):
    policies(MANAGER)
    one_hold(person=alice)
    assert line("manager", 7, at + timedelta(days=6)).matched == 1
    assert line("manager", 7, at + timedelta(days=7)).matched == 0


def test_matches_of_the_time_when_a_policy_only_watched_are_not_those_of_its_acts(
    policies, one_hold, alice, line
):
    policies(MANAGER.replace("key: manager", "key: manager\n    mode: watch"))
    one_hold(person=alice)
    assert (line("manager").matched, line("manager").kept) == (1, 1)
    policies(MANAGER)
    assert line("manager").matched == 0


def test_each_day_has_its_messages_and_matches(policies, one_hold, alice, at, detail):
    policies(MANAGER)
    one_hold(person=alice)
    one_hold(person=alice, to=(IN,))
    today, yesterday = detail("manager", 7).days()[:2]
    assert (today.date, today.messages, today.matched, today.kept, today.in_fact) == (day_of(at), 2, 1, 1, 0)
    assert (yesterday.date, yesterday.messages) == (day_of(at) - timedelta(days=1), 0)


def test_what_became_of_mail_is_counted_for_each_end(
    policies, one_hold, alice, bob, actor, now, later, detail
):
    policies(MANAGER)
    canceled, expired, changed, approved = (one_hold(person=alice) for _ in range(4))
    cancel.cancel(canceled.pk, alice, actor(alice), later(1))
    edit(changed.pk, changed.revision_id, Change(subject="Other"), bob, actor(bob), later(1))
    assert rescreen(changed.pk, later(2))
    decide.approve(approved.pk, approved.revision_id, bob, actor(bob), later(60))
    Hold.objects.filter(pk=expired.pk).update(deadline_at=now)
    assert expire.expire_due(later(3)) == 1
    ends = detail("manager").ends()
    assert (ends.approved, ends.rejected, ends.changed, ends.canceled, ends.expired) == (1, 0, 1, 1, 1)
    assert ends.waiting == 2  # the approved one for its undo, the changed one for its sender
    (decider,) = detail("manager").deciders()
    assert (decider.person, decider.approved, decider.changed, decider.expired) == (str(bob), 1, 1, 1)


@pytest.mark.parametrize(("seconds", "median"), [((60,), 60), ((60, 120), 90), ((30, 600, 90), 90)])
def test_the_median_is_that_of_the_time_from_the_hold_to_the_decision(
    policies, one_hold, alice, bob, actor, later, detail, seconds, median
):
    policies(MANAGER)
    for after in seconds:
        hold = one_hold(person=alice)
        decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(after))
    assert detail("manager").deciders()[0].median_seconds == pytest.approx(median, abs=0.01)


def test_a_policy_that_only_watches_has_what_would_be_beside_what_was(policies, one_hold, alice, bob, detail):
    policies(MANAGER.replace("choice: external", "choice: internal") + WATCHED)
    one_hold(person=alice, body="secret\n")
    one_hold(person=alice, body="secret\n", to=(IN,))
    one_hold(person=alice, body="nothing\n")
    totals = detail("watched").totals()
    assert (totals.matched, totals.kept, totals.in_fact, totals.alone, totals.no_effect) == (2, 2, 1, 1, 1)
    assert detail("watched").asked() == (Asked(person=str(bob), would=2, in_fact=1),)


def test_the_newest_mail_of_each_effect_is_shown(policies, one_hold, alice, detail):
    policies(MANAGER)
    holds = [one_hold(person=alice) for _ in range(7)]
    (group,) = detail("manager").groups()
    assert (group.effect, group.count) == (PolicyMatch.Effect.KEEPS, 7)
    assert list(group.hold_ids) == sorted((hold.pk for hold in holds), reverse=True)[:5]


# --- noise ---------------------------------------------------------------------------------------------------------


def test_a_policy_that_no_mail_matches_is_noise_after_a_month(policies, one_hold, alice, at, line):
    policies(MANAGER)
    one_hold(person=alice, to=(IN,))
    MailCount.objects.create(day=day_of(at) - timedelta(days=3), messages=199)
    assert line("manager").noise == ()
    long_ago(at)
    assert line("manager").noise == (Noise.NEVER,)
    Policy.objects.filter(key="manager").update(enabled=False)
    PolicyVersion.objects.all().delete()
    assert line("manager").noise == ()


def test_mail_of_others_says_nothing_of_a_policy_for_some(policies, one_hold, alice, bob, at, line):
    policies(MANAGER.replace("key: manager", "key: manager\n    scope: {people: [bob@example.test]}"))
    one_hold(person=alice)
    MailCount.objects.create(day=day_of(at) - timedelta(days=3), messages=500)
    long_ago(at)
    assert line("manager").noise == ()
    assert line("manager").record.messages == 0
    one_hold(person=bob, sender="bob@example.test", to=(IN,))
    assert line("manager").record.messages == 1


def test_a_policy_whose_conditions_every_message_meets_is_noise(policies, one_hold, alice, at, line):
    policies(MANAGER)
    hold = one_hold(person=alice)
    MailCount.objects.create(day=day_of(at), messages=99)
    more_matches(hold, 99, outcome=PolicyMatch.Outcome.WAITS)
    long_ago(at)
    assert line("manager").noise == (Noise.ALWAYS,)
    Hold.objects.filter(recipient_links__isnull=True).delete()


def test_a_policy_that_is_always_approved_is_noise_until_somebody_says_no(
    policies, one_hold, alice, bob, actor, at, later, line
):
    policies(MANAGER)
    MailCount.objects.create(day=day_of(at), messages=100)
    long_ago(at)
    for _ in range(20):
        hold = one_hold(person=alice)
        decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(60))
    assert line("manager").noise == (Noise.APPROVED,)
    hold = one_hold(person=alice)
    decide.reject(hold.pk, hold.revision_id, bob, actor(bob), later(60), reason="", comment="")
    assert line("manager").noise == ()


def test_a_policy_beside_one_that_asks_for_as_much_changes_nothing(policies, one_hold, alice, at, line):
    policies(MANAGER + MANAGER.partition("policies:")[2].replace("key: manager", "key: again"))
    MailCount.objects.create(day=day_of(at), messages=500)
    long_ago(at)
    for _ in range(20):
        one_hold(person=alice)
    assert (line("manager").noise, line("again").noise) == ((Noise.NO_EFFECT,), (Noise.NO_EFFECT,))


def test_a_policy_that_only_watches_for_a_month_is_forgotten(policies, one_hold, alice, at, line):
    policies(MANAGER + WATCHED)
    one_hold(person=alice, body="secret\n")
    assert line("watched").noise == ()
    long_ago(at)
    assert line("watched").noise == (Noise.FORGOTTEN,)


def test_nothing_is_known_before_mail_was_counted(policies, at):
    policies(MANAGER)
    assert records_of(policies_in_force().policies, at) == {}


# --- pages and command ---------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def today():
    """Make what was counted be of today, whatever day it is."""

    def today():
        PolicyMatch.objects.update(day=day_of(timezone.now()))
        MailCount.objects.update(day=day_of(timezone.now()))

    return today


def address(key):
    return reverse("approvals:policy_figures_of", args=[Policy.objects.get(key=key).pk])


def test_the_page_shows_a_line_for_each_policy(page, policies, one_hold, alice, today):
    one_hold(person=alice)
    today()
    text = page.get(PAGE).content.decode()
    lines = page.get(PAGE).context["lines"]
    assert [(each["counts"].policy.key, each["counts"].matched, each["share"]) for each in lines] == [
        ("external-wait", 1, 100.0),
        ("external-attachment", 0, 0.0),
    ]
    assert [part in text for part in ("In the last 30 days 1 messages came", "100.0 %", "5 minutes")] == [
        True
    ] * 3


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("90", 90), ("8", 30), ("x", 30), ("²", 30)])
def test_the_page_can_show_more_days_and_fewer(page, policies, asked, days):
    assert page.get(PAGE, {"days": asked}).context["days"] == days


def test_the_page_of_a_policy_shows_who_decided_and_leads_to_the_mail(
    page, policies, one_hold, alice, bob, actor, later, today
):
    policies(MANAGER)
    hold = one_hold(person=alice)
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(90))
    today()
    text = page.get(address("manager")).content.decode()
    assert [
        part in text
        for part in (
            str(bob),
            "90 seconds",
            reverse("approvals:message", args=[hold.pk]),
            "Held only because of it",
        )
    ] == [True, False, True, True]
    assert "1 minute 30 seconds" in text


def test_the_page_of_a_policy_that_only_watches_has_the_figures_of_a_replay(
    page, policies, one_hold, alice, today
):
    policies(MANAGER.replace("choice: external", "choice: internal") + WATCHED)
    hold = one_hold(person=alice, body="secret\n")
    today()
    response = page.get(address("watched"))
    text = response.content.decode()
    assert response.context["figures"].held == 1
    assert response.context["figures"].in_fact == 0
    assert [
        part in text for part in ("Would be held", "Newly held", str(hold.pk), "the manager must approve")
    ] == [True] * 4


def test_the_page_says_why_a_policy_is_noise_and_what_to_do(page, policies, one_hold, alice):
    policies(MANAGER)
    long_ago(timezone.now())
    MailCount.objects.create(day=day_of(timezone.now()), messages=300)
    for path in (PAGE, address("manager")):
        text = page.get(path).content.decode()
        assert "never matches" in text
        assert "None of the 300 messages" in text
        assert "switch it off" in text


def test_the_pages_speak_japanese(page, policies, one_hold, alice, admin, today):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")
    one_hold(person=alice)
    today()
    assert "ポリシーの実績" in page.get(PAGE).content.decode()
    assert "このポリシーだけの理由で保留" in page.get(address("external-wait")).content.decode()


def test_the_pages_are_for_administrators(client, policies, alice):
    paths = (PAGE, address("external-wait"))
    assert [client.get(path).status_code for path in paths] == [302, 302]
    client.force_login(alice)
    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_a_policy_that_is_not_there_has_no_page(page, policies):
    assert page.get(f"{PAGE}999999/").status_code == 404
    assert page.post(PAGE).status_code == 405


def test_the_list_of_policies_leads_to_the_figures(page, policies):
    assert f'href="{PAGE}"' in page.get(reverse("admin:policies_policy_changelist")).content.decode()


def test_the_list_costs_the_same_for_many_policies(page, policies, one_hold, alice, today):
    one_hold(person=alice)
    today()
    page.get(PAGE)
    with counted_statements() as few:
        page.get(PAGE)
    policies(MANAGER + "".join(WATCHED.replace("key: watched", f"key: w{number}") for number in range(20)))
    page.get(PAGE)
    with counted_statements() as many:
        page.get(PAGE)
    assert len(many) <= len(few)


def run(*arguments):
    out = io.StringIO()
    deactivate()
    call_command("policy", "figures", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_figures(policies, one_hold, alice, today, settings):
    settings.LANGUAGE_CODE = "en"
    one_hold(person=alice)
    today()
    text = run("--days", "7")
    assert "Messages of the last 7 days: 1" in text
    assert "matched 1, held 1, 1 of them only because of it; approved 0, rejected 0" in text
    found = json.loads(run("--json"))
    assert (found["days"], found["messages"]) == (30, 1)
    assert [(each["key"], each["matched"], each["held"], each["noise"]) for each in found["policies"]] == [
        ("external-wait", 1, 1, []),
        ("external-attachment", 0, 0, []),
    ]


@pytest.mark.parametrize("days", ["0", "367", "x"])
def test_the_command_refuses_other_numbers_of_days(policies, days):
    with pytest.raises(CommandError):
        run("--days", days)
