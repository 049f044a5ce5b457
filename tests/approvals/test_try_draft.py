"""A policy that is not saved yet is tried with a message, beside those that are."""

import pytest

from audit.models import Event
from policies import files
from policies.loading import active_policies, current_version
from policies.models import Policy, RecipientList

ADD = "/admin/policies/policy/add/"
MAIL = "From: alice@example.test\r\nTo: x@client.example\r\nSubject: {}\r\n\r\n03-3201-1234\r\n"
FILE = """
format: 1
policies:
  - key: wait
    name: {ja: 待つ, en: Everything waits}
    priority: 10
    actions: [{kind: hold, for: 1m}]
"""


@pytest.fixture
def page(client, admin, alice):
    assert files.apply(FILE, files.Actor()).problems == []
    client.force_login(admin)
    return client


def form(**more):
    return {
        "name_en": "Secret rockets",
        "priority": "20",
        "enabled": "on",
        "mode": "enforce",
        "for_everyone": "on",
        "conditions-TOTAL_FORMS": "1",
        "conditions-INITIAL_FORMS": "0",
        "conditions-0-kind": "words",
        "conditions-0-values": "rocket",
        "conditions-0-choice": "both",
        "exceptions-TOTAL_FORMS": "0",
        "exceptions-INITIAL_FORMS": "0",
        "actions-TOTAL_FORMS": "1",
        "actions-INITIAL_FORMS": "0",
        "actions-0-kind": "approval",
        "actions-0-approvers": "manager",
        "actions-0-deadline_seconds": "24h",
        "_try": "Try this draft",
    } | more


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_draft_is_judged_by_beside_the_other_policies_and_nothing_is_saved(page):
    before = (current_version(), active_policies(), Event.objects.count())
    response = page.post(ADD, form())
    assert response.status_code == 302
    assert response.url == "/policies/try/?draft=1"
    assert "“Secret rockets” as its form had it" in text_of(page.get(response.url))
    tried = text_of(page.post(response.url, {"text": MAIL.format("The rocket")}))
    assert "Secret rockets" in tried
    assert "Everything waits" in tried
    assert "by the draft and the other policies" in tried
    assert 'action="/policies/try/?draft=1"' in tried
    other = text_of(page.post(response.url, {"text": MAIL.format("The boat")}))
    assert "<strong>Secret rockets</strong>" not in other
    assert (current_version(), active_policies(), Event.objects.count()) == before


def test_without_asking_for_it_the_policies_in_force_are_tried(page):
    page.post(ADD, form())
    tried = text_of(page.post("/policies/try/", {"text": MAIL.format("The rocket")}))
    assert "Secret rockets" not in tried
    assert "Everything waits" in tried


def test_a_draft_of_a_stored_policy_takes_its_place(page):
    policy = Policy.objects.get()
    action = policy.actions.get()
    changed = form(
        name_en="No more waiting",
        key="wait",
        priority="10",
        **{"actions-INITIAL_FORMS": "1", "actions-0-id": action.pk},
    )
    response = page.post(f"/admin/policies/policy/{policy.pk}/change/", changed)
    assert response.url == "/policies/try/?draft=1"
    tried = text_of(page.post(response.url, {"text": MAIL.format("The boat")}))
    assert "Everything waits" not in tried
    assert "No policy matches." in tried


def test_a_draft_without_a_name_can_be_tried(page):
    response = page.post(ADD, form(name_en=""))
    assert "Policy without a name" in text_of(page.get(response.url))


def test_a_draft_that_is_not_complete_is_shown_again_with_what_is_wrong(page):
    response = page.post(ADD, form(**{"conditions-0-values": ""}))
    assert "This field is required." in text_of(response)
    assert "draft" not in text_of(page.get("/policies/try/?draft=1")).partition("<main")[2]


def test_a_draft_whose_list_is_gone_is_given_up_with_a_sentence(page):
    RecipientList.objects.create(name="partners", entries="partner.example")
    chosen = {
        "conditions-0-kind": "recipient_list",
        "conditions-0-values": "partners",
        "conditions-0-choice": "",
    }
    response = page.post(ADD, form(**chosen))
    assert response.url == "/policies/try/?draft=1"
    text = text_of(page.get(response.url, follow=True))
    assert "as its form had it" in text
    session = page.session
    session["policy_draft"] = {"name": "x", "text": "format: 1\npolicies: [{key: x}]\n"}
    session.save()
    response = page.get("/policies/try/?draft=1", follow=True)
    assert response.redirect_chain == [("/policies/try/", 302)]
    assert "The draft can no longer be used" in text_of(response)


def test_only_whoever_asked_has_the_draft(page, client, mallory, carol):
    page.post(ADD, form())
    type(carol).objects.filter(pk=carol.pk).update(is_superuser=True, is_staff=True)
    client.logout()
    client.force_login(carol)
    assert "Secret rockets" not in text_of(client.get("/policies/try/?draft=1"))
