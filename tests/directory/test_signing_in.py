"""Signing in to the pages: people whom an administrator entered, while they are active."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core import mail
from django.urls import reverse

from mailhold.directory.models import Person

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _mail_is_kept(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_in(client, address, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": address, "password": password})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_a_person_signs_in_with_any_spelling_of_the_address(client, alice):
    sign_in(client, "Alice@Example.TEST")
    assert signed_in(client)


def test_a_wrong_password_is_refused(client, alice):
    sign_in(client, alice.email, "wrong")
    assert not signed_in(client)


def test_an_application_password_does_not_open_the_pages(client, alice):
    from mailhold.directory.application_passwords import create

    sign_in(client, alice.email, create(alice, "phone"))
    assert not signed_in(client)


def test_somebody_who_left_cannot_sign_in(client, alice, rf):
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    sign_in(client, alice.email)
    assert not signed_in(client)
    assert authenticate(rf.post("/"), email=alice.email, password=PASSWORD) is None


def test_the_session_of_somebody_who_leaves_ends_at_once(client, alice):
    sign_in(client, alice.email)
    assert client.get("/profile/").status_code == 200
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/profile/").status_code == 302


@pytest.mark.django_db
def test_nobody_makes_an_account(client):
    form = {"email": "new@example.test", "password1": "engine of 1843", "password2": "engine of 1843"}
    client.post(reverse("account_signup"), form)
    assert not Person.objects.exists()


def test_a_person_who_was_just_entered_sets_a_password_by_mail(client, db):
    Person.objects.create_user("new@example.test", language="en")
    client.post(reverse("account_reset_password"), {"email": "new@example.test"})
    [message] = mail.outbox
    assert message.to == ["new@example.test"]
    assert "/password/reset/key/" in message.body


def test_no_reset_is_sent_to_strangers_or_to_somebody_who_left(client, alice):
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    for address in ("stranger@elsewhere.test", alice.email):
        client.post(reverse("account_reset_password"), {"email": address})
    assert not mail.outbox


def test_nobody_gives_the_own_account_another_address(client, alice):
    sign_in(client, alice.email)
    client.post(reverse("account_email"), {"action_add": "", "email": "boss@example.test"})
    client.post(reverse("account_email"), {"action_remove": "", "email": alice.email})
    client.post(reverse("account_email"), {"action_add": "", "email": "boss@example.test"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.test"
    assert not EmailAddress.objects.filter(email="boss@example.test").exists()


def test_guessing_a_password_is_stopped_after_some_tries(client, alice):
    for _try in range(5):
        sign_in(client, alice.email, "wrong")
    sign_in(client, alice.email)
    assert not signed_in(client)
