"""The version of the policies that judged a mail stands on its page, in the record and in the API; administrators read it."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from audit.models import Event
from audit.tags import Tag
from mailhold.directory import api_keys
from mailhold.directory.models import Person
from policies import files, loading
from policies.models import PolicyVersion
from policies.proposing import waiting_proposal

ASK = """
format: 1
policies:
  - key: ask
    name: {ja: 承認, en: Approval}
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
"""


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(loading._Kept, "current", None)


@pytest.fixture
def browser():
    def browser(person):
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        return client

    return browser


def version_url(number):
    pk = PolicyVersion.objects.get(number=number).pk
    return reverse("admin:policies_policyversion_change", args=(pk,))


def page_of(hold):
    return reverse("approvals:message", args=(hold.pk,))


def test_a_mails_page_leads_administrators_to_the_version_that_judged_it(
    one_hold, alice, bob, admin, browser, policies
):
    hold = one_hold(person=alice)
    judged_by = version_url(hold.policy_version)
    policies(ASK)
    assert judged_by in browser(admin).get(page_of(hold)).content.decode()
    assert hold.policy_version < PolicyVersion.objects.latest("number").number
    for person in (alice, bob):
        assert judged_by not in browser(person).get(page_of(hold)).content.decode()


def test_the_queue_in_the_administration_leads_there_too(one_hold, alice, admin, browser):
    hold = one_hold(person=alice)
    url = reverse("admin:approvals_hold_change", args=(hold.pk,))
    assert version_url(hold.policy_version) in browser(admin).get(url).content.decode()


def test_a_version_that_is_not_kept_leads_nowhere(one_hold, alice, admin, browser):
    hold = one_hold(person=alice)
    type(hold).objects.filter(pk=hold.pk).update(policy_version=4711)
    assert "4711" not in browser(admin).get(page_of(hold)).content.decode()
    url = reverse("admin:approvals_hold_change", args=(hold.pk,))
    assert "4711" in browser(admin).get(url).content.decode()


def test_mail_is_judged_by_what_is_in_force_while_a_change_waits(
    settings, one_hold, alice, admin, actor, now, policies
):
    first = one_hold(person=alice)
    settings.POLICY_SECOND_ADMINISTRATOR = True
    assert files.apply(ASK, actor(admin)).waits
    loading._Kept.current = None

    again = one_hold(person=alice)

    assert again.policy_version == first.policy_version
    assert [gate.kind for gate in again.gates.all()] == [gate.kind for gate in first.gates.all()]
    edit(again.pk, again.revision_id, Change(subject="New"), alice, actor(alice), now)
    loading._Kept.current = None
    assert rescreen(again.pk, now)
    again.refresh_from_db()
    assert again.policy_version == first.policy_version
    screened = Event.objects.filter(tag=Tag.MESSAGE_SCREENED)
    assert {event.details["policy_version"] for event in screened} == {first.policy_version}


def test_the_page_for_trying_tries_what_is_in_force(settings, alice, admin, actor, browser, policies):
    policies("format: 1\npolicies: []\n")
    settings.POLICY_SECOND_ADMINISTRATOR = True
    assert files.apply(ASK, actor(admin)).waits
    Person.objects.filter(pk=admin.pk).update(language="en")
    loading._Kept.current = None
    mail = "From: alice@example.test\nTo: x@client.example\nSubject: Hello\n\nHello\n"
    shown = browser(admin).post(reverse("approvals:try"), {"text": mail}).content.decode()
    assert ["it is sent at once" in shown, "must approve" in shown] == [True, False]


def test_the_api_says_that_a_change_waits_and_gives_both(settings, admin, client, policies):
    policies("format: 1\npolicies: []\n")
    settings.POLICY_SECOND_ADMINISTRATOR = True
    headers = {"authorization": f"Bearer {api_keys.create(admin, 'test')}"}
    answer = client.put("/api/v1/policies", ASK, content_type="application/yaml", headers=headers).json()
    assert (answer["version"], answer["waits"], answer["created"]) == (
        PolicyVersion.objects.latest("number").number,
        True,
        ["ask"],
    )
    assert waiting_proposal().authors[0]["address"] == admin.email
    texts = [
        client.get(f"/api/v1/policies{query}", headers=headers).content.decode()
        for query in ("", "?in_force=true")
    ]
    assert ["key: ask" in text for text in texts] == [True, False]
