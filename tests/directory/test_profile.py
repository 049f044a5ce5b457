"""The profile page and the language switch."""

import re

import pytest
from django.urls import reverse

from mailhold.directory import application_passwords
from mailhold.directory.models import Address, ApplicationPassword, Department, Person

PROFILE = "/profile/"
LANGUAGE = "/profile/language"


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


def text_of(response):
    return response.content.decode()


def test_the_addresses_of_the_pages_are_as_documented():
    assert (reverse("people:profile"), reverse("people:language")) == (PROFILE, LANGUAGE)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [PROFILE, "/profile/passwords", "/profile/passwords/1/revoke"])
def test_who_is_not_signed_in_is_sent_to_sign_in(client, path):
    assert client.post(path)["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Application passwords", "Language and time", "Your addresses"]),
        ("ja", ["アプリ用パスワード", "言語と時刻", "あなたのアドレス"]),
    ],
)
def test_the_page_speaks_the_persons_language(as_alice, alice, language, words):
    Person.objects.filter(pk=alice.pk).update(language=language)
    page = text_of(as_alice.get(PROFILE))
    assert f'<html lang="{language}"' in page
    assert all(word in page for word in words)


def test_the_page_shows_name_addresses_department_and_manager(as_alice, alice):
    Address.objects.create(person=alice, address="sales@example.test")
    Person.objects.filter(pk=alice.pk).update(department=Department.objects.create(name="Sales <b>"))
    page = text_of(as_alice.get(PROFILE))
    for words in ("Alice Archer", "alice@example.test, sales@example.test", "Sales &lt;b&gt;", "Bob Baker"):
        assert words in page


def test_language_and_time_zone_are_kept(as_alice, alice):
    response = as_alice.post(PROFILE, {"language": "ja", "time_zone": "Europe/London"}, follow=True)
    alice.refresh_from_db()
    assert (alice.language, alice.time_zone) == ("ja", "Europe/London")
    assert "保存しました。" in text_of(response)
    assert 'value="Europe/London" selected' in text_of(response)


@pytest.mark.parametrize(
    "wrong", [{"language": "fr"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../etc/passwd"}]
)
def test_a_wrong_choice_changes_nothing(as_alice, alice, wrong):
    assert as_alice.post(PROFILE, {"language": "ja", "time_zone": "UTC", **wrong}).status_code == 422
    alice.refresh_from_db()
    assert (alice.language, alice.time_zone) == ("en", "Asia/Tokyo")


def test_nothing_else_can_be_changed_on_the_page(as_alice, alice):
    as_alice.post(
        PROFILE,
        {"language": "en", "time_zone": "UTC", "is_superuser": "on", "name": "X", "email": "x@x.test"},
    )
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.name, alice.email) == (False, "Alice Archer", "alice@example.test")


def test_a_new_application_password_is_shown_once_works_and_is_not_cached(as_alice, alice):
    response = as_alice.post("/profile/passwords", {"label": "My phone"})
    password = re.search(r"<code>([a-z0-9-]+)</code>", text_of(response))[1]
    assert application_passwords.verify(alice.email, password) == alice
    assert "no-store" in response["Cache-Control"]
    page = text_of(as_alice.get(PROFILE))
    assert "My phone" in page
    assert password not in page


def test_coming_back_to_where_a_password_was_shown_leads_to_the_profile_and_makes_none(as_alice):
    assert as_alice.get("/profile/passwords")["Location"] == PROFILE
    assert not ApplicationPassword.objects.exists()


def test_a_password_without_label_is_not_made(as_alice):
    assert as_alice.post("/profile/passwords", {"label": " "}).status_code == 422
    assert not ApplicationPassword.objects.exists()


def test_too_many_passwords_are_a_sentence_on_the_page(as_alice, alice):
    for _number in range(application_passwords.MOST_PER_PERSON):
        application_passwords.create(alice, "phone")
    response = as_alice.post("/profile/passwords", {"label": "one more"})
    assert response.status_code == 422
    assert "There are already 20 application passwords." in text_of(response)


def test_revoking_works_by_post_only(as_alice, alice):
    password = application_passwords.create(alice, "phone")
    path = f"/profile/passwords/{ApplicationPassword.objects.get().pk}/revoke"
    assert as_alice.get(path).status_code == 405
    assert application_passwords.verify(alice.email, password) == alice
    assert as_alice.post(path)["Location"] == PROFILE
    assert application_passwords.verify(alice.email, password) is None
    assert as_alice.post(path).status_code == 404


def test_mallory_cannot_revoke_the_password_of_alice(client, alice, mallory):
    application_passwords.create(alice, "phone")
    client.force_login(mallory)
    assert client.post(f"/profile/passwords/{ApplicationPassword.objects.get().pk}/revoke").status_code == 404
    assert ApplicationPassword.objects.count() == 1


def test_a_post_from_another_site_is_refused(alice):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(PROFILE, {"language": "ja", "time_zone": "UTC"}).status_code == 403


def test_the_switch_sets_a_cookie_for_whoever_is_not_signed_in(client, db, settings):
    response = client.post(LANGUAGE, {"language": "en", "next": "/accounts/login/"})
    assert response["Location"] == "/accounts/login/"
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["samesite"], bool(cookie["httponly"])) == ("en", "Lax", True)
    assert '<html lang="en"' in text_of(client.get("/accounts/login/"))


def test_the_switch_is_kept_for_a_person(as_alice, alice):
    as_alice.post(LANGUAGE, {"language": "ja", "next": PROFILE})
    alice.refresh_from_db()
    assert alice.language == "ja"


@pytest.mark.parametrize(
    "target", ["", "https://evil.test/", "//evil.test", "javascript:alert(1)", "/\\evil.test"]
)
def test_the_switch_leads_to_no_other_site(client, db, target):
    assert client.post(LANGUAGE, {"language": "en", "next": target})["Location"] == "/"


def test_the_switch_knows_two_languages_and_never_acts_by_get(client, db):
    assert client.post(LANGUAGE, {"language": "fr"}).status_code == 400
    assert client.get(LANGUAGE, {"language": "en"}).status_code == 405


def test_a_theme_is_kept_in_this_browser_and_can_be_left_to_the_system_again(client, db):
    response = client.post("/profile/theme", {"theme": "dark", "next": "/accounts/login/"})
    assert response["Location"] == "/accounts/login/"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    client.post("/profile/theme", {"theme": "system"})
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


def test_a_theme_that_is_not_known_is_none(client, db):
    client.post("/profile/theme", {"theme": '"><script>'})
    assert "<script>" not in client.get("/accounts/login/").content.decode()
    assert client.get("/profile/theme").status_code == 405


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
def test_the_theme_leads_to_no_other_site(client, db, target):
    assert client.post("/profile/theme", {"theme": "dark", "next": target})["Location"] == "/"
