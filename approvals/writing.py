"""Writing a notice: from what it is about to the bytes that are sent, in the language and time zone of the moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, gettext as _

from approvals import links, reading
from approvals.models import Decision, Gate, Link, Notice
from approvals.people import current_gate, has_decided, refusal_to_decide
from approvals.states import HoldState
from mailhold.delivery.compose import AttachedMessage, compose
from mailhold.delivery.dsn import FailedRecipient, failure_report
from mailhold.gateway.server import instance_mark
from mailhold.ids import uuid7
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import Recipient

Kind = Notice.Kind

# The sender gets the mail back with these (invariant 9).
_WITH_ORIGINAL = frozenset({Kind.REJECTED, Kind.EXPIRED, Kind.RETURNED})
# These make sense only while the hold still waits for something.
_WHILE_HELD = frozenset(
    {Kind.APPROVAL_REQUEST, Kind.SENDING_SOON, Kind.SELF_CHECK, Kind.WAITING_FOR_APPROVAL, Kind.REMINDER}
)
_SENDER_LINK_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Written:
    """A notice ready to be sent: its envelope sender ("" for reports of failure, RFC 3461 6.1) and its bytes."""

    reverse_path: str
    content: bytes


def is_obsolete(notice: Notice) -> bool:
    """Say whether what the notice would ask for is no longer asked."""
    if notice.kind not in _WHILE_HELD:
        return False
    hold = notice.hold
    if hold.state != HoldState.HELD:
        return True
    gate = current_gate(hold)
    if "ordinal" in notice.about:
        return not _is_asked(notice, gate)
    match notice.kind:
        case Kind.SENDING_SOON:
            # Paused: no time of sending could be named.
            return hold.release_at is None
        case Kind.SELF_CHECK:
            return gate is None or gate.kind != Gate.Kind.SELF_CHECK
        case Kind.WAITING_FOR_APPROVAL:
            return gate is None or gate.kind != Gate.Kind.APPROVAL
        case _:
            return gate is not None and gate.kind == Gate.Kind.APPROVAL


def _is_asked(notice: Notice, gate: Gate | None) -> bool:
    """Say whether the person of `notice` may still decide on the stage that it asks about, and has not."""
    hold, person = notice.hold, notice.person
    if gate is None or gate.ordinal != notice.about["ordinal"] or person is None:
        return False
    return refusal_to_decide(hold, gate, person) is None and not has_decided(hold, gate.ordinal, person)


def write(notice: Notice, now: datetime) -> Written:
    """Return `notice` as it is sent."""
    if notice.kind == Kind.NOT_DELIVERED:
        return _failure_report(notice, now)
    context = _context(notice, now)
    folder = f"mail/{notice.kind}"
    content = compose(
        sender=settings.NOTICE_ADDRESS,
        sender_name="mailhold",
        to=notice.address,
        to_name=str(notice.person) if notice.person else "",
        subject=" ".join(render_to_string(f"{folder}/subject.txt", context).split()),
        text=render_to_string(f"{folder}/body.txt", context),
        html=render_to_string(f"{folder}/body.html", context),
        language=get_language() or settings.LANGUAGE_CODE,
        message_id=_message_id(),
        now=now,
        attachments=_attachments(notice),
        trace=instance_mark(),
    )
    return Written(settings.NOTICE_ADDRESS, content)


def _message_id() -> str:
    return f"<{uuid7()}@{settings.NOTICE_ADDRESS.rpartition('@')[2]}>"


def has_original(notice: Notice) -> bool:
    """Say whether `notice` brings the mail back to its sender."""
    return notice.kind in _WITH_ORIGINAL and not notice.about.get("without_original", False)


def _attachments(notice: Notice) -> tuple[AttachedMessage, ...]:
    if not has_original(notice):
        return ()
    return (AttachedMessage(name="original.eml", content=read_content(notice.hold.revision)),)


def _context(notice: Notice, now: datetime) -> dict[str, Any]:
    hold = notice.hold
    mail = reading.shown_mail(hold)
    deadline = hold.deadline_at
    return {
        "person_name": str(notice.person) if notice.person else notice.address,
        "sender_name": mail.sender_name,
        "subject": hold.subject or _("(no subject)"),
        "domains": ", ".join(reading.external_domains(mail.recipients)),
        "reasons": mail.reasons,
        "external_count": mail.external_count,
        "internal_count": mail.internal_count,
        "recipients": [recipient.address for recipient in mail.recipients],
        "files": [attachment.name for attachment in mail.attachments],
        "deadline": deadline,
        "release_at": hold.release_at,
        "left": timeuntil(deadline, now) if deadline else "",
        "time_zone_name": timezone.get_current_timezone_name(),
        "approvers": reading.names(reading.asked_people(hold)),
        "organisation": settings.ORGANISATION,
        "return_text": reading.return_text(hold),
        "reason": end_reason_text(hold.end_reason),
        "comment": hold.end_comment,
        "failures": _failures(notice),
        "original_attached": has_original(notice),
        **_decision(notice),
        **_link(notice, now),
    }


def end_reason_text(code: str) -> str:
    """Return what a reason code says to people."""
    texts = {
        "wrong_recipient": _("wrong recipient"),
        "wrong_attachment": _("wrong attachment"),
        "content": _("the content"),
        "other": _("another reason"),
        "expired": _("nobody decided in time"),
    }
    return texts.get(code, "")


def _decision(notice: Notice) -> Mapping[str, Any]:
    decision = reading.last_decision(notice.hold)
    if decision is None:
        return {"approver_name": "", "decided_at": None}
    if decision.verdict == Decision.Verdict.APPROVE:
        return {
            "approver_name": ", ".join(reading.approver_names(notice.hold)),
            "decided_at": decision.decided_at,
        }
    return {"approver_name": str(decision.person), "decided_at": decision.decided_at}


def _failures(notice: Notice) -> list[Recipient]:
    return list(Recipient.objects.filter(pk__in=notice.about.get("recipients", [])).order_by("pk"))


def _link(notice: Notice, now: datetime) -> dict[str, str]:
    make = _LINKS.get(Kind(notice.kind))
    hold_page = f"{settings.BASE_URL}/m/{notice.hold_id}/"
    if make is None:
        return {"url": hold_page, "undo_url": ""}
    if notice.kind == Kind.APPROVAL_RECEIPT:
        # Once the mail has left there is nothing to take back.
        undo = make(notice, now) if notice.hold.state == HoldState.HELD else ""
        return {"url": hold_page, "undo_url": undo}
    return {"url": make(notice, now), "undo_url": ""}


def _decide_link(notice: Notice, now: datetime) -> str:
    return _issue(notice, Link.Purpose.DECIDE, now, notice.hold.deadline_at or now + _SENDER_LINK_LIFE)


def _sender_link(notice: Notice, now: datetime) -> str:
    return _issue(notice, Link.Purpose.SENDER, now, now + _SENDER_LINK_LIFE)


def _undo_link(notice: Notice, now: datetime) -> str:
    return _issue(notice, Link.Purpose.UNDO, now, now + _SENDER_LINK_LIFE)


def _reminder_link(notice: Notice, now: datetime) -> str:
    # What the notice was put down for, not what the hold waits for by now: an approver never gets a sender's link.
    return _decide_link(notice, now) if "ordinal" in notice.about else _sender_link(notice, now)


def _issue(notice: Notice, purpose: Link.Purpose, now: datetime, expires_at: datetime) -> str:
    return links.url_for(
        links.issue(
            notice.hold, purpose, person=notice.person, address=notice.address, now=now, expires_at=expires_at
        )
    )


_LINKS: Mapping[Notice.Kind, Callable[[Notice, datetime], str]] = {
    Kind.APPROVAL_REQUEST: _decide_link,
    Kind.SENDING_SOON: _sender_link,
    Kind.SELF_CHECK: _sender_link,
    Kind.WAITING_FOR_APPROVAL: _sender_link,
    Kind.REMINDER: _reminder_link,
    Kind.APPROVAL_RECEIPT: _undo_link,
}


def _failure_report(notice: Notice, now: datetime) -> Written:
    message = notice.hold.message
    content = failure_report(
        reporting_mta=settings.SMTP_HOSTNAME,
        sender=settings.NOTICE_ADDRESS,
        reverse_path=message.reverse_path,
        original=read_content(notice.hold.revision),
        failures=[
            FailedRecipient(
                address=recipient.address,
                orcpt=recipient.dsn_orcpt,
                reply_code=recipient.reply_code or 0,
                enhanced_status=recipient.enhanced_status,
                reply_text=recipient.reply_text,
                next_hop=recipient.next_hop,
            )
            for recipient in _failures(notice)
        ],
        now=now,
        message_id=_message_id(),
        language=get_language() or settings.LANGUAGE_CODE,
        envid=message.dsn_envid,
        ret=message.dsn_ret,
    )
    # The mark that stops loops, above all other fields.
    return Written("", f"X-Mailhold-Trace: {instance_mark()}\r\n".encode() + content)
