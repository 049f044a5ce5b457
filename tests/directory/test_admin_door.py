"""The administration has one door, the same as all other pages: no sign-in form without a second factor."""

from django.urls import reverse


def test_a_stranger_at_the_administration_is_sent_to_the_door_of_everybody(client, db):
    for path in ("/admin/", "/admin/login/", "/admin/directory/person/"):
        page = client.get(path, follow=True)
        assert page.redirect_chain[-1][0].startswith(reverse("account_login"))
        assert page.wsgi_request.GET["next"].startswith("/admin/")


def test_a_password_posted_to_the_administrations_own_form_opens_nothing(client, admin):
    answer = client.post("/admin/login/", {"username": admin.email, "password": "correct horse battery"})
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_somebody_who_is_no_administrator_is_refused(client, bob):
    client.force_login(bob)
    assert client.get("/admin/login/").status_code == 403


def test_neither_tasks_nor_addresses_of_accounts_are_edited_by_hand(client, admin):
    client.force_login(admin)
    shown = client.get("/admin/").content.decode()
    assert "/admin/directory/person/" in shown
    assert "/admin/django_q/" not in shown
    assert "/admin/account/" not in shown
