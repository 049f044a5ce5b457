"""Facts that come from real messages, earlier mail, the directory and the virus scanner, by whole screenings."""

import io
import socket
import threading
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import pyzipper

from approvals import gathering
from approvals.models import Hold, ThreadEntry
from approvals.states import HoldState
from mailhold.directory.models import Department
from policies import loading
from policies.models import PolicyCondition

HEAD = "format: 1\npolicies:\n  - key: tried\n    name: {ja: 試す, en: Tried}\n    conditions:\n"
ACTION = "    actions: [{kind: hold, for: 5m}]\n"


@pytest.fixture
def condition(policies):
    """Make one policy with these conditions, in YAML, the only one; what it matches waits."""

    def condition(*lines, head=""):
        text = HEAD.replace("policies:", f"{head}policies:") if head else HEAD
        policies(text + "".join(f"      - {line}\n" for line in lines) + ACTION)

    return condition


@pytest.fixture
def sales(db):
    return Department.objects.create(name="営業部")


@pytest.fixture(autouse=True)
def _no_count_of_another_test(monkeypatch):
    monkeypatch.setattr(gathering._Frequent, "counted_at", None)


@pytest.fixture
def reasons(hold_mail):
    """Send; return the reasons of those copies that wait, by recipient, and nothing of those that left."""

    def reasons(**kind):
        found = {}
        for hold in hold_mail(**kind):
            for link in hold.recipient_links.all():
                if hold.state == HoldState.HELD:
                    found[link.recipient.address] = [reason["text"]["en"] for reason in hold.reasons]
        return found

    return reasons


def message(body="Hello.\n", *, to="customer@client.example", attachments=(), **headers):
    made = EmailMessage(policy=SMTP)
    made["From"] = "alice@example.test"
    made["To"] = to
    made["Subject"] = headers.pop("subject", "Offer")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    for name, content in attachments:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def send_on_its_way(hold_mail, policies, **kind):
    policies("format: 1\npolicies: []\n")
    assert [hold.state for hold in hold_mail(**kind)] == [HoldState.QUEUED]


def test_the_first_mail_to_somebody_is_the_first_that_left(
    reasons, hold_mail, policies, condition, alice, carol, mallory
):
    send_on_its_way(hold_mail, policies, person=alice, to=("Known@Client.example",))
    condition("{kind: first_mail, choice: person_address}")
    assert reasons(person=alice, to=("known@client.example",)) == {}
    assert list(reasons(person=carol, to=("known@client.example",))) == ["known@client.example"]
    # What waits has not left.
    assert list(reasons(person=carol, to=("known@client.example",))) == ["known@client.example"]
    condition("{kind: first_mail, choice: company_address}")
    assert reasons(person=carol, to=("known@client.example",)) == {}
    assert list(reasons(person=carol, to=("other@client.example", "known@client.example"))) == [
        "other@client.example"
    ]
    condition("{kind: first_mail, choice: company_domain}")
    assert reasons(person=carol, to=("other@client.example",)) == {}
    condition("{kind: first_mail, choice: person_domain}")
    assert reasons(person=alice, to=("other@client.example",)) == {}
    assert list(reasons(person=mallory, to=("other@client.example",))) == ["other@client.example"]


def test_a_look_alike_is_like_a_domain_that_ten_mails_have_gone_to(
    reasons, hold_mail, policies, condition, alice, monkeypatch
):
    several = tuple(f"person{number}@yamada-trading.example" for number in range(9))
    send_on_its_way(hold_mail, policies, person=alice, to=several)
    condition("{kind: look_alike}")
    assert reasons(person=alice, to=("x@yamada-trad1ng.example",)) == {}
    send_on_its_way(hold_mail, policies, person=alice, to=("tenth@yamada-trading.example",))
    condition("{kind: look_alike}")
    monkeypatch.setattr(gathering._Frequent, "counted_at", None)
    assert reasons(person=alice, to=("x@yarnada-trading.example",)) == {
        "x@yarnada-trading.example": ["the domain yarnada-trading.example looks like yamada-trading.example"]
    }


def test_a_recipient_who_was_not_in_the_thread_is_added(reasons, condition, alice):
    condition("{kind: added_recipient}")
    first = message(Message_ID="<one@example.test>", Cc="boss@client.example")
    assert reasons(person=alice, content=first) == {}
    reply = message(In_Reply_To="<his@client.example>", References="<one@example.test> <his@client.example>")
    found = reasons(
        person=alice, content=reply, to=("customer@client.example", "Boss@client.example", "eve@x.example")
    )
    assert found == {"eve@x.example": ["eve@x.example was not part of the mail that is answered"]}


def test_no_thread_is_kept_where_no_policy_asks(hold_mail, alice, condition):
    condition("{kind: empty_subject}")
    hold_mail(person=alice, content=message(Message_ID="<one@example.test>"))
    assert not ThreadEntry.objects.exists()


def test_the_directory_says_who_the_sender_is(reasons, condition, alice, bob, carol, sales, mallory):
    type(alice).objects.filter(pk=alice.pk).update(department=sales, joined_on=date(2026, 11, 20))
    condition("{kind: sender_role, choice: approver}")
    assert list(reasons(person=bob)) == ["customer@client.example"]
    assert reasons(person=mallory, sender="mallory@example.test") == {}
    condition("{kind: manager_missing}")
    assert list(reasons(person=alice)) == ["customer@client.example"]
    assert reasons(person=alice, to=("customer@client.example", "bob@example.test")) == {}
    condition("{kind: sender_department, values: [営業部]}", "{kind: sender_joined, number: 5}")
    alice.refresh_from_db()
    assert list(reasons(person=alice)) == ["customer@client.example"]
    assert reasons(person=carol, sender="carol@example.test") == {}
    condition(
        "{kind: sender_is, values: [Alice@example.test]}",
        "{kind: sender_connection, choice: trusted_network}",
    )
    assert list(reasons()) == ["customer@client.example"]
    assert reasons(person=alice) == {}


def test_a_list_of_recipients_that_the_file_brings_is_looked_up(reasons, condition, alice):
    condition(
        "{kind: recipient_list, values: [partners]}",
        head="lists:\n  - {name: partners, entries: [.client.example]}\n",
    )
    assert list(reasons(person=alice, to=("a@sub.client.example", "b@x.example"))) == ["a@sub.client.example"]


def test_personal_data_is_found_inside_an_attachment(reasons, condition, alice):
    condition("{kind: personal_data, choice: attachments, number: 3, values: [phone]}")
    rows = "氏名,電話番号\r\n" + "".join(f"田中{n},03-3210-45{n}\r\n" for n in range(10, 14))
    listed = message(attachments=(("names.csv", rows.encode("cp932")),))
    assert reasons(person=alice, content=listed) == {"customer@client.example": ["phone number: 4"]}
    assert reasons(person=alice, content=message(attachments=(("names.csv", b"a,b\r\n"),))) == {}


def zipped(password, content):
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        archive.writestr("secret.txt", content)
    return packed.getvalue()


def test_a_password_from_an_earlier_mail_to_the_same_person_opens_an_archive(reasons, condition, alice):
    condition("{kind: words, choice: attachments, values: [社外秘]}")
    locked = message(attachments=(("a.zip", zipped(b"Kx93#pqT", "社外秘です")),))
    assert reasons(person=alice, content=locked) == {}
    assert reasons(person=alice, content=message("パスワード: Kx93#pqT\n")) == {}
    assert list(reasons(person=alice, content=locked)) == ["customer@client.example"]
    # To somebody else it was never sent.
    assert reasons(person=alice, content=locked, to=("other@x.example",)) == {}


def test_what_is_encrypted_and_stays_shut_is_reported(reasons, condition, alice):
    condition("{kind: attachment_is, choice: not_inspected}", "{kind: attachment_is, choice: all_encrypted}")
    locked = message(attachments=(("a.zip", zipped(b"Kx93#pqT", "x")),))
    ((_, (shut, encrypted)),) = reasons(person=alice, content=locked).items()
    assert "a.zip" in shut
    assert "(encrypted)" in shut
    assert "a.zip" in encrypted


def test_headers_of_the_message_are_asked(reasons, condition, alice):
    condition(
        "{kind: importance, choice: high}",
        "{kind: header, values: ['X-Mailer: *bulk*']}",
        "{kind: reply_to_differs}",
    )
    marked = message(X_Priority="1", X_Mailer="Bulk 3", Reply_To="me@private.example")
    assert list(reasons(person=alice, content=marked)) == ["customer@client.example"]
    assert (
        reasons(
            person=alice, content=message(X_Priority="1", X_Mailer="Bulk 3", Reply_To="alice@example.test")
        )
        == {}
    )


def test_an_answer_to_an_invitation_is_known_by_its_method(reasons, condition, alice):
    condition("{kind: message_is, choice: calendar_reply}")

    def calendar(method):
        made = EmailMessage(policy=SMTP)
        made["From"], made["To"], made["Subject"] = (
            "alice@example.test",
            "customer@client.example",
            "Accepted",
        )
        made.set_content("Yes.\n")
        made.add_alternative(
            f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n",
            subtype="calendar",
            params={"method": method},
        )
        return made.as_bytes()

    assert list(reasons(person=alice, content=calendar("REPLY"))) == ["customer@client.example"]
    assert reasons(person=alice, content=calendar("REQUEST")) == {}


@pytest.fixture
def scanner(settings):
    """A virus scanner of one answer; returns the bytes that it was given."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD = f"127.0.0.1:{listener.getsockname()[1]}"
    given = []

    def answer(reply):
        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                given.append(content)
                connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        return given

    yield answer
    listener.close()


FOUND = "{kind: malware, choice: found}"


def test_malware_that_the_scanner_finds_is_named(reasons, condition, alice, scanner):
    condition(FOUND)
    given = scanner(b"stream: Eicar-Test FOUND\0")
    content = message("harmful\n")
    assert reasons(person=alice, content=content) == {"customer@client.example": ["malware (Eicar-Test)"]}
    assert given == [content]


def test_what_the_scanner_finds_clean_leaves(reasons, condition, alice, scanner):
    condition(FOUND)
    scanner(b"stream: OK\0")
    assert reasons(person=alice) == {}


@pytest.mark.parametrize("reply", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK and more\0"])
def test_no_verdict_of_the_scanner_is_never_taken_for_a_clean_one(
    reasons, condition, alice, admin, scanner, reply
):
    condition(FOUND)
    scanner(reply)
    assert reasons(person=alice) == {
        "customer@client.example": ["could not be inspected (malware_not_checked)"]
    }


def test_without_a_scanner_the_condition_says_not_checked(reasons, condition, alice, admin):
    condition("{kind: malware, choice: found_or_not_checked}")
    assert reasons(person=alice) == {"customer@client.example": ["it was not checked for malware"]}
    assert Hold.objects.get().gates.count() == 0


def test_a_list_that_is_gone_lets_no_mail_pass(hold_mail, condition, alice, admin, monkeypatch):
    condition("{kind: empty_subject}")
    PolicyCondition.objects.update(kind="recipient_list", values="gone")
    monkeypatch.setattr(loading._Kept, "current", None)
    (hold,) = hold_mail(person=alice)
    assert (hold.state, hold.reasons[-1]["code"]) == (HoldState.HELD, "check_failed")
