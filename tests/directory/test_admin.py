"""The administration pages about people."""

from base64 import b64encode

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from mailhold.directory import api_keys, application_passwords
from mailhold.directory.models import Address, ApiKey, ApplicationPassword, Department, OwnDomain, Person

IMPORT = "/admin/directory/person/import/"
CSV = b"address,name,manager\nalice@example.test,Alice Adams,bob@example.test\nnew@example.test,New,alice@example.test\n"


@pytest.fixture
def as_admin(client, admin):
    client.force_login(admin)
    return client


def text_of(response):
    return response.content.decode()


def person_page(person):
    return reverse("admin:directory_person_change", args=[person.pk])


def fields_of(person, **changes):
    """The fields that the change page sends."""
    sent = {
        "email": person.email,
        "name": person.name,
        "department": person.department_id or "",
        "manager": person.manager_id or "",
        "joined_on": "",
        "language": person.language,
        "time_zone": person.time_zone,
        "is_active": "on",
    }
    for prefix in ("further_addresses", "application_passwords"):
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return sent | changes


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("model", ["person", "department", "owndomain", "apikey"])
def test_lists_and_forms_open_in_both_languages(as_admin, admin, alice, model, language):
    Person.objects.filter(pk=admin.pk).update(language=language)
    assert as_admin.get(reverse(f"admin:directory_{model}_changelist"), {"q": "a"}).status_code == 200
    page = text_of(as_admin.get(reverse(f"admin:directory_{model}_add")))
    assert {"ja": "保存", "en": "Save"}[language] in page


def test_a_person_page_has_labels_and_help_in_japanese(as_admin, admin, alice):
    Person.objects.filter(pk=admin.pk).update(language="ja")
    page = text_of(as_admin.get(person_page(alice)))
    for words in ("上長", "部署", "アプリ用パスワード", "別のアドレス", "退職した人などは外します"):
        assert words in page


def test_a_person_is_made_without_a_password(as_admin):
    form = {"email": "New@Example.test", "name": "New", "language": "ja"}
    form |= {
        f"{prefix}-{kind}_FORMS": "0"
        for prefix in ("further_addresses", "application_passwords")
        for kind in ("TOTAL", "INITIAL")
    }
    assert as_admin.post(reverse("admin:directory_person_add"), form).status_code == 302
    person = Person.objects.get(email="new@example.test")
    assert not person.has_usable_password()
    assert person.is_active


def test_a_person_is_changed_and_gets_a_further_address(as_admin, alice, bob):
    sales = Department.objects.create(name="Sales")
    further = {"further_addresses-TOTAL_FORMS": "1", "further_addresses-0-address": "Desk@example.test"}
    response = as_admin.post(
        person_page(alice), fields_of(alice, department=sales.pk, name="Alice Adams", **further)
    )
    assert response.status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.department, alice.manager) == ("Alice Adams", sales, bob)
    assert Address.objects.get().address == "desk@example.test"


@pytest.mark.parametrize(
    "taken", ["bob@example.test", "BOB@example.test", "desk@example.test", "alice@example.test"]
)
def test_a_further_address_that_somebody_has_is_refused(as_admin, alice, bob, taken):
    Address.objects.create(person=bob, address="desk@example.test")
    further = {"further_addresses-TOTAL_FORMS": "1", "further_addresses-0-address": taken}
    assert as_admin.post(person_page(alice), fields_of(alice, **further)).status_code == 200
    assert Address.objects.count() == 1


def test_a_main_address_that_is_anothers_further_one_is_refused(as_admin, alice, bob):
    Address.objects.create(person=bob, address="desk@example.test")
    page = as_admin.post(person_page(alice), fields_of(alice, email="desk@example.test"))
    assert "This address already belongs to somebody else." in text_of(page)


def test_managers_cannot_go_round_in_a_circle(as_admin, alice, bob):
    page = as_admin.post(person_page(bob), fields_of(bob, manager=alice.pk))
    assert "The managers would go round in a circle." in text_of(page)
    bob.refresh_from_db()
    assert bob.manager is None


def test_an_address_that_was_given_up_opens_the_account_no_more(as_admin, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    assert as_admin.post(person_page(alice), fields_of(alice, email="archer@example.test")).status_code == 302
    assert not EmailAddress.objects.filter(user=alice).exists()


def test_an_application_password_is_revoked_but_neither_made_nor_changed(as_admin, alice):
    password = application_passwords.create(alice, "phone")
    row = ApplicationPassword.objects.get()
    sent = {
        "application_passwords-TOTAL_FORMS": "1",
        "application_passwords-INITIAL_FORMS": "1",
        "application_passwords-0-id": row.pk,
        "application_passwords-0-person": alice.pk,
        "application_passwords-0-label": "changed",
    }
    as_admin.post(person_page(alice), fields_of(alice, **sent))
    assert ApplicationPassword.objects.get().label == "phone"
    as_admin.post(person_page(alice), fields_of(alice, **sent, **{"application_passwords-0-DELETE": "on"}))
    assert application_passwords.verify(alice.email, password) is None


def test_a_department_cannot_lie_below_itself(as_admin):
    top = Department.objects.create(name="Top")
    low = Department.objects.create(name="Low", parent=top)
    page = as_admin.post(
        reverse("admin:directory_department_change", args=[top.pk]), {"name": "Top", "parent": low.pk}
    )
    assert "A department cannot lie below itself." in text_of(page)


def test_an_own_domain_is_added(as_admin):
    as_admin.post(reverse("admin:directory_owndomain_add"), {"name": "branch.test"})
    assert OwnDomain.objects.get().name == "branch.test"


def test_a_key_is_shown_once(as_admin, alice):
    response = as_admin.post(
        reverse("admin:directory_apikey_add"), {"person": alice.pk, "label": "script"}, follow=True
    )
    key = text_of(response).partition("It is shown only now: ")[2].partition("<")[0].strip()
    assert api_keys.person_for(key) == alice
    assert key not in text_of(as_admin.get(reverse("admin:directory_apikey_changelist")))


def helper_with(person, *rights):
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))


def test_who_may_change_people_cannot_gain_all_rights(client, mallory, admin):
    helper_with(mallory, "change_person", "add_person", "view_person", "add_apikey")
    client.force_login(mallory)
    client.post(person_page(mallory), fields_of(mallory, is_superuser="on"))
    mallory.refresh_from_db()
    assert not mallory.is_superuser
    assert client.post(person_page(admin), fields_of(admin, name="X")).status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[admin.pk])).status_code == 403
    assert client.get(reverse("admin:directory_apikey_add")).status_code == 403
    assert client.get(IMPORT).status_code == 403
    assert not ApiKey.objects.exists()


def test_who_is_no_administrator_does_not_see_the_pages(client, mallory):
    client.force_login(mallory)
    assert client.get(IMPORT).status_code == 302
    assert client.get(reverse("admin:directory_person_changelist")).status_code == 302


def test_the_list_leads_to_the_import(as_admin):
    assert IMPORT in text_of(as_admin.get(reverse("admin:directory_person_changelist")))
    assert as_admin.get(IMPORT).status_code == 200


def upload(client, content, **more):
    return client.post(IMPORT, {"file": SimpleUploadedFile("people.csv", content), **more})


def test_an_upload_shows_what_it_would_change_and_changes_nothing(as_admin, alice):
    page = upload(as_admin, CSV)
    assert "New: 1, changed: 1, unchanged: 0" in text_of(page)
    assert b64encode(CSV).decode() in text_of(page)
    assert Person.objects.get(pk=alice.pk).name == "Alice Archer"


def test_confirming_imports_and_records_who_did(as_admin, alice):
    response = as_admin.post(
        IMPORT, {"confirm": "1", "content": b64encode(CSV).decode(), "deactivate_missing": "False"}
    )
    assert response["Location"] == reverse("admin:directory_person_changelist")
    assert Person.objects.get(pk=alice.pk).name == "Alice Adams"
    assert Person.objects.get(email="new@example.test").manager == alice
    event = Event.objects.get(tag="directory:administrator:imported")
    assert (event.actor, event.channel) == ("admin@example.test", "page")


def test_the_wish_to_deactivate_who_is_missing_lasts_until_the_import(as_admin, alice, mallory):
    page = upload(as_admin, CSV, deactivate_missing="on")
    assert "deactivated: 2" in text_of(page)
    assert 'name="deactivate_missing" value="True"' in text_of(page)
    as_admin.post(IMPORT, {"confirm": "1", "content": b64encode(CSV).decode(), "deactivate_missing": "True"})
    mallory.refresh_from_db()
    assert not mallory.is_active


def test_problems_are_shown_with_their_lines(as_admin):
    page = upload(as_admin, b"address\nnobody\n<b>@x\n")
    assert page.status_code == 422
    assert "Line 2: “nobody” is not a mail address." in text_of(page)
    assert "Line 3: “&lt;b&gt;@x” is not a mail address." in text_of(page)


@pytest.mark.parametrize(
    ("content", "status"), [("***", 400), (b64encode(b"address\nnobody\n").decode(), 422), ("", 200)]
)
def test_what_comes_back_altered_is_checked_again(as_admin, content, status):
    assert as_admin.post(IMPORT, {"confirm": "1", "content": content}).status_code == status
    assert Person.objects.count() == 1


def test_a_huge_upload_is_sent_to_the_command(as_admin):
    page = upload(as_admin, b"address\n" + b"x" * 1_500_000)
    assert page.status_code == 422
    assert "mailhold people import" in text_of(page)
