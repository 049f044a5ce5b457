"""Messages in and out of the database. Every function works inside the caller's transaction."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from mailhold.bulk import insert_all
from mailhold.ids import uuid7
from mailhold.mailstore.exceptions import ContentUnreadable, EnvelopeNotStorable
from mailhold.mailstore.models import Message, Recipient, Revision, SealedContent
from mailhold.mailstore.ring import key_ring
from mailhold.mailstore.sealing import DataKey
from mailhold.mailstore.text import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecipient:
    """One recipient of a message to be stored, with its DSN parameters (RFC 3461)."""

    address: str
    dsn_notify: str = ""
    dsn_orcpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One message to be stored; the fields are those of gateway.submission.Submission."""

    id: uuid.UUID
    received_at: datetime
    reverse_path: str
    forward_paths: tuple[NewRecipient, ...]
    content: bytes
    trace_header: str
    smtputf8: bool = False
    eightbit: bool = False
    dsn_ret: str = ""
    dsn_envid: str = ""
    submitter_id: int | None = None
    peer_address: str = ""
    helo_name: str = ""
    protocol: str = "ESMTP"


def store(messages: Sequence[NewMessage]) -> list[Message]:
    """Write `messages` with recipients and sealed content, revision 0, in one statement a table.

    Raise EnvelopeNotStorable where an address or DSN parameter does not fit its column as it is.
    """
    rows: list[Message] = []
    recipients: list[Recipient] = []
    revisions: list[Revision] = []
    contents: list[SealedContent] = []
    for new in messages:
        key = seal_message(new.id)
        revision = _revision(
            new.id, new.content, number=0, made_at=new.received_at, made_by_id=new.submitter_id
        )
        rows.append(_message(new, key.wrapped))
        recipients += [_recipient(new, forward_path) for forward_path in new.forward_paths]
        revisions.append(revision)
        contents.append(SealedContent(revision_id=revision.id, sealed=key.seal(revision.id, new.content)))
    for new_rows in (rows, recipients, revisions, contents):
        insert_all(new_rows)
    return rows


def add_revision(
    message: Message, content: bytes, *, made_at: datetime, made_by: AbstractBaseUser | None, number: int
) -> Revision:
    """Write `content` as revision `number` of `message`; `made_by` is None where a policy made it.

    Raise IntegrityError where that number is taken: somebody else was first.
    """
    revision = _revision(
        message.id,
        content,
        number=number,
        made_at=made_at,
        made_by_id=None if made_by is None else made_by.pk,
    )
    sealed = open_key(message).seal(revision.id, content)
    Revision.objects.bulk_create([revision])
    SealedContent.objects.bulk_create([SealedContent(revision_id=revision.id, sealed=sealed)])
    return revision


def latest_revision(message: Message) -> Revision:
    """Return the newest revision of `message`: the one that leaves if nobody changes anything more."""
    return Revision.objects.filter(message=message).order_by("-number")[:1].get()


def read_content(revision: Revision) -> bytes:
    """Return the bytes of `revision`, or raise ContentUnreadable: never other bytes than those that were stored."""
    row = (
        SealedContent.objects.filter(revision_id=revision.id)
        .values_list("sealed", "revision__message_id", "revision__message__wrapped_key", "revision__digest")
        .first()
    )
    if row is None:
        raise ContentUnreadable(f"Revision {revision.id} has no sealed content.")
    sealed, message_id, wrapped_key, digest = row
    content = key_ring().open_data_key(message_id, bytes(wrapped_key)).open(revision.id, bytes(sealed))
    if hashlib.sha256(content).digest() != bytes(digest):
        raise ContentUnreadable(f"The content of revision {revision.id} does not match its digest.")
    return content


def seal_message(message_id: uuid.UUID) -> DataKey:
    """Return a fresh data key for message `message_id`."""
    return key_ring().new_data_key(message_id)


def open_key(message: Message) -> DataKey:
    """Return the data key of `message`, or raise ContentUnreadable."""
    return key_ring().open_data_key(message.id, bytes(message.wrapped_key))


def _message(new: NewMessage, wrapped_key: bytes) -> Message:
    return Message(
        id=new.id,
        received_at=new.received_at,
        reverse_path=_exact(new.id, "the envelope sender", new.reverse_path, 320),
        smtputf8=new.smtputf8,
        eightbit=new.eightbit,
        dsn_ret=_exact(new.id, "RET", new.dsn_ret, 4),
        dsn_envid=_exact(new.id, "ENVID", new.dsn_envid, 100),
        submitter_id=new.submitter_id,
        peer_address=storable(new.peer_address, 45),
        helo_name=storable(new.helo_name, 255),
        protocol=storable(new.protocol, 10),
        trace_header=storable(new.trace_header),
        wrapped_key=wrapped_key,
    )


def _recipient(new: NewMessage, forward_path: NewRecipient) -> Recipient:
    return Recipient(
        message_id=new.id,
        address=_exact(new.id, "a recipient's address", forward_path.address, 320),
        domain=storable(forward_path.address.rpartition("@")[2].lower(), 255),
        dsn_notify=_exact(new.id, "NOTIFY", forward_path.dsn_notify, 30),
        dsn_orcpt=_exact(new.id, "ORCPT", forward_path.dsn_orcpt, 500),
    )


def _revision(
    message_id: uuid.UUID, content: bytes, *, number: int, made_at: datetime, made_by_id: int | None
) -> Revision:
    return Revision(
        id=uuid7(),
        message_id=message_id,
        number=number,
        digest=hashlib.sha256(content).digest(),
        size=len(content),
        made_at=made_at,
        made_by_id=made_by_id,
    )


def _exact(message_id: uuid.UUID, field: str, value: str, limit: int) -> str:
    if storable(value, limit) != value:
        raise EnvelopeNotStorable(message_id, field, limit)
    return value
