"""The built-in mailbox: where released mail goes while no smarthost is configured.

Like a Maildir, a mail is written beside, made durable, and then renamed into place; its envelope lies in a JSON file
of the same name. It is for trying mailhold out, and keeps the newest mails only.
"""

import json
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from mailhold.delivery.outcome import BeforeDot, Outcome, Outgoing, Result
from mailhold.ids import uuid7

KEEP_MAILS = 2000
NEXT_HOP = "demo mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEnvelope:
    """What is known of a mail without reading it."""

    id: uuid.UUID
    arrived_at: datetime
    reverse_path: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMail:
    """A mail in the mailbox, `content` being the very bytes that were delivered."""

    envelope: DemoEnvelope
    content: bytes


def deliver(outgoing: Outgoing, before_dot: BeforeDot | None = None) -> dict[str, Outcome]:
    """Keep `outgoing`, with the outcomes that a next hop would give. What `before_dot` raises keeps nothing."""
    mail_id = uuid7()
    try:
        return _outcomes(outgoing, _keep(mail_id, outgoing, before_dot))
    finally:
        for draft in _drafts(mail_id).values():
            # Usually renamed by now. One that cannot be removed is no mail, and no reason to change the outcome.
            with suppress(OSError):
                draft.unlink()


def list_mail(limit: int = 100) -> list[DemoEnvelope]:
    """Return the envelopes of the newest mails, newest first."""
    envelopes = (_envelope(mail_id) for mail_id in reversed(_ids()[-limit:]))
    return [envelope for envelope in envelopes if envelope is not None]


def read_mail(mail_id: uuid.UUID) -> DemoMail | None:
    """Return mail `mail_id`, or None when it is not or no longer there."""
    envelope = _envelope(mail_id)
    if envelope is None:
        return None
    with suppress(FileNotFoundError):
        return DemoMail(envelope=envelope, content=_path(mail_id, "eml").read_bytes())
    return None


def read_head(mail_id: uuid.UUID, limit: int = 65536) -> bytes:
    """Return the first `limit` bytes of mail `mail_id`, empty when it is gone."""
    with suppress(FileNotFoundError), _path(mail_id, "eml").open("rb") as file:
        return file.read(limit)
    return b""


def _keep(mail_id: uuid.UUID, outgoing: Outgoing, before_dot: BeforeDot | None) -> Outcome:
    try:
        _write_drafts(mail_id, outgoing)
    except OSError as error:
        return _trouble(Result.DEFERRED, error)
    if before_dot is not None:
        before_dot()
    try:
        _publish(mail_id)
    except OSError as error:
        # What has its name is visible, though perhaps not durable.
        there = _path(mail_id, "eml").exists()
        return _trouble(Result.UNKNOWN if there else Result.DEFERRED, error)
    return Outcome(
        result=Result.DELIVERED,
        reply_code=250,
        enhanced_status="2.0.0",
        reply_text=f"kept as {mail_id}",
        next_hop=NEXT_HOP,
    )


def _write_drafts(mail_id: uuid.UUID, outgoing: Outgoing) -> None:
    _mailbox().mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old()
    drafts = _drafts(mail_id)
    _write(drafts["json"], _envelope_json(outgoing))
    _write(drafts["eml"], outgoing.content)


def _publish(mail_id: uuid.UUID) -> None:
    # The mail itself comes last: it is there from the moment its own name exists.
    for suffix, draft in _drafts(mail_id).items():
        draft.rename(_path(mail_id, suffix))
    _sync_folder()


def _trouble(result: Result, error: OSError) -> Outcome:
    text = f"The demo mailbox cannot be written: {error.strerror}."
    return Outcome(result=result, reply_text=text, next_hop=NEXT_HOP)


def _outcomes(outgoing: Outgoing, outcome: Outcome) -> dict[str, Outcome]:
    return {recipient.address: outcome for recipient in outgoing.recipients}


def _mailbox() -> Path:
    return Path(settings.DATA_DIR) / "mailbox"


def _path(mail_id: uuid.UUID, suffix: str) -> Path:
    return _mailbox() / f"{mail_id}.{suffix}"


def _drafts(mail_id: uuid.UUID) -> dict[str, Path]:
    return {suffix: _path(mail_id, f"{suffix}.tmp") for suffix in ("json", "eml")}


def _ids() -> list[uuid.UUID]:
    """Return the identifiers of all mails; their order is that of arrival."""
    return sorted(uuid.UUID(path.stem) for path in _mailbox().glob("*.eml"))


def _envelope_json(outgoing: Outgoing) -> bytes:
    fields = {
        "arrived_at": datetime.now(UTC).isoformat(),
        "reverse_path": outgoing.reverse_path,
        "recipients": [recipient.address for recipient in outgoing.recipients],
    }
    return json.dumps(fields).encode("ascii")


def _envelope(mail_id: uuid.UUID) -> DemoEnvelope | None:
    try:
        fields = json.loads(_path(mail_id, "json").read_bytes())
    except FileNotFoundError:
        return None
    return DemoEnvelope(
        id=mail_id,
        arrived_at=datetime.fromisoformat(fields["arrived_at"]),
        reverse_path=fields["reverse_path"],
        recipients=tuple(fields["recipients"]),
    )


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder() -> None:
    descriptor = os.open(_mailbox(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_old() -> None:
    for mail_id in _ids()[: 1 - KEEP_MAILS]:
        for suffix in ("eml", "json"):
            _path(mail_id, suffix).unlink(missing_ok=True)
