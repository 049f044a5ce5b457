"""Submit: the gateway's `accept`. When it returns, the messages are on stable storage and may be answered 250."""

from collections.abc import Sequence

from django.db import transaction

from approvals import bell
from audit.record import Actor, Entry, record_all
from audit.tags import Tag
from mailhold.gateway.submission import Submission
from mailhold.mailstore.content import NewMessage, NewRecipient, store


def submit(submissions: Sequence[Submission]) -> None:
    """Keep all of `submissions`, record them and ring for their screening, in one transaction; or raise, keeping none.

    Nothing is parsed or judged here: that costs more than everything else together, and the client waits.
    """
    with transaction.atomic():
        store([_new_message(submission) for submission in submissions])
        record_all(_accepted(submission) for submission in submissions)
        bell.ring_screening([submission.id for submission in submissions])


def _new_message(submission: Submission) -> NewMessage:
    return NewMessage(
        id=submission.id,
        received_at=submission.received_at,
        reverse_path=submission.reverse_path,
        forward_paths=tuple(
            NewRecipient(address=path.address, dsn_notify=path.dsn_notify, dsn_orcpt=path.dsn_orcpt)
            for path in submission.forward_paths
        ),
        content=submission.content,
        trace_header=submission.trace_header,
        smtputf8=submission.smtputf8,
        eightbit=submission.eightbit,
        dsn_ret=submission.dsn_ret,
        dsn_envid=submission.dsn_envid,
        submitter_id=submission.submitter_id,
        peer_address=submission.peer_address,
        helo_name=submission.helo_name,
        protocol=submission.protocol,
    )


def _accepted(submission: Submission) -> Entry:
    return Entry(
        tag=Tag.MESSAGE_ACCEPTED,
        at=submission.received_at,
        actor=Actor(address=submission.reverse_path, channel="smtp", ip_address=submission.peer_address),
        message_id=submission.id,
        details={"recipients": len(submission.forward_paths), "size": len(submission.content)},
    )
