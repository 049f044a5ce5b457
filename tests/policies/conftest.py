from datetime import UTC, datetime

import pytest

from mailhold.directory.models import Department
from policies.facts import AttachmentFact, ContentFact, Facts, RecipientFact, SenderFact


@pytest.fixture
def facts_of():
    """Facts about one message; `reads` counts how often its content was read."""

    def make(
        *addresses,
        sender=None,
        size=1000,
        subject="",
        body="",
        attachments=(),
        inspected=True,
        internal_domain="example.test",
    ):
        reads = []

        def read():
            reads.append(1)
            return ContentFact(
                subject=subject,
                body=body,
                inspected=inspected,
                attachments=tuple(
                    AttachmentFact(name=name, content_type=content_type, size=10)
                    for name, content_type in attachments
                ),
            )

        facts = Facts(
            sender=sender
            or SenderFact(address="alice@example.test", person_id=1, departments=frozenset({10, 11})),
            recipients=tuple(
                RecipientFact(
                    address=address,
                    domain=address.rpartition("@")[2],
                    internal=address.endswith(f"@{internal_domain}"),
                )
                for address in addresses or ("hanako@customer.example",)
            ),
            size=size,
            sent_at=datetime(2026, 11, 24, 11, 2, tzinfo=UTC),
            read_content=read,
        )
        return facts, reads

    return make


@pytest.fixture
def sales(db):
    return Department.objects.create(name="営業部")
