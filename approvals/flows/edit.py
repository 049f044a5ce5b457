"""Edit: change a held mail. A new revision is made, every approval of the old one is void, and it is screened again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from approvals import bell
from approvals.exceptions import AlreadyDecided, Edited, NotAllowed, WrongInput
from approvals.models import Hold, HoldRecipient
from approvals.people import may_edit
from approvals.states import HoldState
from approvals.transitions import move, recipients_of
from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.directory.models import Person, fold_address
from mailhold.mailstore.content import add_revision, read_content
from mailhold.mailstore.models import Message, Recipient, Revision
from mailhold.mime.exceptions import CannotEdit
from mailhold.mime.rewrite import ContentEdit, edit as rewrite


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants to be different. None and empty mean: as it is."""

    subject: str | None = None
    body: str | None = None
    drop_attachments: frozenset[int] = frozenset()
    remove_recipients: frozenset[int] = frozenset()
    add_recipients: tuple[str, ...] = field(default=())
    reason: str = ""

    def is_empty(self) -> bool:
        """Say whether nothing would change."""
        return (
            self.subject is None
            and self.body is None
            and not (self.drop_attachments or self.remove_recipients or self.add_recipients)
        )


def edit(
    hold_id: UUID, revision_id: UUID, change: Change, person: Person, actor: Actor, now: datetime
) -> Hold:
    """Make the changed revision of a held mail, and have it screened again.

    The content is rewritten before the transaction; a change that came in between raises Edited, with nothing done.
    """
    hold = Hold.objects.select_related("message", "sender", "revision").get(pk=hold_id)
    if hold.state != HoldState.HELD:
        raise AlreadyDecided
    if not may_edit(hold, person):
        raise NotAllowed
    if change.is_empty():
        raise WrongInput(_("Nothing was changed."))
    removed, added = _recipients(hold, change)
    content = _rewritten(hold, change, removed)
    with transaction.atomic():
        if not move(hold_id, HoldState.RECEIVED, now, Q(revision_id=revision_id), **_VOID):
            raise Edited
        revision = _add_revision(hold.message, content, person, now)
        hold.gates.all().delete()
        hold.links.filter(purpose="undo").delete()
        Hold.objects.filter(pk=hold_id).update(revision=revision)
        _change_recipients(hold, removed, added, now)
        record(
            Entry(
                tag=Tag.HOLD_EDITED,
                at=now,
                actor=actor,
                message_id=hold.message_id,
                hold_id=hold.pk,
                details=_details(change, revision),
            )
        )
        bell.ring_rescreening(hold_id)
    hold.refresh_from_db()
    return hold


# What an edit takes from a hold: the gates are made anew by screening.
_VOID = {
    "stage": 0,
    "release_at": None,
    "not_before": None,
    "paused_at": None,
    "deadline_at": None,
    "remind_at": None,
    "screen_attempts": 0,
}


def _recipients(hold: Hold, change: Change) -> tuple[list[Recipient], list[str]]:
    waiting = list(recipients_of([hold.pk]).filter(status=Recipient.Status.WAITING))
    removed = [recipient for recipient in waiting if recipient.pk in change.remove_recipients]
    if len(removed) != len(change.remove_recipients):
        raise WrongInput(_("A recipient to be removed is not there."))
    present = {fold_address(recipient.address) for recipient in waiting}
    added = [address.strip() for address in change.add_recipients if fold_address(address) not in present]
    for address in added:
        _check_address(address)
    if len(removed) == len(waiting) and not added:
        raise WrongInput(_("No recipient would be left. Cancel the mail instead."))
    return removed, list(dict.fromkeys(added))


def _check_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise WrongInput(_("%(address)s is not an e-mail address.") % {"address": address}) from error


def _rewritten(hold: Hold, change: Change, removed: Sequence[Recipient]) -> bytes:
    content = read_content(hold.revision)
    gone = frozenset(fold_address(recipient.address) for recipient in removed)
    try:
        return rewrite(
            content,
            ContentEdit(
                subject=change.subject,
                body=change.body,
                drop_attachments=change.drop_attachments,
                remove_addresses=gone,
            ),
        )
    except CannotEdit as error:
        if change.subject is None and change.body is None and not change.drop_attachments:
            # Signed mail: the envelope may change, the signed content leaves as it is.
            return content
        raise WrongInput(_(str(error))) from error


def _add_revision(message: Message, content: bytes, person: Person, now: datetime) -> Revision:
    # The row lock makes numbers follow each other where two holds of one message are edited at once.
    Message.objects.select_for_update().get(pk=message.pk)
    newest = message.revisions.aggregate(newest=Max("number"))["newest"]
    return add_revision(message, content, made_at=now, made_by=person, number=newest + 1)


def _change_recipients(hold: Hold, removed: Sequence[Recipient], added: Sequence[str], now: datetime) -> None:
    Recipient.objects.filter(pk__in=[r.pk for r in removed], status=Recipient.Status.WAITING).update(
        status=Recipient.Status.REMOVED, changed_at=now
    )
    for address in added:
        recipient = Recipient.objects.create(
            message=hold.message,
            address=address,
            domain=address.rpartition("@")[2].lower(),
            status=Recipient.Status.WAITING,
            changed_at=now,
        )
        HoldRecipient.objects.create(hold=hold, recipient=recipient)


def _details(change: Change, revision: Revision) -> dict[str, object]:
    return {
        "revision": revision.number,
        "subject": change.subject is not None,
        "body": change.body is not None,
        "dropped_attachments": len(change.drop_attachments),
        "removed_recipients": len(change.remove_recipients),
        "added_recipients": len(change.add_recipients),
    }
