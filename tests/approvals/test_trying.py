"""Trying: the answer of real mail, and nothing is written; tests of policy files run by it."""

import json
import re
from email.message import EmailMessage
from email.policy import SMTP
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from django.apps import apps
from django.core.management import CommandError, call_command

from approvals.trying import attempt, failures, said, trial_of
from mailhold.directory.models import Department
from policies import files
from policies.actions.kind import Names
from policies.file_tests import Outcome, outcomes
from policies.loading import current_version
from policies.models import Policy
from policies.verdict import Treatment

CLIENT = "customer@client.example"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def message(to=(CLIENT,), attach=None, body="Hello.\n"):
    made = EmailMessage(policy=SMTP)
    made["From"] = "Alice <alice@example.test>"
    made["To"] = ", ".join(to)
    made["Subject"] = "Offer"
    made.set_content(body)
    if attach:
        made.add_attachment(b"secret figures", maintype="application", subtype="pdf", filename=attach)
    return made.as_bytes()


def rows():
    """How many rows each table has."""
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_each_recipient_has_an_answer_with_its_reasons(policies, alice, now):
    trial = trial_of(message(to=(CLIENT, "bob@example.test"), attach="offer.pdf"), None, (), now)
    found = attempt(trial)
    answers = {entry.address: outcomes(entry.treatment) for entry in found.recipients}
    assert answers == {CLIENT: {Outcome.HOLD, Outcome.APPROVAL}, "bob@example.test": {Outcome.RELEASE}}
    names = {reason.policy_id for reason in found.recipients[0].reasons}
    assert names == set(Policy.objects.values_list("pk", flat=True))
    assert (found.problem, found.inspected) == ("", True)


def test_the_answer_is_that_of_real_mail(hold_mail, alice, now):
    content = message(to=(CLIENT, "bob@example.test"), attach="offer.pdf")
    holds = hold_mail(content=content, to=(CLIENT, "bob@example.test"), person=alice)
    found = attempt(trial_of(content, None, (), now))
    real = {
        link.recipient.address: [reason["text"]["en"] for reason in hold.reasons]
        for hold in holds
        for link in hold.recipient_links.all()
    }
    assert {entry.address: [r.text.en for r in entry.reasons] for entry in found.recipients} == real


def test_nothing_is_written(policies, alice, now):
    first = {"key": "first", "name": {"ja": "x", "en": "x"}, "actions": [{"kind": "hold", "for": "5m"}]}
    kinds = [
        {"kind": "first_mail", "choice": "company_address"},
        {"kind": "look_alike"},
        {"kind": "added_recipient"},
        {"kind": "manager_missing"},
        {"kind": "personal_data", "choice": "everywhere", "number": 1, "values": ["credit_card"]},
    ]
    each = [{**first, "key": f"p{place}", "conditions": [kind]} for place, kind in enumerate(kinds)]
    policies(json.dumps({"format": 1, "policies": each}))
    before = rows()
    assert before["Policy"] == len(kinds)
    attempt(trial_of(message(attach="offer.pdf"), None, (), now))
    assert rows() == before


def test_what_cannot_be_inspected_is_said(policies, alice, now):
    nested = EmailMessage(policy=SMTP)
    nested["From"], nested["To"] = "alice@example.test", CLIENT
    nested.set_content("x")
    nested.add_attachment(b"PK\x03\x04broken", maintype="application", subtype="zip", filename="list.zip")
    assert attempt(trial_of(message(), None, (), now)).inspected
    found = attempt(trial_of(nested.as_bytes(), None, (), now))
    assert (found.inspected, found.uninspected) == (False, ("list.zip",))


def test_a_watching_policy_is_named_and_changes_nothing(policies, alice, now):
    Policy.objects.all().delete()
    watch = {
        "key": "watch",
        "name": {"ja": "見るだけ", "en": "Only watching"},
        "mode": "watch",
        "conditions": [{"kind": "recipient_is", "choice": "external"}],
        "actions": [{"kind": "hold", "for": "5m"}],
    }
    policies(yaml.safe_dump({"format": 1, "policies": [watch]}, allow_unicode=True))
    found = attempt(trial_of(message(), None, (), now))
    assert outcomes(found.recipients[0].treatment) == {Outcome.RELEASE}
    assert [reason.policy.en for reason in found.watched] == ["Only watching"]


def test_a_treatment_is_said_in_words(policies, alice, now):
    (entry,) = attempt(trial_of(message(attach="offer.pdf"), None, (), now)).recipients
    parts = said(entry.treatment, Names())
    assert [part.en for part in parts] == ["it waits 5 minutes", "the manager must approve"]
    assert all(part.ja != part.en for part in parts)


def test_what_is_done_besides_holding_is_said_too():
    treatment = Treatment(headers=("X-Seen: yes",), bcc=("archive@example.test",), notify=(7,), urgent=True)
    english = " / ".join(part.en for part in said(treatment, Names(persons={7: "Bob"})))
    assert [word in english for word in ("at once", "X-Seen: yes", "archive@", "Bob", "urgent")] == [True] * 5


# --- tests of policy files ----------------------------------------------------------------------------------------

TO_MANAGER = {
    "key": "to-manager",
    "name": {"ja": "上長", "en": "To the manager"},
    "conditions": [{"kind": "recipient_is", "choice": "external"}, {"kind": "has_attachment"}],
    "actions": [{"kind": "approval", "approvers": "manager", "deadline": "24h"}],
}
LIST = {"name": "list.csv", "text": "a,b\n"}


def file_of(expect, attachments=(LIST,), **more):
    test = {
        "name": "a list for a customer",
        "message": {
            "from": "alice@example.test",
            "to": [CLIENT, "bob@example.test"],
            "attachments": list(attachments),
        },
        "expect": expect,
    }
    return yaml.safe_dump({"format": 1, "policies": [TO_MANAGER], "tests": [test], **more})


EACH = [
    {"recipients": [CLIENT], "outcome": "approval", "by": ["to-manager"]},
    {"recipients": ["bob@example.test"], "outcome": "release", "by": []},
]


def test_tests_that_hold_are_no_problem(db, alice, now):
    assert failures(file_of(EACH), now) == ()


@pytest.mark.parametrize(
    ("expect", "attachments", "words"),
    [
        (EACH, (), ["a list for a customer", CLIENT, "approval is expected", "release"]),
        ("approval", (LIST,), ["bob@example.test", "release"]),
        ([{**EACH[0], "by": []}, EACH[1]], (LIST,), [CLIENT, "to-manager did"]),
        (
            [EACH[0], {**EACH[1], "by": ["to-manager"]}],
            (LIST,),
            ["bob@example.test", "to-manager are expected"],
        ),
    ],
)
def test_a_test_that_fails_says_what_was_expected_of_whom(db, alice, now, expect, attachments, words):
    (problem,) = failures(file_of(expect, attachments), now)
    assert problem.line > 1
    assert [word for word in words if word not in problem.text.en] == []


def test_the_policies_in_force_are_not_those_of_the_test(policies, alice, now):
    before = rows()
    assert failures(file_of(EACH), now) == ()
    assert rows() == before
    assert not Policy.objects.filter(key="to-manager").exists()


def test_a_test_uses_the_lists_of_its_file(db, alice, now):
    listed = {**TO_MANAGER, "conditions": [{"kind": "recipient_list", "values": ["customers"]}]}
    text = file_of(EACH, policies=[listed], lists=[{"name": "customers", "entries": ["client.example"]}])
    assert failures(text, now) == ()


@pytest.mark.parametrize("page", ["policies.md", "policies.ja.md"])
def test_the_documented_tests_pass_under_the_documented_policies(db, alice, bob, carol, now, page):
    Department.objects.create(name="営業部")
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tests,) = re.findall(r"^    tests:\n(?:(?:    .*)?\n)+", text, re.MULTILINE)
    file = example + dedent(tests)
    assert len(files.read(file).tests) == 2
    assert failures(file, now) == ()
    assert failures(file.replace("outcome: release", "outcome: hold"), now)


# --- the commands -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path):
    def run(action, content, *more):
        file = tmp_path / "file"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = StringIO()
        try:
            call_command("policy", action, str(file), *more, stdout=out, stderr=out)
        except CommandError as error:
            return error.returncode, out.getvalue() + str(error)
        return 0, out.getvalue()

    return run


def test_the_command_runs_the_tests_of_a_file(run, db, alice):
    assert run("test", file_of(EACH)) == (0, "Tests passed: 1.\n")
    code, said = run("test", file_of("approval"))
    assert (code, "bob@example.test" in said) == (1, True)
    assert not Policy.objects.exists()


def test_a_file_whose_tests_fail_is_not_applied_unless_one_insists(run, db, alice):
    assert run("apply", file_of("approval"))[0] == 1
    assert current_version() == 0
    assert run("apply", file_of("approval"), "--skip-tests")[0] == 0
    assert current_version() == 1


def test_the_command_tries_a_message(run, policies, alice):
    before = rows()
    code, said = run("try", message(attach="offer.pdf"))
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == f"{CLIENT}: it waits 5 minutes, the manager must approve"
    assert [part in said for part in ("there is an attachment", "could be inspected", " ms")] == [True] * 3
    assert rows() == before


def test_the_command_takes_another_envelope(run, policies, alice):
    _code, said = run("try", message(), "--from", "alice@example.test", "--to", "bob@example.test", CLIENT)
    assert [line.partition(":")[0] for line in said.splitlines()[:2]] == ["bob@example.test", CLIENT]


def test_a_message_for_nobody_is_a_sentence(run, policies):
    code, said = run("try", b"Subject: x\r\n\r\n")
    assert (code, "--to" in said) == (1, True)
