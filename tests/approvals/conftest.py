"""Mail of Alice's, accepted and screened, under the policies that a new installation starts with."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def later():
    """A moment so many seconds after now."""
    return lambda seconds: NOW + timedelta(seconds=seconds)


@pytest.fixture
def policies(db):
    """The default policies; call it with YAML to have others instead."""
    from audit.record import Actor
    from policies import files
    from policies.defaults import install_defaults

    install_defaults()

    def replace(text):
        problems = files.check(text)
        assert not problems, problems
        files.apply(text, Actor(address="admin@example.test", channel="test"))

    return replace


@pytest.fixture
def staff(mallory):
    """An administrator who has only these rights to policies, such as "view"."""
    from django.contrib.auth.models import Permission

    from mailhold.directory.models import Person

    def staff(*rights):
        mallory.user_permissions.set(
            Permission.objects.filter(
                content_type__app_label="policies", codename__in=[f"{right}_policy" for right in rights]
            )
        )
        Person.objects.filter(pk=mallory.pk).update(is_staff=True)
        return Person.objects.get(pk=mallory.pk)

    return staff


def mail(
    sender="alice@example.test",
    to=("customer@client.example",),
    subject="Offer",
    body="Hello.\n",
    attach=None,
):
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Somebody <{sender}>"
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message.set_content(body)
    if attach:
        message.add_attachment(b"secret figures", maintype="application", subtype="pdf", filename=attach)
    return message.as_bytes()


@pytest.fixture
def accept(policies):
    """Accept a message as the gateway would; returns the id of the message."""
    from approvals.flows.submit import submit
    from mailhold.gateway.submission import ForwardPath, Submission
    from mailhold.ids import uuid7

    def accept(
        *, sender="alice@example.test", to=("customer@client.example",), content=None, person=None, **kind
    ):
        submission = Submission(
            id=uuid7(),
            received_at=NOW,
            reverse_path=sender,
            forward_paths=tuple(ForwardPath(address=address) for address in to),
            content=content if content is not None else mail(sender, to, **kind),
            trace_header="Received: from test\r\n\tby mailhold;\r\n\tTue, 24 Nov 2026 02:00:00 +0000\r\n",
            submitter_id=person.pk if person else None,
            peer_address="127.0.0.1",
            helo_name="test",
        )
        submit([submission])
        return submission.id

    return accept


@pytest.fixture
def hold_mail(accept):
    """Accept and screen a message; returns its holds, in the order in which they were opened."""
    from approvals.flows.screen import screen
    from approvals.models import Hold

    def hold_mail(**kind):
        message_id = accept(**kind)
        assert screen([message_id], NOW) == 1
        return list(Hold.objects.filter(message_id=message_id).order_by("pk"))

    return hold_mail


@pytest.fixture
def one_hold(hold_mail):
    """Like hold_mail, for mail that makes exactly one hold."""

    def one(**kind):
        (hold,) = hold_mail(**kind)
        return hold

    return one


@pytest.fixture
def needs_manager(one_hold, alice):
    """A hold of Alice's that waits for Bob, her manager."""
    return one_hold(person=alice, attach="offer.pdf")


@pytest.fixture
def actor():
    from audit.record import Actor

    return lambda person: Actor(address=person.email, channel="test")


@pytest.fixture
def statuses():
    from mailhold.mailstore.models import Recipient

    def statuses(hold):
        rows = Recipient.objects.filter(hold_link__hold=hold).order_by("pk")
        return {row.address: row.status for row in rows}

    return statuses


@pytest.fixture
def tags():
    from audit.models import Event

    return lambda hold: list(Event.objects.filter(message_id=hold.message_id).values_list("tag", flat=True))


@pytest.fixture
def notices():
    from approvals.models import Notice

    return lambda hold: sorted(Notice.objects.filter(hold=hold).values_list("kind", "address"))


@pytest.fixture(autouse=True)
def _mailbox(settings, tmp_path):
    """Released mail of each test goes to a mailbox of its own."""
    settings.DATA_DIR = tmp_path
    settings.SMARTHOST = ""


@pytest.fixture
def mailbox():
    """What has arrived: envelope and bytes, the oldest first."""
    from mailhold.delivery import demo

    return lambda: [demo.read_mail(entry.id) for entry in reversed(demo.list_mail())]


@pytest.fixture(autouse=True)
def _conservation(request):
    """After every test that used the database, no recipient may be lost or in two places."""
    uses_database = bool({"db", "transactional_db"} & set(request.fixturenames))
    if uses_database:
        request.getfixturevalue("db")  # so that it is still there below
    yield
    if uses_database:
        from approvals.conservation import problems

        assert problems() == []
