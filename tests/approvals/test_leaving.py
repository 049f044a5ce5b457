"""Tags and copies in Cc, from the policy to the bytes that the next hop gets, and to the eyes of those who decide."""

import email
import email.policy
from base64 import b64encode

import pytest
from live.sink import Sink

from approvals.flows import deliver as delivering
from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.models import Hold, Notice
from approvals.states import HoldState
from mailhold.delivery import smarthost
from mailhold.mailstore.models import Recipient

HEAD = """
format: 1
policies:
  - key: tried
    name: {ja: 試す, en: Tried}
    conditions: [{kind: recipient_is, choice: external}]
    actions:
"""
WAIT = "{kind: hold, for: 5m}"
CC = "{kind: add_cc, address: desk@example.test}"
BCC = "{kind: add_bcc, address: archive@example.test}"
TAG = "{kind: tag, tag: 【社外】}"
DESK = "desk@example.test"
CUSTOMER = "customer@client.example"


@pytest.fixture
def asking(policies):
    return lambda *actions: policies(HEAD + "".join(f"      - {action}\n" for action in actions))


@pytest.fixture
def sink(settings):
    """A next hop that keeps the bytes it gets."""
    with Sink() as sink:
        settings.SMARTHOST = f"smtp://127.0.0.1:{sink.port}?tls=off"
        yield sink
        smarthost.close_kept()


def content(
    *lines, to=CUSTOMER, subject=b"Subject: Offer", body=b"Content-Type: text/plain\r\n\r\nHello.\r\n"
):
    head = [b"From: Alice <alice@example.test>", b"To: " + to.encode(), *lines, subject, b"MIME-Version: 1.0"]
    return b"\r\n".join(head) + b"\r\n" + body


def read(mail):
    return email.message_from_bytes(mail, policy=email.policy.default)


# --- what leaves ------------------------------------------------------------------------------------------------

ENCODED = b"=?UTF-8?B?" + b64encode("見積書".encode()) + b"?="
SIGNED = (
    b"Content-Type: multipart/signed; protocol=application/pkcs7-signature; micalg=sha-256; boundary=s\r\n\r\n"
    b"--s\r\nContent-Type: text/plain\r\n\r\nsigned \r\n--s\r\n"
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIIB\r\n--s--\r\n"
)


def test_the_next_hop_gets_tag_and_copy_and_below_the_header_the_bytes_that_came(
    asking, hold_mail, alice, sink
):
    asking(TAG, CC, "{kind: add_header, header: 'X-Policy: checked'}")
    came = content(b"Cc: Carol <carol@other.example>", subject=b"Subject: " + ENCODED, body=SIGNED)
    (hold,) = hold_mail(person=alice, to=(CUSTOMER, "carol@other.example"), content=came)
    assert delivering.deliver([hold.pk]) == 1
    (got,) = sink.wait_for(1)
    assert got.forward_paths == (CUSTOMER, "carol@other.example", DESK)
    trace, _, rest = got.content.partition(b"X-Policy: checked\r\n")
    assert trace == f"{hold.message.trace_header}X-Mailhold-Id: {hold.pk}\r\n".encode()
    wanted = came.replace(b"carol@other.example>", b"carol@other.example>,\r\n desk@example.test")
    assert rest == wanted.replace(ENCODED, b"=?utf-8?B?44CQ56S+5aSW44CR?= " + ENCODED)
    assert read(got.content)["Subject"] == "【社外】見積書"
    assert sorted(each.addr_spec for each in read(got.content)["Cc"].addresses) == [
        "carol@other.example",
        DESK,
    ]


def test_a_new_cc_field_stands_with_the_trace(asking, hold_mail, alice, sink):
    asking(CC)
    (hold,) = hold_mail(person=alice, content=content())
    delivering.deliver([hold.pk])
    (got,) = sink.wait_for(1)
    assert got.content == (
        f"{hold.message.trace_header}Cc: {DESK}\r\nX-Mailhold-Id: {hold.pk}\r\n".encode() + content()
    )


def test_only_those_for_whom_the_policy_matches_get_tag_and_copy(asking, hold_mail, alice, sink):
    asking(TAG, CC)
    holds = hold_mail(person=alice, to=(CUSTOMER, "bob@example.test"), content=content())
    delivering.deliver([hold.pk for hold in holds])
    mails = {got.forward_paths: got.content for got in sink.wait_for(2)}
    assert mails.keys() == {(CUSTOMER, DESK), ("bob@example.test",)}
    assert read(mails[CUSTOMER, DESK])["Subject"] == "【社外】 Offer"
    assert mails["bob@example.test",].endswith(content())


def test_a_second_attempt_sends_the_same_bytes(asking, hold_mail, alice, sink, later):
    asking(TAG, CC)
    (hold,) = hold_mail(person=alice, content=content())
    sink.behaviour.recipient_replies[DESK] = b"451 4.3.0 later"
    delivering.deliver([hold.pk])
    sink.behaviour.recipient_replies.clear()
    delivering.deliver([hold.pk])
    first, second = sink.wait_for(2)
    assert (first.forward_paths, second.forward_paths) == ((CUSTOMER,), (DESK,))
    assert first.content == second.content


def test_a_copy_that_is_refused_is_no_failure_for_the_sender(asking, hold_mail, alice, sink, statuses):
    asking(CC)
    (hold,) = hold_mail(person=alice, content=content())
    sink.behaviour.recipient_replies[DESK] = b"550 5.1.1 nobody"
    delivering.deliver([hold.pk])
    assert statuses(hold) == {CUSTOMER: "delivered", DESK: "failed"}
    assert not Notice.objects.filter(kind=Notice.Kind.NOT_DELIVERED).exists()


# --- who gets a copy --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{"to": f"{CUSTOMER}, Desk <Desk@example.test>"}, {"cc": DESK}])
def test_whom_the_header_names_gets_no_copy_and_is_not_named_again(asking, hold_mail, alice, sink, named):
    asking(CC)
    lines = [b"Cc: " + named["cc"].encode()] if "cc" in named else []
    came = content(*lines, to=named.get("to", CUSTOMER))
    (hold,) = hold_mail(person=alice, content=came)
    delivering.deliver([hold.pk])
    (got,) = sink.wait_for(1)
    assert got.forward_paths == (CUSTOMER,)
    assert got.content.endswith(came)


def test_a_bcc_of_the_senders_stays_one(asking, hold_mail, alice, sink):
    asking(CC)
    holds = hold_mail(person=alice, to=(CUSTOMER, DESK), content=content())
    delivering.deliver([hold.pk for hold in holds])
    got = sink.wait_for(2)
    assert sorted(mail.forward_paths for mail in got) == [(CUSTOMER,), (DESK,)]
    assert all(mail.content.endswith(content()) and DESK.encode() not in mail.content for mail in got)


def test_an_address_for_cc_and_bcc_gets_one_copy_and_is_named(asking, hold_mail, alice, sink):
    asking("{kind: add_bcc, address: desk@example.test}", CC, "{kind: add_cc, address: Desk@Example.test}")
    (hold,) = hold_mail(person=alice, content=content())
    delivering.deliver([hold.pk])
    (got,) = sink.wait_for(1)
    assert got.forward_paths == (CUSTOMER, DESK)
    assert got.content.count(DESK.encode()) == 1


def test_two_lots_that_want_the_same_copy_both_name_it_and_one_brings_it(policies, hold_mail, alice, sink):
    policies(
        HEAD + f"      - {CC}\n"
        "  - key: other\n    name: {ja: 他, en: Other}\n"
        "    conditions: [{kind: recipient_domain, values: [other.example]}]\n    actions: [" + TAG + "]\n"
    )
    holds = hold_mail(person=alice, to=(CUSTOMER, "carol@other.example"), content=content())
    delivering.deliver([hold.pk for hold in holds])
    got = sink.wait_for(2)
    assert sorted(address for mail in got for address in mail.forward_paths) == [
        "carol@other.example",
        CUSTOMER,
        DESK,
    ]
    assert all(read(mail.content)["Cc"] == DESK for mail in got)


def test_an_edited_mail_names_its_copy_again_and_brings_no_second_one(
    asking, one_hold, alice, actor, now, later, sink
):
    asking(CC, TAG, WAIT)
    hold = one_hold(person=alice, content=content())
    edit(hold.pk, hold.revision_id, Change(subject="Better"), alice, actor(alice), now)
    assert rescreen(hold.pk, later(1))
    hold.refresh_from_db()
    assert (hold.added_cc, hold.subject_tags) == ([DESK], ["【社外】"])
    assert Recipient.objects.filter(message=hold.message, address=DESK).count() == 1
    Hold.objects.filter(pk=hold.pk).update(state=HoldState.QUEUED, release_at=None, next_attempt_at=now)
    Recipient.objects.filter(message=hold.message).update(status="queued")
    delivering.deliver([hold.pk])
    (got,) = sink.wait_for(1)
    assert (read(got.content)["Subject"], read(got.content)["Cc"]) == ("【社外】 Better", DESK)


@pytest.mark.parametrize("copy", [CC, BCC])
def test_a_copy_that_an_edit_takes_out_comes_back_while_the_policy_wants_it(
    asking, one_hold, alice, actor, now, later, copy
):
    asking(WAIT, copy)
    hold = one_hold(person=alice, content=content())
    (added,) = Recipient.objects.filter(message=hold.message).exclude(address=CUSTOMER)
    edit(hold.pk, hold.revision_id, Change(remove_recipients=frozenset({added.pk})), alice, actor(alice), now)
    assert rescreen(hold.pk, later(1))
    rows = Recipient.objects.filter(message=hold.message, address=added.address).order_by("pk")
    assert [row.status for row in rows] == ["removed", "waiting"]
    hold.refresh_from_db()
    assert hold.added_cc + hold.added_bcc == [added.address]


# --- who sees it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Leaves as", "Cc, added by a policy", "not shown (Bcc), added by a policy"]),
        ("ja", ["送る件名", "Cc, ポリシーで追加", "Bcc, ポリシーで追加"]),
    ],
)
def test_who_decides_and_who_sent_see_what_will_leave(asking, one_hold, alice, bob, client, language, words):
    asking(
        TAG,
        CC,
        BCC,
        "{kind: add_header, header: 'X-Policy: checked'}",
        "{kind: approval, approvers: manager, deadline: 24h}",
    )
    hold = one_hold(person=alice, content=content())
    for person in (alice, bob):
        person.language = language
        person.save()
        client.force_login(person)
        page = client.get(f"/m/{hold.pk}/").content.decode()
        for word in [*words, "【社外】 Offer", "X-Policy: checked"]:
            assert word in page, word


def test_a_subject_that_has_its_tag_is_shown_once(asking, one_hold, alice, client):
    asking(TAG, WAIT)
    hold = one_hold(person=alice, content=content(subject="Subject: Re: 【社外】Offer".encode()))
    client.force_login(alice)
    assert "Leaves as" not in client.get(f"/m/{hold.pk}/").content.decode()


def test_scripts_read_what_will_leave(asking, one_hold, alice, client):
    from mailhold.directory import api_keys

    asking(TAG, CC, BCC, WAIT)
    hold = one_hold(person=alice, content=content())
    key = api_keys.create(alice, "test")
    answer = client.get(f"/api/v1/holds/{hold.pk}", headers={"Authorization": f"Bearer {key}"}).json()
    assert answer["subject_tags"] == ["【社外】"]
    assert {(each["address"], each["field"], each["by_policy"]) for each in answer["recipients"]} == {
        (CUSTOMER, "to", False),
        (DESK, "cc", True),
        ("archive@example.test", "bcc", True),
    }
