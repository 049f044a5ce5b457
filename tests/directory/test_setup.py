"""The one-time set-up link."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mailhold.directory import setup
from mailhold.directory.exceptions import AddressTaken, SetupLinkExpired, SetupLinkUnusable, SetupLinkUsed
from mailhold.directory.models import Address, Person, SetupLink

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADA = {"address": "Ada@example.test", "name": "Ada", "password": "engine of 1843", "language": "en"}
FORM = {**ADA, "password_again": ADA["password"]}

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return reverse("people:set_up", args=[setup.create_setup_link(timezone.now())])


def test_the_link_makes_one_administrator():
    person = setup.use_setup_link(setup.create_setup_link(NOW), now=NOW, **ADA)
    assert (person.email, person.is_superuser, person.is_staff, person.is_active) == (
        "ada@example.test",
        True,
        True,
        True,
    )
    assert person.check_password(ADA["password"])


def test_only_the_hash_of_the_token_is_kept():
    assert setup.create_setup_link(NOW) not in str(SetupLink.objects.values().get())


def test_the_second_use_is_refused():
    token = setup.create_setup_link(NOW)
    setup.use_setup_link(token, now=NOW, **ADA)
    with pytest.raises(SetupLinkUsed):
        setup.use_setup_link(token, now=NOW, **{**ADA, "address": "mallory@example.test"})
    assert not Person.objects.filter(email="mallory@example.test").exists()


@pytest.mark.parametrize(
    ("age", "usable"), [(timedelta(hours=23, minutes=59), True), (timedelta(days=1), False)]
)
def test_the_link_lives_for_a_day(age, usable):
    token = setup.create_setup_link(NOW)
    if usable:
        assert setup.use_setup_link(token, now=NOW + age, **ADA).is_superuser
    else:
        with pytest.raises(SetupLinkExpired):
            setup.use_setup_link(token, now=NOW + age, **ADA)
        assert not Person.objects.exists()


@pytest.mark.parametrize("token", ["unknown", "", "\ud800", "\0"])
def test_an_unknown_token_is_refused(token):
    with pytest.raises(SetupLinkUnusable):
        setup.use_setup_link(token, now=NOW, **ADA)


def test_of_two_who_passed_the_check_only_the_first_wins():
    token = setup.create_setup_link(NOW)
    setup.check_setup_link(token, NOW)
    setup.check_setup_link(token, NOW)
    setup.use_setup_link(token, now=NOW, **ADA)
    with pytest.raises(SetupLinkUsed):
        setup.use_setup_link(token, now=NOW, **{**ADA, "address": "mallory@example.test"})
    assert Person.objects.filter(is_superuser=True).count() == 1


def test_a_link_that_failed_can_still_be_used(alice):
    Address.objects.create(person=alice, address="ada@example.test")
    token = setup.create_setup_link(NOW)
    with pytest.raises(AddressTaken):
        setup.use_setup_link(token, now=NOW, **ADA)
    assert setup.use_setup_link(token, now=NOW, **{**ADA, "address": "root@example.test"}).is_superuser


def test_somebody_whom_the_directory_knows_becomes_administrator(alice):
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    person = setup.use_setup_link(setup.create_setup_link(NOW), now=NOW, **{**ADA, "address": alice.email})
    assert (person.pk, person.is_superuser, person.is_active) == (alice.pk, True, True)


def test_opening_the_page_does_nothing(client, page):
    for method in (client.get, client.head, client.get):
        assert method(page).status_code == 200
    assert SetupLink.objects.get().used_at is None
    assert not Person.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("en", "The first administrator"), ("ja", "最初の管理者")])
def test_the_page_speaks_the_readers_language(client, page, settings, language, words):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert words in client.get(page).content.decode()


def test_the_form_makes_the_administrator_and_signs_in(client, page):
    response = client.post(page, FORM)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_second_post_is_a_friendly_page(client, page):
    client.post(page, FORM)
    client.logout()
    response = client.post(
        page, {**FORM, "address": "mallory@example.test"}, headers={"accept-language": "en"}
    )
    assert response.status_code == 410
    assert "This set-up link has already been used." in response.content.decode()
    assert Person.objects.count() == 1


def test_an_expired_link_is_a_friendly_page(client, page):
    SetupLink.objects.update(expires_at=timezone.now())
    response = client.get(page, headers={"accept-language": "en"})
    assert response.status_code == 410
    assert "This set-up link has expired." in response.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "short", "password_again": "short"},
        {"password": "password123", "password_again": "password123"},
        {"password_again": "engine of 1844"},
        {"address": "nobody"},
        {"name": ""},
        {"language": "fr"},
    ],
)
def test_a_wrong_form_is_shown_again_and_spends_nothing(client, page, wrong):
    assert client.post(page, {**FORM, **wrong}).status_code == 422
    assert SetupLink.objects.get().used_at is None
    assert not Person.objects.exists()


def test_a_taken_address_is_said_on_the_form(client, page, alice):
    Address.objects.create(person=alice, address="ada@example.test")
    assert client.post(page, FORM).status_code == 422
    assert SetupLink.objects.get().used_at is None
