"""A hold queue that has been in use for long: 100,000 holds in all states, of 200 senders and 20 approvers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from approvals import links
from approvals.models import Gate, GateApprover, Hold, HoldRecipient, Link
from approvals.states import HoldState
from audit.record import Entry, record_all
from audit.tags import Tag
from bench import mails
from mailhold.bulk import insert_all
from mailhold.directory.models import Person
from mailhold.ids import uuid7
from mailhold.mailstore.content import NewMessage, NewRecipient, store
from mailhold.mailstore.models import Message, Recipient, Revision

HOLDS = 100_000
BATCH = 2_000
SENDERS = 200
APPROVERS = 20
_REASON = {
    "code": "external",
    "policy_id": 1,
    "policy": {"ja": "社外へのメールは5分待つ", "en": "External mail waits 5 minutes"},
    "text": {"ja": "社外の宛先があります", "en": "has a recipient outside"},
}
R = Recipient.Status
# What of ten holds becomes: three wait, two of them for an approval.
_FATES = (
    *[(HoldState.DONE, R.DELIVERED, False)] * 6,
    (HoldState.CANCELED, R.CANCELED, False),
    (HoldState.HELD, R.WAITING, False),
    *[(HoldState.HELD, R.WAITING, True)] * 2,
)


@dataclass(frozen=True)
class Filled:
    """The people to look at pages as, a mail to look at, and a link to it."""

    sender: Person
    approver: Person
    administrator: Person
    waiting: Hold
    token: str


def fill() -> Filled:
    """Fill the database, which has no mail yet."""
    approvers = [_person(f"approver{number}") for number in range(APPROVERS)]
    senders = [_person(f"sender{number}", manager=approvers[number % APPROVERS]) for number in range(SENDERS)]
    administrator = _person("administrator", is_staff=True, is_superuser=True)
    now = timezone.now()
    for start in range(0, HOLDS, BATCH):
        _fill_batch(
            range(start, start + BATCH), senders, approvers, now - timedelta(days=90) * (1 - start / HOLDS)
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    approver = approvers[0]
    waiting = Hold.objects.filter(gates__approvers__person=approver).order_by("id")[1000]
    token = links.issue(
        waiting,
        Link.Purpose.DECIDE,
        person=approver,
        address=approver.email,
        now=now,
        expires_at=now + timedelta(days=1),
    )
    return Filled(senders[0], approver, administrator, waiting, token)


def _person(name: str, **fields: object) -> Person:
    return Person.objects.create(
        email=f"{name}@example.test", name=name.capitalize(), language="ja", **fields
    )


def _fill_batch(numbers: range, senders: list[Person], approvers: list[Person], at: datetime) -> None:
    content = mails.small()
    messages = store([_message(senders[_sender(number)], content, at) for number in numbers])
    keys = [message.pk for message in messages]
    Message.objects.filter(pk__in=keys).update(status=Message.Status.SCREENED)
    revisions = dict(Revision.objects.filter(message__in=keys).values_list("message_id", "pk"))
    recipients = dict(Recipient.objects.filter(message__in=keys).values_list("message_id", "pk"))
    holds, gates, asked = [], [], []
    by_status: dict[R, list[int]] = {}
    for number, message in zip(numbers, messages, strict=True):
        state, status, gated = _FATES[number % len(_FATES)]
        hold = _hold(message, revisions[message.pk], senders[_sender(number)], state, at, gated=gated)
        holds.append(hold)
        by_status.setdefault(status, []).append(recipients[message.pk])
        if gated:
            gates.append(Gate(hold=hold, ordinal=1, kind=Gate.Kind.APPROVAL))
            asked.append(approvers[_sender(number) % APPROVERS])
    insert_all(holds)
    insert_all([HoldRecipient(hold=hold, recipient_id=recipients[hold.message_id]) for hold in holds])
    Gate.objects.bulk_create(gates)
    GateApprover.objects.bulk_create(
        GateApprover(gate=gate, person=person) for gate, person in zip(gates, asked, strict=True)
    )
    for status, recipient_keys in by_status.items():
        Recipient.objects.filter(pk__in=recipient_keys).update(status=status)
    record_all(
        Entry(tag=tag, at=at, message_id=hold.message_id, hold_id=hold.pk)
        for hold in holds
        for tag in (Tag.MESSAGE_ACCEPTED, Tag.MESSAGE_SCREENED, Tag.HOLD_HELD)
    )


def _sender(number: int) -> int:
    """One tenth of all mail is of the first sender; numbers of equal fates are spread over all of them."""
    return 0 if number // 10 % 10 == 0 else number // 10 % SENDERS


def _message(sender: Person, content: bytes, at: datetime) -> NewMessage:
    return NewMessage(
        id=uuid7(),
        received_at=at,
        reverse_path=sender.email,
        forward_paths=(NewRecipient(address=mails.RECIPIENT),),
        content=content,
        trace_header="Received: from client.test\r\n",
    )


def _hold(
    message: Message, revision_id: object, sender: Person, state: HoldState, at: datetime, *, gated: bool
) -> Hold:
    ended = state != HoldState.HELD
    return Hold(
        message=message,
        revision_id=revision_id,
        state=state,
        created_at=at,
        changed_at=at,
        ended_at=at if ended else None,
        subject="御見積書の送付について(再送)",
        author=f"{sender.name} <{sender.email}>",
        author_address=sender.email,
        sender=sender,
        sender_address=sender.email,
        reasons=[_REASON],
        stage=1 if gated else 0,
        release_at=at + timedelta(days=365) if not ended and not gated else None,
        deadline_at=at + timedelta(days=120) if gated else None,
        deadline_seconds=86_400 if gated else 0,
    )
