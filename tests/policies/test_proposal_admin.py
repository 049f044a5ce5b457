"""The change of the policies that waits, by real requests: who sees what, and what the buttons do."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Person
from policies import files, loading
from policies.models import Calendar, Policy, PolicyProposal, PolicyVersion, RecipientList
from policies.proposing import waiting_proposal
from policies.rows import stored_policies

BEFORE = """
format: 1
lists: [{name: partners, entries: [partner.example]}]
policies:
  - key: wait
    name: {ja: 待つ, en: Wait}
    priority: 10
    actions: [{kind: hold, for: 5m}]
  - key: later
    name: {ja: あと, en: Later}
    priority: 20
    actions: [{kind: hold, for: 1m}]
"""


def administrator(name, **fields):
    fields = {"is_staff": True, "is_superuser": True, "language": "en", **fields}
    return Person.objects.create_user(f"{name}@example.test", name=name.title(), **fields)


def browser_of(person):
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


@pytest.fixture
def ada(settings, db):
    settings.POLICY_SECOND_ADMINISTRATOR = True
    files.apply(BEFORE, Actor(channel="system"))
    return browser_of(administrator("ada"))


@pytest.fixture
def ben(db):
    return browser_of(administrator("ben"))


def listing(model):
    return reverse(f"admin:policies_{model}_changelist")


def page_of(proposal):
    return reverse("admin:policies_policyproposal_change", args=(proposal.pk,))


def act(browser, proposal, action, **fields):
    url = reverse("admin:policies_policyproposal_decide", args=(proposal.pk,))
    data = {"action": action, "edition": proposal.edition, **fields}
    return browser.post(url, data, follow=True).content.decode()


def move_up(browser, key="later"):
    pk = Policy.objects.get(key=key).pk
    browser.post(reverse("admin:policies_policy_move", args=(pk, "up")))
    return waiting_proposal()


def order_in_force():
    loading._Kept.current = None
    return [policy.key for policy in loading.policies_in_force().policies]


def delete(browser, model, *rows):
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    browser.post(listing(model), data)


def test_every_page_tells_whoever_may_agree_and_whoever_made_it(ada, ben):
    move_up(ada)
    for model in ("policy", "recipientlist", "calendar", "policyrules", "policyversion"):
        assert "1 change of the policies waits for you" in ben.get(listing(model)).content.decode()
        assert "waits for another administrator" in ada.get(listing(model)).content.decode()
    assert "1 change of the policies waits for you" in ben.get(reverse("admin:index")).content.decode()


def test_nobody_is_told_where_nothing_waits_or_it_is_not_his_to_see(ada, ben, alice):
    assert "change-waits" not in ben.get(reverse("admin:index")).content.decode()
    move_up(ada)
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    assert "change-waits" not in browser_of(alice).get(reverse("admin:index")).content.decode()


def test_the_start_page_tells_whoever_may_agree(ada, ben, alice):
    assert "A change of the policies" not in ben.get("/").content.decode()
    proposal = move_up(ada)
    assert page_of(proposal) in ben.get("/").content.decode()
    for other in (ada, browser_of(alice)):
        assert page_of(proposal) not in other.get("/").content.decode()


def test_the_page_shows_the_change_and_offers_each_what_he_may_do(ada, ben):
    proposal = move_up(ada)
    shown = ben.get(page_of(proposal)).content.decode()
    assert [part in shown for part in ("ada@example.test", "priority: 20", "priority: 10", "version 1")] == [
        True
    ] * 4
    offers = [f'value="{name}"' for name in ("agree", "refuse", "withdraw", "explain")]
    assert [offer in shown for offer in offers] == [True, True, False, False]
    shown = ada.get(page_of(proposal)).content.decode()
    assert [offer in shown for offer in offers] == [False, False, True, True]


def test_agreeing_puts_it_in_force(ada, ben):
    proposal = move_up(ada)
    assert order_in_force() == ["wait", "later"]
    assert "in force as version 2" in act(ben, proposal, "agree", comment="fine")
    assert order_in_force() == ["later", "wait"]
    version = PolicyVersion.objects.get(number=2)
    assert (version.made_by, version.agreed_by) == ("ada@example.test", "ben@example.test")
    shown = ben.get(listing("policyversion")).content.decode()
    assert [part in shown for part in ("ada@example.test", "ben@example.test", "priority: 10")] == [True] * 3
    shown = ben.get(page_of(proposal)).content.decode()
    assert [part in shown for part in ("agreed", "fine", 'value="agree"')] == [True, True, False]


def test_whoever_made_it_cannot_agree_by_a_made_up_request(ada):
    proposal = move_up(ada)
    assert "another administrator must agree" in act(ada, proposal, "agree")
    assert order_in_force() == ["wait", "later"]


def test_agreeing_to_something_older_than_what_waits_does_nothing(ada, ben):
    seen = move_up(ada)
    delete(ada, "policy", Policy.objects.get(key="wait"))
    assert "not what you saw" in act(ben, seen, "agree")
    assert order_in_force() == ["wait", "later"]


def test_refusing_asks_why_and_puts_back_what_is_in_force(ada, ben):
    proposal = move_up(ada)
    assert "Please say why" in act(ben, proposal, "refuse")
    assert waiting_proposal() is not None
    assert "refused" in act(ben, proposal, "refuse", comment="Partners first.")
    assert [policy.key for policy in stored_policies()] == ["wait", "later"]
    shown = ada.get(page_of(proposal)).content.decode()
    assert [part in shown for part in ("Partners first.", 'value="again"')] == [True, True]
    assert "made again" in act(ada, proposal, "again")
    assert [policy.key for policy in stored_policies()] == ["later", "wait"]
    assert order_in_force() == ["wait", "later"]


def test_saying_why_and_withdrawing(ada, ben):
    proposal = move_up(ada)
    act(ada, proposal, "explain", why="As decided on Monday.")
    assert Event.objects.filter(tag=Tag.POLICY_PROPOSED).latest("pk").details["explained"] is True
    assert "As decided on Monday." in ben.get(page_of(proposal)).content.decode()
    assert "Only an active administrator" in act(ben, proposal, "explain", why="No.")
    assert "withdrawn" in act(ada, proposal, "withdraw")
    assert [policy.key for policy in stored_policies()] == ["wait", "later"]


def test_lists_calendars_rules_and_deleting_wait_too(ada):
    ada.post(reverse("admin:policies_recipientlist_add"), {"name": "new", "entries": "new.example"})
    assert RecipientList.objects.filter(name="new").exists()
    ada.post(
        reverse("admin:policies_calendar_add"),
        {"name": "office", "time_zone": "Asia/Tokyo", "closed_days": ""},
    )
    assert Calendar.objects.exists()
    rules = {"first_only": "on", "wait": 1, "check_points": 2, "peer": 3, "manager": 4}
    ada.post(reverse("admin:policies_policyrules_add"), rules)
    delete(ada, "policy", Policy.objects.get(key="wait"))
    delete(ada, "recipientlist", RecipientList.objects.get(name="partners"))
    proposal = waiting_proposal()
    assert (proposal.edition, PolicyProposal.objects.count(), loading.current_version()) == (5, 1, 1)
    assert order_in_force() == ["wait", "later"]
    reference = loading.policies_in_force().reference
    assert (set(reference.lists), set(reference.calendars), reference.rules) == ({"partners"}, set(), None)


def test_going_back_on_the_page_waits_and_says_so(settings, ada, ben):
    act(ben, move_up(ada), "agree")
    first = PolicyVersion.objects.get(number=1)
    url = reverse("admin:policies_policyversion_roll_back", args=(first.pk,))
    asked = ada.get(url).content.decode()
    assert [part in asked for part in ("priority: 10", "priority: 20")] == [True, True]
    assert "waits for another administrator" in ada.post(url, follow=True).content.decode()
    assert (order_in_force(), loading.current_version()) == (["later", "wait"], 2)


def test_strangers_and_senders_decide_nothing(ada, client, mallory):
    proposal = move_up(ada)
    url = reverse("admin:policies_policyproposal_decide", args=(proposal.pk,))
    for browser in (client, browser_of(mallory)):
        response = browser.post(url, {"action": "agree", "edition": 1})
        assert response.status_code == 302
        assert "login" in response["Location"]
    Person.objects.filter(pk=mallory.pk).update(is_staff=True)
    for path in (page_of(proposal), url):
        method = browser_of(mallory).get if path == page_of(proposal) else browser_of(mallory).post
        assert method(path, {"action": "agree", "edition": 1}).status_code == 403
    assert waiting_proposal() is not None


@pytest.mark.parametrize("edition", ["", "x", "-1", "999999999999999999999"])
def test_an_edition_that_is_none_is_not_the_one_that_was_seen(ada, ben, edition):
    proposal = move_up(ada)
    url = reverse("admin:policies_policyproposal_decide", args=(proposal.pk,))
    assert ben.get(url).status_code == 405
    assert ben.post(url, {"action": "dance"}).status_code == 403
    ben.post(url, {"action": "agree", "edition": edition})
    assert waiting_proposal() is not None


def test_two_who_both_had_a_part_are_told_what_to_do(ada, ben):
    move_up(ada)
    delete(ben, "policy", Policy.objects.get(key="wait"))
    shown = ben.get(page_of(waiting_proposal())).content.decode()
    assert ["withdraw it, and let one of you" in shown, 'value="agree"' in shown] == [True, False]


def test_with_the_setting_off_the_page_says_that_any_administrator_may_decide(ada, settings):
    proposal = move_up(ada)
    settings.POLICY_SECOND_ADMINISTRATOR = False
    assert "is not asked for any more" in ada.get(page_of(proposal)).content.decode()
    assert "in force as version 2" in act(ada, proposal, "agree")


def test_everything_is_said_in_japanese_too(ada, ben):
    proposal = move_up(ada)
    Person.objects.filter(email="ben@example.test").update(language="ja")
    japanese = Client(headers={"accept-language": "ja"})
    japanese.force_login(Person.objects.get(email="ben@example.test"))
    with translation.override("ja"):
        shown = japanese.get(page_of(proposal)).content.decode()
        assert [part in shown for part in ("同意して有効にする", "却下する", "優先順位: 10")] == [True] * 3
        assert "あなたの同意を待っています" in japanese.get(reverse("admin:index")).content.decode()


def test_a_change_on_a_page_waits_although_nothing_was_prepared_since_an_upgrade(ada):
    PolicyVersion.objects.update(frozen="", changes=None)
    assert move_up(ada) is not None
    assert order_in_force() == ["wait", "later"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "The policies were not changed",
                "Run “mailhold init” once on the server",
                "Nothing was changed.",
            ),
        ),
        (
            "ja",
            (
                "ポリシーは変更されませんでした",
                "サーバーで「mailhold init」を1回実行して",
                "何も変更していません",
            ),
        ),
    ],
)
def test_a_change_that_is_refused_on_a_page_says_why_and_what_to_do(language, words, ada, monkeypatch):
    Person.objects.update(language=language)
    PolicyVersion.objects.update(frozen="")
    monkeypatch.setattr("policies.moving.lock_policies", lambda: None)
    pk = Policy.objects.get(key="later").pk
    response = ada.post(reverse("admin:policies_policy_move", args=(pk, "up")))
    page = response.content.decode()
    assert response.status_code == 409
    assert [word in page for word in words] == [True] * len(words)
    assert listing("policy") in page
    assert [policy.key for policy in Policy.objects.order_by("priority")] == ["wait", "later"]


def test_other_errors_of_a_page_are_not_taken_for_a_refusal(ada, monkeypatch):
    def broken():
        raise LookupError("a defect")

    monkeypatch.setattr("policies.moving.lock_policies", broken)
    pk = Policy.objects.get(key="later").pk
    with pytest.raises(LookupError):
        ada.post(reverse("admin:policies_policy_move", args=(pk, "up")))
