import smtplib

import pytest
from django.test import Client

from approvals import demo
from approvals.clock import database_now
from approvals.conservation import problems
from approvals.demo_files import ATTENDEES, pdf
from approvals.models import Hold, MailCount
from approvals.policy_figures import overview, span_of
from approvals.replay import running
from approvals.replay.models import Replay
from approvals.replay.tally import Group, Tally
from approvals.states import HoldState
from audit.record import Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person
from mailhold.mailstore.models import Message, Recipient
from policies.loading import policies_in_force
from policies.spec import Mode


@pytest.fixture
def installed(policies):
    demo.install()


def test_the_demo_shows_every_state_that_lasts_in_both_languages(installed):
    # "received", "queued" and "sending" last for moments only.
    passing = {HoldState.RECEIVED, HoldState.QUEUED, HoldState.SENDING}
    assert set(Hold.objects.values_list("state", flat=True)) >= set(HoldState) - passing
    assert 45 <= Message.objects.count() <= 55
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


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_approver_sees_marked_in_text_and_attachment_why_a_list_is_held(installed, language):
    person = Person.objects.filter(language=language, manager=None, is_superuser=False).get()
    client = Client()
    client.force_login(person)
    listed = {"ja": "顧客名簿の送付", "en": "Attendees of the workshop"}[language]

    gist = client.get(f"/m/{Hold.objects.get(subject=listed).pk}/").context["gist"]

    ground = next(each for each in gist.marked.grounds if each.excerpts)
    assert "12" in ground.text
    assert ground.files[0].times >= 24
    assert {"ja": "03-0000-0101", "en": "202-555-0101"}[language] in {
        run.text for run in gist.marked.body if run.numbers
    }


def test_everything_in_the_demo_can_be_inspected(installed):
    codes = {reason["code"] for hold in Hold.objects.all() for reason in hold.reasons}

    assert codes == {"recipient_is", "has_attachment", "personal_data"}


def test_a_policy_of_the_demo_only_watches_and_has_figures(installed):
    policies = policies_in_force().policies
    now = database_now()
    lines = {line.policy.key: line for line in overview(policies, span_of(30, now), now).lines}

    watching = lines["confidential"]
    assert watching.policy.mode is Mode.WATCH
    assert watching.matched == watching.kept == 5
    assert lines["personal-data"].approved == lines["personal-data"].rejected == 1
    assert {line.noise for line in lines.values()} == {()}


def test_mail_of_the_demo_came_on_many_days(installed):
    assert MailCount.objects.values("day").distinct().count() >= 8


def test_a_replay_of_the_demo_finds_what_the_policy_that_watches_would_change(installed):
    replay = Replay.objects.get()

    assert running.work(replay.pk, rings=False, seconds=60)

    replay.refresh_from_db()
    assert replay.state == Replay.State.DONE
    assert replay.about == {"switched": {"confidential": True}}
    assert Tally.of(replay.counters).groups[Group.OTHERWISE] == 3


def test_no_recipient_of_the_demo_is_lost(installed):
    assert problems() == []


def test_every_mail_of_the_demo_has_its_page(installed):
    client = Client()
    client.force_login(Person.objects.get(is_superuser=True))

    for key in Hold.objects.values_list("pk", flat=True):
        for tab in ("gist", "history", "changes"):
            assert client.get(f"/m/{key}/?tab={tab}").status_code == 200


@pytest.mark.parametrize(("subject", "trouble"), [("Invitation", "failed"), ("カタログのご案内", "unknown")])
def test_mail_that_may_not_have_arrived_is_not_called_finished(installed, subject, trouble):
    hold = Hold.objects.get(subject=subject)
    client = Client(headers={"accept-language": "en"})
    client.force_login(hold.sender)

    (row,) = [row for row in client.get("/my/").context["rows"] if row.id == hold.pk]

    assert row.trouble == trouble
    assert client.get(f"/m/{hold.pk}/").context["gist"].trouble == trouble
    assert {row.trouble for row in client.get("/my/?state=held").context["rows"]} == {""}


def test_an_administrator_reads_to_whom_notices_went_and_which_policies_held_a_mail(installed):
    hold = Hold.objects.filter(subject="顧客名簿の送付").get()
    record(notice_sent(hold, "approval_request", "hanako@example.test"))
    told = "A notice was sent. (approval request → hanako@example.test)"

    seen = {}
    for person in (Person.objects.get(is_superuser=True), hold.sender):
        Person.objects.filter(pk=person.pk).update(language="en")
        client = Client()
        client.force_login(person)
        seen[person.is_superuser] = client.get(f"/m/{hold.pk}/?tab=history").content.decode()

    assert told in seen[True]
    assert f"/policies/try/?message={hold.pk}" in seen[True]
    assert "/policies/try/" not in seen[False]
    assert "External mail with personal data needs the manager" in seen[True]
    assert "A notice was sent." in seen[False]
    assert "hanako@example.test" not in seen[False]
    assert "External mail with personal data needs the manager" not in seen[False]


def notice_sent(hold, kind, to):
    return Entry(
        tag=Tag.NOTICE_SENT,
        at=database_now(),
        message_id=hold.message_id,
        hold_id=hold.pk,
        details={"kind": kind, "to": to},
    )


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

    response = client.post("/demo/send", {"to": to, "attach": "pdf"})

    assert (response.status_code, response["Location"]) == (302, "/my/")
    ((sender, message),) = smtp
    assert sender == "bob@example.test"
    assert message["Bcc"] is None
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("trial.pdf", pdf("A trial"))


def test_a_trial_mail_can_carry_a_list_with_personal_data(front_door, bob, smtp):
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)

    client.post("/demo/send", {"to": "jane@client.example", "attach": "list"})

    (part,) = smtp[0][1].iter_attachments()
    assert part.get_filename() == "list.csv"
    assert part.get_payload(decode=True) == ATTENDEES.encode("utf-8-sig")


def test_a_trial_mail_that_is_not_accepted_is_said(front_door, bob, monkeypatch):
    def refused(*args, **kwargs):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(smtplib, "SMTP", refused)
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)

    response = client.post("/demo/send", {"to": "jane@client.example"}, follow=True)

    assert "The mail was not accepted: nobody there" in response.content.decode()
