"""Ready sets: each does what its name says, and is added to what there is."""

import base64
import io
import zipfile
from datetime import timedelta
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from approvals.trying import attempt, trial_of
from audit.record import SYSTEM
from mailhold.directory.models import Person
from policies import files
from policies.file_tests import Outcome, outcomes
from policies.loading import active_policies
from policies.sets import set_names, set_text

CLIENT = "customer@client.example"
COLLEAGUE = "bob@example.test"


def encrypted_zip():
    """A ZIP file whose one member says that it is encrypted."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("list.csv", "secret")
    content = bytearray(file.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return base64.b64encode(content).decode()


PLAIN = {"body": "Hello"}
ATTACHED = {"attachments": [{"name": "offer.txt", "text": "Hello"}]}
CARD = {"body": "カード番号: 4539 1488 0343 6467"}
LOCKED = {"attachments": [{"name": "list.zip", "base64": encrypted_zip()}]}
APPROVAL = {Outcome.HOLD, Outcome.APPROVAL}
RELEASE = {Outcome.RELEASE}


def answer(message, recipient, now):
    message = {"from": "alice@example.test", "to": recipient, **message}
    test = {"name": "x", "message": message, "expect": "hold"}
    (read,) = files.read(yaml.safe_dump({"format": 1, "policies": [], "tests": [test]})).tests
    (entry,) = attempt(trial_of(read.content, None, (), now)).recipients
    return set(outcomes(entry.treatment))


@pytest.mark.parametrize(
    ("name", "message", "recipient", "expected"),
    [
        ("everything-waits", PLAIN, CLIENT, {Outcome.HOLD}),
        ("everything-waits", PLAIN, COLLEAGUE, {Outcome.HOLD}),
        ("attachment-manager", ATTACHED, CLIENT, APPROVAL),
        ("attachment-manager", ATTACHED, COLLEAGUE, RELEASE),
        ("attachment-manager", PLAIN, CLIENT, RELEASE),
        ("personal-data", CARD, CLIENT, APPROVAL),
        ("personal-data", CARD, COLLEAGUE, RELEASE),
        ("personal-data", PLAIN, CLIENT, RELEASE),
        ("ppap-off", LOCKED, CLIENT, {Outcome.RETURN}),
        ("ppap-off", LOCKED, COLLEAGUE, RELEASE),
        ("ppap-off", ATTACHED, CLIENT, RELEASE),
    ],
)
def test_a_set_does_what_its_name_says(db, alice, now, name, message, recipient, expected):
    assert files.add(set_text(name), SYSTEM).problems == []
    assert answer(message, recipient, now) == expected


@pytest.mark.parametrize(("days", "expected"), [(10, APPROVAL), (400, RELEASE)])
def test_new_staff_is_new_for_ninety_days(db, alice, now, days, expected):
    Person.objects.filter(pk=alice.pk).update(joined_on=(now - timedelta(days=days)).date())
    files.add(set_text("new-staff"), SYSTEM)
    assert answer(PLAIN, CLIENT, now) == expected
    assert answer(PLAIN, COLLEAGUE, now) == RELEASE


def run(*arguments):
    out = StringIO()
    call_command("policy", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_lists_and_adds_sets(policies, settings):
    settings.LANGUAGE_CODE = "en"
    listed = run("sets")
    assert [name for name in set_names() if name not in listed] == []
    assert "For any mail, it waits 5 minutes" in listed
    before = {policy.key for policy in active_policies()}
    assert "created: new-staff" in run("apply", "--set", "new-staff")
    assert {policy.key for policy in active_policies()} == before | {"new-staff"}
    run("apply", "--set", "new-staff")
    assert len(active_policies()) == len(before) + 1


def test_there_must_be_such_a_set(db):
    with pytest.raises(CommandError, match="nothing"):
        run("apply", "--set", "nothing")
    with pytest.raises(CommandError, match="--set"):
        run("apply")
