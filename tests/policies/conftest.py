from datetime import UTC, datetime

import pytest

from mailhold.directory.models import Department
from mailhold.mime.pieces import Inspection
from policies.facts import (
    AttachmentFact,
    ContactsFact,
    ContentFact,
    Facts,
    MalwareFact,
    RecipientFact,
    SenderDetails,
    SenderFact,
)
from policies.reference import NO_REFERENCE


class GivenParts:
    """A source whose parts a test gives; `reads` names those that were asked for, in order."""

    def __init__(self, **parts):
        self.parts = parts
        self.reads = []

    def _read(self, name, default):
        self.reads.append(name)
        return self.parts.get(name, default)

    def content(self):
        return self._read("content", ContentFact())

    def inspection(self):
        files = self.parts.get("files", ())
        pieces = self.parts.get("pieces", ())
        self.reads.append("inspection")
        return Inspection(pieces=pieces, files=files, inspected=all(f.inspected for f in files), problems=())

    def findings(self, inspection):
        return self._read("findings", ())

    def sender_details(self):
        return self._read("sender_details", SenderDetails())

    def contacts(self):
        return self._read("contacts", ContactsFact())

    def frequent_domains(self):
        return self._read("frequent_domains", frozenset())

    def answered(self):
        return self._read("answered", None)

    def malware(self):
        return self._read("malware", MalwareFact(checked=False))


@pytest.fixture
def facts_of():
    """Facts about one message, and the names of the parts that were asked for."""

    def make(
        *addresses,
        sender=None,
        size=1000,
        subject="",
        body="",
        attachments=(),
        inspected=True,
        internal_domain="example.test",
        visible=None,
        sent_at=datetime(2026, 11, 24, 11, 2, tzinfo=UTC),
        null_sender=False,
        automatic=False,
        reference=NO_REFERENCE,
        parts=None,
        **content,
    ):
        fact = ContentFact(
            subject=subject,
            body=body,
            inspected=inspected,
            attachments=tuple(
                AttachmentFact(name=name, content_type=content_type, size=more[0] if more else 10)
                for name, content_type, *more in attachments
            ),
            own_attachments=len(attachments),
            **content,
        )
        source = GivenParts(**{"content": fact, **(parts or {})})
        recipients = addresses or ("hanako@customer.example",)
        shown = dict.fromkeys(recipients, "to") if visible is None else visible
        facts = Facts(
            sender=sender
            or SenderFact(address="alice@example.test", person_id=1, departments=frozenset({10, 11})),
            recipients=tuple(
                RecipientFact(
                    address=address,
                    domain=address.rpartition("@")[2],
                    internal=address.endswith(f"@{internal_domain}"),
                    visible=shown.get(address, ""),
                )
                for address in recipients
            ),
            size=size,
            sent_at=sent_at,
            source=source,
            visible=shown,
            own_domains=frozenset({internal_domain}),
            null_sender=null_sender,
            automatic=automatic,
            reference=reference,
        )
        return facts, source.reads

    return make


@pytest.fixture
def sales(db):
    return Department.objects.create(name="営業部")
