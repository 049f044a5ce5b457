"""What policies ask for beside holding: copies, headers, notices, urgency, risk, all the way to where it shows."""

import email

import pytest

from approvals.exceptions import WrongInput
from approvals.flows import cancel, deliver as delivering
from approvals.flows.edit import Change, edit
from approvals.flows.notify import notify
from approvals.flows.rescreen import rescreen
from approvals.models import Notice
from approvals.states import HoldState
from mailhold.mailstore.models import Recipient
from policies.models import PolicyRules

HEAD = """
format: 1
policies:
  - key: tried
    name: {ja: 試す, en: Tried}
    conditions: [{kind: recipient_is, choice: external}]
    actions:
"""
WAIT = "{kind: hold, for: 5m}"
BCC = "{kind: add_bcc, address: archive@example.test}"


@pytest.fixture
def asking(policies):
    return lambda *actions: policies(HEAD + "".join(f"      - {action}\n" for action in actions))


def addresses(hold):
    return {link.recipient.address for link in hold.recipient_links.all()}


def test_a_copy_waits_with_the_mail_and_is_one_of_its_recipients(asking, one_hold, alice, statuses):
    asking(WAIT, BCC)
    hold = one_hold(person=alice)
    assert statuses(hold) == {"customer@client.example": "waiting", "archive@example.test": "waiting"}
    assert Recipient.objects.get(address="archive@example.test").dsn_notify == "NEVER"


def test_a_copy_leaves_with_the_mail_and_no_header_names_it(asking, one_hold, alice, mailbox):
    asking(BCC)
    hold = one_hold(person=alice)
    assert hold.state == HoldState.QUEUED
    delivering.deliver([hold.pk])
    (arrived,) = mailbox()
    assert set(arrived.envelope.recipients) == {"customer@client.example", "archive@example.test"}
    assert b"archive@example.test" not in arrived.content


def test_nobody_gets_two_copies(asking, hold_mail, alice):
    asking(WAIT, BCC)
    holds = hold_mail(person=alice, to=("customer@client.example", "Archive@example.test"))
    assert [sorted(addresses(hold)) for hold in holds] == [
        ["Archive@example.test", "customer@client.example"]
    ]


def test_an_edited_mail_takes_its_copy_along_and_gets_no_second_one(
    asking, one_hold, alice, actor, now, later, statuses
):
    asking(WAIT, BCC)
    hold = one_hold(person=alice)
    edit(hold.pk, hold.revision_id, Change(subject="Better"), alice, actor(alice), now)
    assert rescreen(hold.pk, later(1))
    both = Recipient.objects.filter(message=hold.message)
    assert sorted(both.values_list("address", "status")) == [
        ("archive@example.test", "waiting"),
        ("customer@client.example", "waiting"),
    ]


def test_a_copy_that_is_asked_for_after_an_edit_joins_the_hold(
    asking, one_hold, alice, actor, now, later, statuses
):
    asking(WAIT)
    hold = one_hold(person=alice)
    asking(WAIT, BCC, "{kind: add_header, header: 'X-Policy: checked'}", "{kind: urgent}")
    edit(hold.pk, hold.revision_id, Change(subject="Better"), alice, actor(alice), now)
    assert rescreen(hold.pk, later(1))
    assert statuses(hold) == {"customer@client.example": "waiting", "archive@example.test": "waiting"}
    hold.refresh_from_db()
    assert (hold.added_headers, hold.urgent) == (["X-Policy: checked"], True)


def test_a_header_stands_above_what_leaves_and_the_content_stays(asking, one_hold, alice, mailbox):
    asking("{kind: add_header, header: 'X-Policy: checked'}")
    hold = one_hold(person=alice)
    delivering.deliver([hold.pk])
    (arrived,) = mailbox()
    head, _, rest = arrived.content.partition(b"X-Policy: checked\r\n")
    assert head.endswith(b"X-Mailhold-Id: " + str(hold.pk).encode() + b"\r\n")
    assert rest.startswith(b"From: ")
    assert email.message_from_bytes(arrived.content)["X-Policy"] == "checked"


def test_people_are_told_whether_the_mail_waits_or_leaves(asking, one_hold, alice, carol, bob, notices):
    asking("{kind: notify, persons: [bob@example.test, carol@example.test]}")
    type(carol).objects.filter(pk=carol.pk).update(is_active=False)
    hold = one_hold(person=alice)
    assert hold.state == HoldState.QUEUED
    assert notices(hold) == [("notified", "bob@example.test")]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "A policy asks that you are told of this mail from Alice Archer."), ("ja", "ポリシーにより")],
)
def test_the_notice_says_what_it_is_about_and_gives_no_link(
    asking, one_hold, alice, bob, mailbox, later, language, words
):
    type(bob).objects.filter(pk=bob.pk).update(language=language)
    asking("{kind: notify, persons: [bob@example.test]}", WAIT)
    one_hold(person=alice, subject="Contract")
    notice = Notice.objects.get(kind="notified")
    assert notify([notice.pk], later(1)) == 1
    (arrived,) = mailbox()
    told = email.message_from_bytes(arrived.content, policy=email.policy.default)
    text = told.get_body(("plain",)).get_content()
    assert words in text
    assert "Contract" in told["Subject"]
    assert "client.example" in text
    assert "/m/" not in text


def test_urgent_mail_is_marked_in_the_queue(asking, one_hold, alice, bob, client):
    asking("{kind: approval, approvers: manager, deadline: 24h}", "{kind: urgent}")
    assert one_hold(person=alice).urgent
    client.force_login(bob)
    assert "urgent" in client.get("/queue/").content.decode()


def test_a_peer_is_somebody_with_the_same_manager(asking, one_hold, alice, carol, mallory):
    asking("{kind: approval, approvers: peers, deadline: 24h}")
    hold = one_hold(person=alice)
    assert [approver.person for approver in hold.gates.get().approvers.all()] == [carol]


def test_without_a_peer_an_administrator_is_asked(asking, one_hold, alice, admin):
    asking("{kind: approval, approvers: peers, deadline: 24h}")
    hold = one_hold(person=alice)
    assert [approver.person for approver in hold.gates.get().approvers.all()] == [admin]


def test_risk_that_adds_up_needs_a_peer_and_says_how_high_it_is(asking, one_hold, alice, carol):
    asking("{kind: risk, points: 65}")
    hold = one_hold(person=alice)
    assert [approver.person for approver in hold.gates.get().approvers.all()] == [carol]
    assert hold.reasons[-1]["text"]["en"] == "the risk is 65 points together"


def test_rules_of_the_administration_hold_for_the_next_mail(asking, one_hold, alice, admin, client):
    asking("{kind: risk, points: 65}")
    client.force_login(admin)
    wrong = {"wait": 10, "check_points": 20, "peer": 20, "manager": 40}
    page = "/admin/policies/policyrules/add/"
    assert client.post(page, wrong).status_code == 200
    assert not PolicyRules.objects.exists()
    assert client.post(page, wrong | {"peer": 30, "manager": 66, "check_points": 11}).status_code == 302
    assert client.get(page).status_code == 403
    hold = one_hold(person=alice)
    assert hold.gates.get().kind == "approval"
    PolicyRules.objects.update(wait=66, check_points=67, peer=68, manager=69)
    client.post(
        "/admin/policies/policyrules/1/change/", {"wait": 66, "check_points": 67, "peer": 68, "manager": 70}
    )
    assert one_hold(person=alice).state == HoldState.QUEUED


def test_the_sender_must_say_why_and_the_approver_reads_it(asking, one_hold, alice, bob, client, actor, now):
    asking("{kind: require_reason, deadline: 24h}", "{kind: approval, approvers: manager, deadline: 24h}")
    hold = one_hold(person=alice)
    with pytest.raises(WrongInput):
        cancel.self_check(hold.pk, hold.revision_id, actor(alice), now, "  ")
    client.force_login(alice)
    page = f"/m/{hold.pk}/act"
    sent = {"action": "self_check", "revision": str(hold.revision_id), "checked": ["customer@client.example"]}
    assert b'name="sender_reason"' in client.get(page).content
    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "Please write why the mail must be sent." in refused.content.decode()
    assert client.post(page, sent | {"sender_reason": "The customer <b>waits</b>."}).status_code == 200
    hold.refresh_from_db()
    assert hold.sender_reason == "The customer <b>waits</b>."
    client.force_login(bob)
    assert "The customer &lt;b&gt;waits&lt;/b&gt;." in client.get(f"/m/{hold.pk}/").content.decode()
