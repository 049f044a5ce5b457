"""The list of policies in the administration says which are noise, and leads to the figures that say why."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from statements import counted_statements

from approvals.counting import day_of
from approvals.flows import decide
from approvals.flows.screen import screen
from approvals.models import Hold, MailCount, PolicyMatch
from approvals.policy_admin import remarks_in_force
from approvals.policy_figures import records_of
from mailhold.directory.models import Department
from policies.loading import policies_in_force
from policies.models import Policy, PolicyVersion

pytestmark = pytest.mark.django_db

LIST = "/admin/policies/policy/"
HEAD = "format: 1\npolicies:\n"


def manager(key, more="    conditions: [{kind: recipient_is, choice: external}]\n"):
    return (
        f"  - key: {key}\n    name: {{ja: 上長{key}, en: Manager {key}}}\n{more}"
        "    actions: [{kind: approval, approvers: manager, deadline: 24h}]\n"
    )


def for_people(key, scope):
    return manager(key, f"    scope: {scope}\n")


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def month(policies):
    """Put policies in force for a year, with so many messages of today."""

    def month(text, messages=300, at=None):
        policies(HEAD + text)
        at = at or timezone.now()
        PolicyVersion.objects.update(made_at=at - timedelta(days=365))
        MailCount.objects.create(day=day_of(at) - timedelta(days=365), messages=1)
        MailCount.objects.create(day=day_of(at), messages=messages)

    return month


def shown(page):
    return page.get(LIST).content.decode()


def figures_of(key):
    return reverse("approvals:policy_figures_of", args=[Policy.objects.get(key=key).pk])


def test_a_policy_that_never_matches_has_its_badge_which_leads_to_its_figures(page, month):
    month(manager("rare"))
    text = shown(page)
    assert f'<a class="noise-badge" href="{figures_of("rare")}"' in text
    assert ">never matches</a>" in text
    assert page.get(figures_of("rare")).status_code == 200


def test_the_badge_is_in_japanese_for_those_who_read_it(page, month, admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")
    month(manager("rare"))
    assert ">一致なし</a>" in shown(page)


def test_a_policy_of_which_nothing_is_to_be_said_has_none(page, month):
    month(manager("rare"), messages=150)
    assert "Manager rare" in shown(page)
    assert "noise-badge" not in shown(page)


def test_only_the_policy_that_is_noise_has_the_badge(page, month, one_hold, alice, now):
    month(manager("rare") + manager("used"))
    hold = one_hold(person=alice)
    PolicyMatch.objects.filter(policy_id=Policy.objects.get(key="rare").pk).delete()
    PolicyMatch.objects.filter(hold=hold).update(day=day_of(timezone.now()))
    text = shown(page)
    assert text.count("noise-badge ") + text.count('"noise-badge"') == 1
    assert figures_of("rare") in text
    assert figures_of("used") not in text


def test_a_policy_that_only_waits_for_a_second_administrator_has_none(page, month, policies, settings):
    month(manager("rare"))
    settings.POLICY_SECOND_ADMINISTRATOR = True
    policies(HEAD + manager("rare") + manager("new"))
    text = shown(page)
    assert "Manager new" in text
    assert text.count('"noise-badge"') == 1


def test_search_and_filter_of_the_list_still_work(page, month):
    month(manager("rare") + manager("other"))
    text = page.get(LIST, {"q": "rare"}).content.decode()
    assert "Manager rare" in text
    assert "Manager other" not in text
    assert page.get(LIST, {"q": "nothing is called so"}).status_code == 200
    assert page.get(LIST, {"enabled__exact": "0"}).status_code == 200


def test_policies_are_still_moved_and_deleted_in_it(page, month):
    month(manager("a") + manager("b"))
    last = Policy.objects.get(key="b").pk
    page.post(reverse("admin:policies_policy_move", args=(last, "up")))
    assert [each.key for each in Policy.objects.order_by("priority", "id")] == ["b", "a"]
    data = {"action": "delete_selected", "_selected_action": [last], "post": "yes"}
    assert page.post(LIST, data).status_code == 302
    assert [each.key for each in Policy.objects.all()] == ["a"]


def test_the_list_costs_the_same_for_any_number_of_policies(
    page, month, policies, one_hold, alice, bob, actor, later
):
    sales = Department.objects.create(name="Sales")
    type(alice).objects.filter(pk=alice.pk).update(department=sales)

    def many(number):
        return "".join(
            manager(f"m{i}", "")
            + for_people(f"p{i}", "{people: [bob@example.test]}")
            + for_people(f"d{i}", "{departments: [Sales]}")
            for i in range(number)
        )

    month(many(1))
    for _ in range(21):
        hold = one_hold(person=alice)
        decide.approve(hold.pk, hold.revision_id, bob, actor(bob), later(60))
    PolicyMatch.objects.update(day=day_of(timezone.now()))
    page.get(LIST)
    cache.clear()
    with counted_statements() as few:
        page.get(LIST)
    month(many(10))
    rows = [
        PolicyMatch(
            hold_id=each.hold_id,
            policy_id=policy.pk,
            day=each.day,
            watched=False,
            counts=True,
            outcome=2,
            effect=0,
        )
        for each in PolicyMatch.objects.filter(policy_id=Policy.objects.get(key="m0").pk)
        for policy in Policy.objects.filter(key__startswith="m").exclude(key="m0")
    ]
    PolicyMatch.objects.bulk_create(rows)
    page.get(LIST)
    cache.clear()
    with counted_statements() as more:
        page.get(LIST)
    assert "always approved" in shown(page)
    assert len(more) <= len(few)


def test_people_and_departments_below_are_those_whom_a_policy_is_for(month, one_hold, alice, bob, carol, now):
    sales = Department.objects.create(name="Sales")
    east = Department.objects.create(name="East", parent=sales)
    type(alice).objects.filter(pk=alice.pk).update(department=east)
    type(bob).objects.filter(pk=bob.pk).update(department=sales)
    month(
        for_people("sales", "{departments: [Sales]}")
        + for_people("both", "{people: [carol@example.test], departments: [East]}"),
        at=now,
    )
    for person in (alice, bob, carol):
        one_hold(person=person, sender=person.email)
    PolicyMatch.objects.all().delete()
    found = records_of(policies_in_force().policies, now)
    assert {Policy.objects.get(pk=pk).key: record.messages for pk, record in found.items()} == {
        "sales": 2,
        "both": 2,
    }


def test_a_message_with_several_holds_counts_once(month, accept, alice, now):
    month(for_people("own", "{people: [alice@example.test]}"), at=now)
    screen([accept(person=alice)], now)
    copy = Hold.objects.get()
    copy.pk = copy.id = Hold._meta.pk.get_default()
    copy.save(force_insert=True)
    PolicyMatch.objects.all().delete()
    (record,) = records_of(policies_in_force().policies, now).values()
    assert record.messages == 1
    Hold.objects.filter(recipient_links__isnull=True).delete()


def test_what_was_counted_is_kept_for_a_while_until_the_policies_or_the_day_are_others(month, policies, now):
    month(manager("rare"), at=now)
    with counted_statements() as first:
        assert [each.code for found in remarks_in_force(now).values() for each in found] == ["never"]
    with counted_statements() as again:
        assert [each.code for found in remarks_in_force(now).values() for each in found] == ["never"]
    assert len(again) < len(first)
    MailCount.objects.all().delete()
    assert remarks_in_force(now) != {}
    assert remarks_in_force(now + timedelta(days=1)) == {}
    policies(HEAD + manager("other"))
    assert remarks_in_force(now) == {}


def test_nothing_is_said_before_mail_was_counted(policies):
    policies(HEAD + manager("rare"))
    assert remarks_in_force(timezone.now()) == {}
