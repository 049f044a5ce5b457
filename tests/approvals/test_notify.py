import re

import pytest

from approvals.flows import cancel, decide, notify as flow
from approvals.flows.edit import Change, edit
from approvals.flows.expire import remind_due
from approvals.flows.notify import notify, ring_due_notices
from approvals.flows.rescreen import rescreen
from approvals.links import find
from approvals.models import Link, Notice
from mailhold.delivery.outcome import Outcome, Result
from mailhold.mime.parse import parse


def send_all(now):
    return notify(list(Notice.objects.order_by("pk").values_list("pk", flat=True)), now)


@pytest.fixture
def arrived(mailbox):
    """The notices that arrived, parsed, by recipient."""

    def arrived(address):
        return [parse(mail.content) for mail in mailbox() if mail.envelope.recipients == (address,)]

    return arrived


def test_the_approver_gets_a_link_that_works(needs_manager, bob, arrived, now):
    send_all(now)

    (request,) = arrived("bob@example.test")
    token = re.search(r"/a/([\w-]{43})", request.text).group(1)
    link = find(token)
    assert link.purpose == Link.Purpose.DECIDE
    assert (link.person, link.hold) == (bob, needs_manager)
    assert "Alice Archer" in request.subject
    assert "client.example" in request.text
    assert "offer.pdf" in request.text


@pytest.mark.parametrize(("language", "word"), [("ja", "承認"), ("en", "Approval")])
def test_notices_speak_the_recipients_language(language, word, hold_mail, alice, bob, arrived, now):
    bob.language = language
    bob.save(update_fields=["language"])
    hold_mail(person=alice, attach="offer.pdf")

    send_all(now)

    assert word in arrived("bob@example.test")[0].subject


def test_our_own_mail_says_that_a_program_made_it(needs_manager, mailbox, now):
    from mailhold.gateway.server import instance_mark

    send_all(now)

    for mail in mailbox():
        assert b"\r\nAuto-Submitted: auto-generated\r\n" in mail.content
        assert f"X-Mailhold-Trace: {instance_mark()}\r\n".encode() in mail.content


def test_a_rejected_mail_comes_back_whole_with_the_comment(needs_manager, bob, actor, arrived, now):
    decide.reject(
        needs_manager.pk,
        needs_manager.revision_id,
        bob,
        actor(bob),
        now,
        reason="content",
        comment="Not this price.",
    )
    send_all(now)

    (notice,) = arrived("alice@example.test")
    assert "Not this price." in notice.text
    assert [attachment.content_type for attachment in notice.attachments] == ["message/rfc822"]
    assert notice.attachments[0].nested.subject == "Offer"


def test_what_nobody_needs_to_know_any_more_is_not_sent(one_hold, alice, actor, mailbox, now):
    hold = one_hold(person=alice)
    cancel.cancel(hold.pk, alice, actor(alice), now)

    send_all(now)

    assert mailbox() == []
    assert Notice.objects.get().state == Notice.State.OBSOLETE


def test_a_notice_that_the_smarthost_defers_is_tried_again(one_hold, alice, monkeypatch, mailbox, now, later):
    one_hold(person=alice)
    hand_over = flow.hand_over
    busy = Outcome(result=Result.DEFERRED, reply_code=451, reply_text="later")
    monkeypatch.setattr(flow, "hand_over", lambda outgoing: {outgoing.recipients[0].address: busy})
    send_all(now)
    assert Notice.objects.get().problem == "451 later"
    monkeypatch.setattr(flow, "hand_over", hand_over)

    assert ring_due_notices(later(30)) == 0
    assert ring_due_notices(later(62)) == 1
    assert send_all(later(62)) == 1

    assert Notice.objects.get().state == Notice.State.SENT
    assert len(mailbox()) == 1


def test_a_notice_that_is_refused_for_good_is_given_up_and_recorded(one_hold, alice, monkeypatch, tags, now):
    hold = one_hold(person=alice)
    gone = Outcome(result=Result.FAILED, reply_code=550, reply_text="unknown")
    monkeypatch.setattr(flow, "hand_over", lambda outgoing: {outgoing.recipients[0].address: gone})

    send_all(now)

    assert Notice.objects.get().state == Notice.State.FAILED
    assert "notice:delivery:failed" in tags(hold)


def test_who_sent_a_mail_too_large_to_come_back_is_told_without_it(
    needs_manager, bob, actor, monkeypatch, arrived, now
):
    decide.reject(
        needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now, reason="content", comment="No."
    )
    hand_over = flow.hand_over
    large = Outcome(result=Result.FAILED, reply_code=552, reply_text="too large")

    def small_only(outgoing):
        if b"message/rfc822" in outgoing.content:
            return {outgoing.recipients[0].address: large}
        return hand_over(outgoing)

    monkeypatch.setattr(flow, "hand_over", small_only)
    send_all(now)
    assert arrived("alice@example.test") == []

    send_all(now)

    (notice,) = arrived("alice@example.test")
    assert "No." in notice.text
    assert "on its page" in notice.text
    assert notice.attachments == ()


def test_a_notice_is_sent_once(one_hold, alice, mailbox, now):
    one_hold(person=alice)

    assert send_all(now) == 1
    assert send_all(now) == 0
    assert len(mailbox()) == 1


def test_a_report_of_failure_has_a_null_sender_and_is_one_that_programs_read(
    one_hold, alice, mailbox, now, later
):
    from approvals.flows.deliver import finish
    from approvals.flows.release import claim_due
    from approvals.models import Hold
    from mailhold.ids import uuid7
    from mailhold.mailstore.models import Recipient

    hold = one_hold(person=alice)
    claim_due(later(300))
    token = uuid7()
    Hold.objects.filter(pk=hold.pk).update(lease_token=token, leased_until=later(999))
    gone = Outcome(
        result=Result.FAILED, reply_code=550, enhanced_status="5.1.1", reply_text="550 5.1.1 unknown"
    )
    recipients = list(Recipient.objects.filter(hold_link__hold=hold))
    finish(hold, recipients, {r.address: gone for r in recipients}, token, later(301), was_approved=False)

    send_all(later(302))

    (report,) = mailbox()
    assert report.envelope.reverse_path == ""
    assert b"report-type=delivery-status" in report.content.replace(b'"', b"")
    assert b"Final-Recipient: rfc822; customer@client.example" in report.content.replace(
        b"rfc822;c", b"rfc822; c"
    )


@pytest.mark.parametrize("kind", Notice.Kind.values)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_notice_can_be_written_in_both_languages(
    kind, language, needs_manager, alice, bob, now, settings
):
    from django.utils import translation

    from approvals.writing import write

    notice = Notice.objects.create(
        kind=kind,
        hold=needs_manager,
        person=bob,
        address=bob.email,
        created_at=now,
        next_attempt_at=now,
        about={"recipients": list(needs_manager.recipient_links.values_list("recipient", flat=True))},
    )
    with translation.override(language):
        written = write(notice, now)

    parsed = parse(written.content)
    assert parsed.subject
    assert parsed.text.strip()
    assert "{{" not in parsed.text
    assert ("承認" in parsed.text or "メール" in parsed.text or "送信" in parsed.text) or language == "en"


def test_a_paused_mail_is_not_announced_with_a_time_that_it_no_longer_has(
    one_hold, alice, actor, mailbox, now
):
    hold = one_hold(person=alice)
    cancel.pause(hold.pk, actor(alice), now)

    send_all(now)

    assert mailbox() == []
    assert Notice.objects.get(kind="sending_soon").state == Notice.State.OBSOLETE


TWO_PEERS = """
format: 1
policies:
  - key: peers
    name: {ja: 同僚, en: Peers}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: hold, for: 20h}
      - {kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], deadline: 10h}
"""


def test_a_late_reminder_gives_an_approver_no_link_of_the_senders(
    policies, one_hold, alice, bob, carol, actor, arrived, now, later
):
    policies(TWO_PEERS)
    hold = one_hold(person=alice)
    Notice.objects.all().delete()
    assert remind_due(later(5 * 3600)) == 1
    decide.approve(hold.pk, hold.revision_id, carol, actor(carol), later(5 * 3600))

    send_all(later(5 * 3600 + 1))

    assert arrived("bob@example.test") == []
    assert not Link.objects.filter(purpose=Link.Purpose.SENDER, person=bob).exists()


def test_who_is_asked_no_longer_is_told_nothing_of_the_new_revision(
    policies, one_hold, alice, bob, carol, actor, arrived, now
):
    policies(TWO_PEERS)
    hold = one_hold(person=alice)
    policies(TWO_PEERS.replace(", carol@example.test", ""))
    edit(hold.pk, hold.revision_id, Change(subject="For Bob alone"), alice, actor(alice), now)
    rescreen(hold.pk, now)

    send_all(now)

    assert arrived("carol@example.test") == []
    assert "For Bob alone" in arrived("bob@example.test")[0].text


def test_a_null_reverse_path_is_never_answered(one_hold, alice):
    """Neither by way of the envelope nor of the From field: both could be a responder that answers again."""
    hold = one_hold(
        sender="", content=b"From: alice@example.test\r\nSubject: I am away\r\n\r\nBack soon.\r\n"
    )
    assert hold.sender == alice

    assert not Notice.objects.filter(hold=hold, address=alice.email).exists()


def test_a_time_zone_that_is_gone_keeps_no_notice_back(needs_manager, bob, arrived, now):
    bob.time_zone = "Mars/Olympus"
    bob.save(update_fields=["time_zone"])

    send_all(now)

    assert len(arrived("bob@example.test")) == 1


def test_a_slow_next_hop_does_not_eat_the_leases_of_those_that_follow(needs_manager, monkeypatch, now):
    clock, leases = [0.0], []
    monkeypatch.setattr(flow.time, "monotonic", lambda: clock[0])
    hand_over = flow.hand_over

    def slow(outgoing):
        leases.append(Notice.objects.get(address=outgoing.recipients[0].address).leased_until)
        clock[0] += 300
        return hand_over(outgoing)

    monkeypatch.setattr(flow, "hand_over", slow)

    assert send_all(now) == 2

    assert [(until - now).total_seconds() for until in leases] == [60, 360]
