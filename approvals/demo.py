"""Demo people, policies and mail, for `mailhold up --demo`: every state that a mail can be in, in both languages.

Everything goes through the real flows, with times in the past; nothing is written into a table by hand but people.
The workers find a replay to be done, so that what only watches can be seen to act.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from approvals import looking
from approvals.clock import database_now
from approvals.demo_files import content
from approvals.demo_mail import ADMIN, MAILS, PEOPLE, Mail
from approvals.flows import cancel, decide, deliver, discard, edit, expire, release, screen, submit
from approvals.flows.rescreen import rescreen
from approvals.models import Hold
from approvals.replay import running
from approvals.replay.drafts import with_switches
from approvals.states import HoldState
from audit.record import Actor
from mailhold.delivery.outcome import Outcome, Result
from mailhold.directory.models import Department, Person
from mailhold.gateway.submission import ForwardPath, Submission
from mailhold.ids import uuid7
from mailhold.mailstore.models import Recipient
from policies.files import add
from policies.loading import active_policies
from policies.sets import set_text
from policies.spec import Mode

POLICIES = Path(__file__).with_name("demo_policies.yaml")
REPLAYED_DAYS = 30
TYPES = {".pdf": ("application", "pdf"), ".csv": ("text", "csv"), ".txt": ("text", "plain")}


def install() -> None:
    """Make the demo people, their policies and their mail, once."""
    if Person.objects.exists():
        return
    people = _people()
    admin = _actor(people[ADMIN])
    for text in (set_text("personal-data"), POLICIES.read_text(encoding="utf-8")):
        _add(text, admin)
    now = database_now()
    for mail in sorted(MAILS, key=lambda mail: -mail.minutes):
        _live(mail, people, now - timedelta(minutes=mail.minutes), now)
    # Whoever installs looks into no more mail: the process that did so would stay beside the supervisor for nothing.
    looking.close()
    _replay(admin)


def _people() -> dict[str, Person]:
    departments = {name: Department.objects.create(name=name) for name in ("営業部", "Engineering")}
    people: dict[str, Person] = {}
    for key, (name, department, manager, language) in PEOPLE.items():
        people[key] = Person.objects.create_user(
            address_of(key),
            name=name,
            department=departments.get(department),
            manager=people[manager] if manager else None,
            language=language,
            is_staff=key == ADMIN,
            is_superuser=key == ADMIN,
        )
    return people


def _add(text: str, admin: Actor) -> None:
    """Add policies to those that are there; raises ValueError where a file of ours is broken."""
    problems = add(text, admin).problems
    if problems:
        raise ValueError(f"Line {problems[0].line} of a demo policy file: {problems[0].text.en}")


def _replay(admin: Actor) -> None:
    """Ask what would have happened if all that only watches had acted."""
    keys = [policy.key for policy in active_policies() if policy.enabled and policy.mode is Mode.WATCH]
    about = {"switched": dict.fromkeys(keys, True)} if keys else {}
    running.begin(with_switches(keys), about, REPLAYED_DAYS, admin, database_now())


def address_of(key: str) -> str:
    """Return the address of a demo person; outside addresses are returned as they are."""
    return key if "@" in key else f"{key}@{settings.DOMAINS[0]}"


def _live(mail: Mail, people: dict[str, Person], then: datetime, now: datetime) -> None:
    """Let one mail be accepted and screened at `then`, and let its fate happen."""
    submission = _submission(mail, people[mail.sender], then)
    submit.submit([submission])
    screen.screen([submission.id], then)
    for hold in Hold.objects.filter(message_id=submission.id):
        _FATES[mail.fate](hold, people[mail.sender], then, now)


def _submission(mail: Mail, sender: Person, then: datetime) -> Submission:
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((sender.name, sender.email))
    message["To"] = ", ".join(address_of(recipient) for recipient in mail.recipients)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(then)
    message["Message-ID"] = make_msgid(domain=settings.DOMAINS[0])
    message.set_content(mail.body, charset=mail.charset)
    if mail.attachment:
        maintype, subtype = TYPES[Path(mail.attachment).suffix]
        message.add_attachment(
            content(mail.attachment, mail.holds), maintype=maintype, subtype=subtype, filename=mail.attachment
        )
    return Submission(
        id=uuid7(),
        received_at=then,
        reverse_path=sender.email,
        forward_paths=tuple(ForwardPath(address=address_of(recipient)) for recipient in mail.recipients),
        content=message.as_bytes(),
        trace_header=f"Received: from demo ([127.0.0.1])\r\n\tby {settings.SMTP_HOSTNAME} with ESMTPA;\r\n\t{format_datetime(then)}\r\n",
        submitter_id=sender.pk,
        peer_address="127.0.0.1",
        helo_name="demo",
        protocol="ESMTPA",
    )


def _actor(person: Person) -> Actor:
    return Actor(address=person.email, channel="page")


def _manager(sender: Person) -> Person:
    manager = sender.manager
    if manager is None:
        raise ValueError(f"{sender} has no manager in the demo.")
    return manager


def _leave(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    """Let it stand as it is."""


def _pause(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    cancel.pause(hold.pk, _actor(sender), then + timedelta(minutes=1))


def _edit(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    later = then + timedelta(minutes=4)
    change = edit.Change(subject=f"{hold.subject} (2)", body="訂正しました。/ Corrected.\n")
    edit.edit(hold.pk, hold.revision_id, change, sender, _actor(sender), later)
    rescreen(hold.pk, later)


def _approve(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    later = then + timedelta(minutes=9)
    manager = _manager(sender)
    decide.approve(hold.pk, hold.revision_id, manager, _actor(manager), later)
    _deliver([hold.pk], later + timedelta(minutes=5))


def _send(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    _deliver([hold.pk], then + timedelta(minutes=6))


def _deliver(hold_ids: Iterable[UUID], at: datetime) -> None:
    release.claim_due(at)
    deliver.deliver(list(hold_ids))


def _cancel(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    cancel.cancel(hold.pk, sender, _actor(sender), then + timedelta(minutes=2), reason="wrong_recipient")


def _reject(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    manager = _manager(sender)
    decide.reject(
        hold.pk,
        hold.revision_id,
        manager,
        _actor(manager),
        then + timedelta(minutes=15),
        reason="wrong_recipient",
        comment="私用の宛先には送らないでください。"
        if sender.language == "ja"
        else "Not to a private address, please.",
    )


def _expire(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    expire.expire_due(then + timedelta(hours=25))


def _discard(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    admin = Person.objects.get(email=address_of(ADMIN))
    discard.discard(hold.pk, admin, _actor(admin), then + timedelta(minutes=30), comment="test")


def _fail(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    outcome = Outcome(
        result=Result.FAILED,
        reply_code=550,
        enhanced_status="5.1.1",
        reply_text="550 5.1.1 no such mailbox",
        next_hop="demo",
    )
    _finish(hold, outcome, then)


def _lose(hold: Hold, sender: Person, then: datetime, now: datetime) -> None:
    _finish(
        hold, Outcome(result=Result.UNKNOWN, reply_text="no reply after the final dot", next_hop="demo"), then
    )


def _finish(hold: Hold, outcome: Outcome, then: datetime) -> None:
    """Write down the outcome that a next hop could have given: the demo mailbox itself takes everything."""
    later = then + timedelta(minutes=6)
    release.claim_due(later)
    token = uuid7()
    mine = Q(pk=hold.pk, state=HoldState.QUEUED)
    Hold.objects.filter(mine).update(lease_token=token, leased_until=later + timedelta(minutes=1))
    hold.refresh_from_db()
    recipients = list(Recipient.objects.filter(hold_link__hold=hold))
    outcomes = {r.address: outcome for r in recipients}
    deliver.finish(hold, recipients, outcomes, token, later, was_approved=False)


_FATES = {
    "held": _leave,
    "waiting": _leave,
    "internal": _leave,
    "paused": _pause,
    "edited": _edit,
    "approved": _approve,
    "sent": _send,
    "canceled": _cancel,
    "rejected": _reject,
    "expired": _expire,
    "discarded": _discard,
    "failed": _fail,
    "unknown": _lose,
}
