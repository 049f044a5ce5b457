"""Policies in the administration, by real requests, in both languages."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from audit.models import Event
from audit.tags import Tag
from policies import files
from policies.defaults import install_defaults
from policies.loading import active_policies, current_version
from policies.models import Policy, PolicyCondition, PolicyVersion
from policies.spec import Action, Condition
from policies.verdict import Approvers

LIST = "/admin/policies/policy/"
ADD = "/admin/policies/policy/add/"


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def japanese(admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")


def fields(response):
    """Return what a browser would send for the forms of the page, as they are filled in."""
    context = response.context
    filled = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, bool):
                if value:
                    filled[bound.html_name] = "on"
            elif isinstance(value, list | tuple):
                filled[bound.html_name] = [getattr(each, "pk", each) for each in value]
            elif value is not None:
                filled[bound.html_name] = bound.field.prepare_value(value)
    return filled


EXTERNAL_TO_MANAGER = {
    "key": "numbers",
    "name_ja": "電話番号のある社外メール",
    "name_en": "External mail with numbers",
    "priority": "50",
    "conditions-0-kind": "recipient_is",
    "conditions-0-choice": "external",
    "exceptions-0-kind": "recipient_domain",
    "exceptions-0-values": "partner.example\r\n\r\n .group.example \r\n",
    "actions-0-kind": "approval",
    "actions-0-approvers": "manager",
    "actions-0-deadline_seconds": "24時間",
}


def add(page, **changes):
    filled = fields(page.get(ADD)) | EXTERNAL_TO_MANAGER | changes
    return page.post(ADD, {name: value for name, value in filled.items() if value is not None})


def errors(response):
    assert response.status_code == 200
    with translation.override(response.headers["Content-Language"]):
        found = [str(error) for each in response.context["adminform"].form.errors.values() for error in each]
        for inline in response.context["inline_admin_formsets"]:
            found += map(str, inline.formset.non_form_errors())
            found += [
                str(error) for form in inline.formset.errors for each in form.values() for error in each
            ]
        return found


def test_an_added_policy_is_in_force_with_its_version_and_event(page, admin):
    response = add(page)
    assert response.status_code == 302, errors(response)
    (policy,) = active_policies()
    assert (policy.key, policy.priority, policy.scope.everyone) == ("numbers", 50, True)
    assert policy.conditions == (Condition(kind="recipient_is", choice="external"),)
    assert policy.exceptions == (
        Condition(kind="recipient_domain", values=("partner.example", ".group.example")),
    )
    assert policy.actions == (Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=86400),)
    version = PolicyVersion.objects.get()
    assert (version.number, version.made_by, version.text) == (1, admin.email, files.export())
    event = Event.objects.get(tag=Tag.POLICY_CHANGED)
    assert (event.actor, event.channel) == (admin.email, "admin")
    assert event.details == {"version": 1, "created": ["numbers"]}


def test_what_the_form_shows_is_what_it_saves(page, alice, bob, carol, sales):
    add(page)
    policy = Policy.objects.get()
    change = reverse("admin:policies_policy_change", args=(policy.pk,))
    more = {
        "for_everyone": "",
        "scope_people": [alice.pk],
        "scope_departments": [sales.pk],
        "actions-0-approvers": "persons",
        "actions-0-persons": [bob.pk, carol.pk],
        "actions-0-needed": "2",
        "actions-0-link_level": "L2",
    }
    response = page.post(change, fields(page.get(change)) | more)
    assert response.status_code == 302, errors(response)
    (before,) = active_policies()
    assert before.scope.person_ids == {alice.pk}
    assert before.actions[0].ids == tuple(sorted((bob.pk, carol.pk)))
    assert current_version() == 2
    assert Event.objects.filter(tag=Tag.POLICY_CHANGED).latest("id").details == {
        "version": 2,
        "changed": ["numbers"],
    }
    response = page.post(change, fields(page.get(change)))
    assert response.status_code == 302, errors(response)
    assert active_policies() == (before,)
    assert current_version() == 2


WRONG = [
    ({"key": "A B"}, "Use small letters"),
    ({"scope_people": "alice"}, "Clear this"),
    ({"for_everyone": None}, "Choose people or departments"),
    ({"name_en": "", "name_ja": ""}, "Give it a name."),
    ({"conditions-0-choice": ""}, "This field is required."),
    ({"conditions-0-choice": "MB"}, "Select a valid choice. MB is not one of the available choices."),
    ({"conditions-0-kind": "telepathy"}, "Select a valid choice. telepathy is not one of"),
    ({"conditions-0-kind": "recipient_count"}, "This field is required."),
    ({"conditions-0-kind": "recipient_count", "conditions-0-number": "0"}, "greater than or equal to 1"),
    ({"conditions-0-kind": "personal_data", "conditions-0-number": "1"}, "Tick at least one."),
    ({"exceptions-0-values": "not a domain"}, "“not a domain” is not a domain name"),
    ({"exceptions-0-values": ""}, "This field is required."),
    ({"exceptions-0-values": "a\0b"}, "Null characters are not allowed."),
    (
        {
            "conditions-0-kind": "recipient_list",
            "conditions-0-choice": "",
            "conditions-0-values": "gone",
        },
        "There is no list of recipients “gone”.",
    ),
    ({"actions-0-kind": ""}, "This field is required."),
    ({"actions-0-deadline_seconds": ""}, "This field is required."),
    ({"actions-0-deadline_seconds": "soon"}, "Write a time such as"),
    ({"actions-0-approvers": ""}, "This field is required."),
    ({"actions-0-approvers": "persons"}, "name at least one person"),
    ({"actions-0-approvers": "department"}, "name one department"),
    ({"actions-TOTAL_FORMS": "0"}, "Please submit at least 1 form."),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_a_wrong_policy_is_refused_with_a_sentence(page, alice, changes, words):
    filled = {name: [alice.pk] if value == "alice" else value for name, value in changes.items()}
    found = errors(add(page, **filled))
    assert any(words in error for error in found), found
    assert not Policy.objects.exists()
    assert current_version() == 0


def test_actions_that_contradict_each_other_are_refused(page):
    second = {
        "actions-TOTAL_FORMS": "2",
        "actions-1-kind": "discard",
        "actions-1-needed": "1",
        "actions-1-link_level": "L0",
    }
    assert errors(add(page, **second)) == ["“Discard” must be the only action."]


def test_errors_are_japanese_for_a_japanese_reader(page, japanese):
    found = errors(add(page, **{"conditions-0-choice": "", "actions-0-deadline_seconds": "soon"}))
    assert found == [
        "このフィールドは必須です。",
        "30s、5m、24h、7d のような時間(366日まで)で書いてください。",
    ]


def test_the_list_reads_as_sentences(page):
    install_defaults()
    text = page.get(LIST).content.decode()
    assert "External mail waits 5 minutes" in text
    assert "If the recipient is external and there is an attachment, then the manager must approve" in text


def test_the_list_reads_as_sentences_in_japanese(page, japanese):
    install_defaults()
    text = page.get(LIST).content.decode()
    assert "もし 宛先が社外 かつ 添付がある なら 上長の承認" in text
    assert "上へ" in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_explains_every_kind_in_the_readers_language(page, admin, language):
    type(admin).objects.filter(pk=admin.pk).update(language=language)
    text = page.get(ADD).content.decode()
    expected = {
        "ja": ("宛先のドメイン", "送信者自身の確認"),
        "en": ("Recipient&#x27;s domain", "Sender&#x27;s own check"),
    }
    assert all(words in text for words in expected[language])
    japanese_labels = {"ja": True, "en": False}[language]
    assert bool(re.search(r"<label[^>]*>[^<]*[ぁ-ん一-龠]", text)) is japanese_labels


def test_the_list_costs_the_same_for_more_policies(page, django_assert_max_num_queries):
    install_defaults()
    content = files.export()
    page.get(LIST)
    more = "".join(content.partition("policies:\n")[2].replace("key: ", f"key: more-{n}-") for n in range(10))
    assert files.apply(content + more, files.Actor()).problems == []
    page.get(LIST)  # the policies in force are read once after each change
    with django_assert_max_num_queries(20):
        assert page.get(LIST).content.decode().count("it waits 5 minutes") == 11


def test_buttons_move_a_policy(page):
    install_defaults()
    _, approval = Policy.objects.order_by("priority")
    assert f"{LIST}{approval.pk}/move/up/" in page.get(LIST).content.decode()
    assert page.post(f"{LIST}{approval.pk}/move/up/").status_code == 302
    assert [policy.key for policy in active_policies()] == ["external-attachment", "external-wait"]
    assert [policy.priority for policy in active_policies()] == [100, 200]
    event = Event.objects.latest("id")
    assert event.details == {"version": 2, "changed": ["external-attachment"]}
    page.post(f"{LIST}{approval.pk}/move/down/")
    assert [policy.key for policy in active_policies()] == ["external-wait", "external-attachment"]


def test_policies_that_share_a_priority_can_be_moved_apart(page):
    install_defaults()
    Policy.objects.update(priority=5)
    first, second = Policy.objects.order_by("id")
    page.post(f"{LIST}{second.pk}/move/up/")
    assert [policy.id for policy in active_policies()] == [second.pk, first.pk]


def test_moving_beyond_the_end_says_so_and_changes_nothing(page):
    install_defaults()
    first = Policy.objects.order_by("priority").first()
    response = page.post(f"{LIST}{first.pk}/move/up/", follow=True)
    assert "already at the end" in response.content.decode()
    assert current_version() == 1


def test_looking_at_a_move_moves_nothing(page):
    install_defaults()
    second = Policy.objects.order_by("priority").last()
    assert page.get(f"{LIST}{second.pk}/move/up/").status_code == 405
    assert current_version() == 1


def test_a_person_without_the_right_moves_nothing(client, mallory):
    install_defaults()
    type(mallory).objects.filter(pk=mallory.pk).update(is_staff=True)
    client.force_login(mallory)
    second = Policy.objects.order_by("priority").last()
    assert client.post(f"{LIST}{second.pk}/move/up/").status_code == 403
    assert client.get(LIST).status_code == 403
    assert current_version() == 1


def test_deleting_makes_one_version(page):
    install_defaults()
    keep, gone = Policy.objects.order_by("priority")
    page.post(reverse("admin:policies_policy_delete", args=(gone.pk,)), {"post": "yes"})
    assert [policy.key for policy in active_policies()] == [keep.key]
    chosen = {"action": "delete_selected", "_selected_action": [keep.pk], "post": "yes"}
    page.post(LIST, chosen)
    assert active_policies() == ()
    removed = [event.details["removed"] for event in Event.objects.order_by("id")[1:]]
    assert removed == [["external-attachment"], ["external-wait"]]
    assert current_version() == 3


def test_nothing_is_kept_where_the_version_cannot_be_made(page, monkeypatch):
    def fails(*entries):
        raise RuntimeError("the record is full")

    monkeypatch.setattr("policies.versions.record", fails)
    with pytest.raises(RuntimeError):
        add(page)
    assert not Policy.objects.exists()
    assert not PolicyVersion.objects.exists()


def test_versions_can_be_read_and_not_changed(page):
    install_defaults()
    version = PolicyVersion.objects.get()
    url = reverse("admin:policies_policyversion_change", args=(version.pk,))
    assert "key: external-wait" in page.get(url).content.decode()
    assert page.post(url, {"number": "9"}).status_code == 403
    assert page.get(reverse("admin:policies_policyversion_add")).status_code == 403
    assert (
        page.post(
            reverse("admin:policies_policyversion_delete", args=(version.pk,)), {"post": "yes"}
        ).status_code
        == 403
    )


def test_a_policy_of_another_version_of_mailhold_still_shows_in_the_list(page):
    install_defaults()
    PolicyCondition.objects.create(policy=Policy.objects.first(), kind="telepathy")
    assert "no condition of the kind &#x27;telepathy&#x27;" in page.get(LIST).content.decode()
