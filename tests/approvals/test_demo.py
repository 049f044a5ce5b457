import smtplib

import pytest
from django.test import Client

from approvals import demo
from approvals.conservation import problems
from approvals.models import Hold
from approvals.states import HoldState
from mailhold.directory.models import Person
from mailhold.mailstore.models import Message, Recipient


@pytest.fixture
def installed(policies):
    demo.install()


def test_the_demo_shows_every_state_that_lasts_in_both_languages(installed):
    # "received", "queued" and "sending" last for moments only.
    passing = {HoldState.RECEIVED, HoldState.QUEUED, HoldState.SENDING}
    assert set(Hold.objects.values_list("state", flat=True)) >= set(HoldState) - passing
    assert 35 <= Message.objects.count() <= 45
    assert set(Person.objects.values_list("language", flat=True)) == {"ja", "en"}
    subjects = list(Hold.objects.values_list("subject", flat=True))
    assert any(subject.isascii() for subject in subjects)
    assert any(not subject.isascii() for subject in subjects)


def test_the_demo_has_six_people_in_two_departments(installed):
    assert Person.objects.count() == 6
    assert Person.objects.exclude(department=None).values("department").distinct().count() == 2
    assert Person.objects.filter(is_superuser=True).count() == 1
    assert not any(person.has_usable_password() for person in Person.objects.all())


def test_the_demo_shows_what_can_become_of_recipients(installed):
    statuses = set(Recipient.objects.values_list("status", flat=True))

    assert statuses >= {
        "waiting",
        "delivered",
        "failed",
        "outcome_unknown",
        "canceled",
        "rejected",
        "returned",
    }


def test_no_recipient_of_the_demo_is_lost(installed):
    assert problems() == []


def test_every_mail_of_the_demo_has_its_page(installed):
    client = Client()
    client.force_login(Person.objects.get(is_superuser=True))

    for key in Hold.objects.values_list("pk", flat=True):
        for tab in ("gist", "history", "changes"):
            assert client.get(f"/m/{key}/?tab={tab}").status_code == 200


def test_somebody_of_the_demo_has_mail_to_decide(installed):
    client = Client()
    client.force_login(Person.objects.get(email="hanako@example.test"))

    assert len(client.get("/queue/").context["rows"]) >= 3


def test_installing_twice_makes_nothing_twice(installed):
    before = (Message.objects.count(), Person.objects.count(), Hold.objects.count())

    demo.install()

    assert (Message.objects.count(), Person.objects.count(), Hold.objects.count()) == before


def test_the_demo_is_not_put_beside_real_people(policies, alice):
    demo.install()

    assert not Message.objects.exists()


def test_released_mail_of_the_demo_lies_in_the_mailbox(installed, mailbox):
    delivered = Recipient.objects.filter(status="delivered").values("message").distinct().count()

    assert len(mailbox()) >= delivered > 5


# --- its front door ------------------------------------------------------------------------------------------------

DOOR = [("get", "/demo/"), ("post", "/demo/sign-in"), ("post", "/demo/send")]
SOMEBODY = {"address": "bob@example.test"}


@pytest.fixture
def front_door(settings, bob):
    settings.DEMO = True


def knock(client, method, path, **extra):
    return getattr(client, method)(path, SOMEBODY, **extra)


@pytest.mark.parametrize(("method", "path"), DOOR)
def test_without_a_demo_there_is_no_door(method, path, bob):
    client = Client()

    assert knock(client, method, path).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("method", "path"), DOOR)
@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "2001:db8::7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "nonsense"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "192.0.2.7"},
    ],
)
def test_from_elsewhere_there_is_no_door(where, method, path, front_door):
    client = Client()

    assert knock(client, method, path, **where).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_on_this_machine_one_button_makes_me_somebody(address, front_door, bob):
    client = Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
    assert "Become Bob Baker" in client.get("/demo/").content.decode()

    response = client.post("/demo/sign-in", SOMEBODY)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(bob.pk)


def test_becoming_somebody_needs_the_button(front_door):
    client = Client(enforce_csrf_checks=True)

    assert client.post("/demo/sign-in", SOMEBODY).status_code == 403
    assert client.get("/demo/sign-in").status_code == 405


def test_nobody_becomes_somebody_who_left(front_door, bob):
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    assert Client().post("/demo/sign-in", SOMEBODY).status_code == 404


@pytest.fixture
def smtp(monkeypatch):
    """A door for mail that keeps what it is given."""
    given = []

    class Door:
        def __init__(self, host, port, timeout):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def send_message(self, message, from_addr):
            given.append((from_addr, message))

    monkeypatch.setattr(smtplib, "SMTP", Door)
    return given


@pytest.mark.parametrize("to", ["jane@client.example", "jane@client.example\r\nBcc: x@client.example", ""])
def test_a_trial_mail_goes_through_the_real_door(to, front_door, bob, smtp):
    client = Client()
    client.force_login(bob)

    response = client.post("/demo/send", {"to": to, "attach": "1"})

    assert (response.status_code, response["Location"]) == (302, "/my/")
    ((sender, message),) = smtp
    assert sender == "bob@example.test"
    assert message["Bcc"] is None
    assert [part.get_filename() for part in message.iter_attachments()] == ["trial.pdf"]


def test_a_trial_mail_that_is_not_accepted_is_said(front_door, bob, monkeypatch):
    def refused(*args, **kwargs):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(smtplib, "SMTP", refused)
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)

    response = client.post("/demo/send", {"to": "jane@client.example"}, follow=True)

    assert "The mail was not accepted: nobody there" in response.content.decode()
