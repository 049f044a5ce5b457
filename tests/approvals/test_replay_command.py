"""`mailhold policy replay`: against mail of the record and against a folder, for people and for programs."""

import json
import os
import signal
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from approvals.replay import running
from approvals.replay.models import Replay
from audit.models import Event
from audit.tags import Tag
from mailhold.mailstore.models import Message

CLIENT = "customer@client.example"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def recent(hold_mail, alice):
    """Mail that came a moment ago, whatever the clock of the tests says."""

    def recent(**kind):
        holds = hold_mail(person=alice, **kind)
        moment = running.database_now() - timedelta(minutes=5)
        Message.objects.filter(pk=holds[0].message_id).update(received_at=moment)
        return holds

    return recent


@pytest.fixture
def run(policies):
    """Run the command; returns its exit code, what it printed and what it said besides."""

    def run(*arguments):
        out, err = StringIO(), StringIO()
        try:
            call_command("policy", "replay", *map(str, arguments), stdout=out, stderr=err)
        except CommandError as error:
            return error.returncode, out.getvalue(), err.getvalue() + str(error)
        return 0, out.getvalue(), err.getvalue()

    return run


@pytest.fixture
def file(tmp_path):
    """A draft: internal mail waits, and nothing else."""
    policy = {
        "key": "inside",
        "name": {"ja": "社内も待つ", "en": "Internal mail waits"},
        "conditions": [{"kind": "recipient_is", "choice": "internal"}],
        "actions": [{"kind": "hold", "for": "5m"}],
    }
    path = tmp_path / "draft.yaml"
    path.write_text(json.dumps({"format": 1, "policies": [policy]}))
    return path


@pytest.fixture
def folder(tmp_path):
    """A folder of messages; call it with some."""
    place = tmp_path / "mail"

    def folder(**messages):
        for name, content in messages.items():
            path = place / name / "message.eml"
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
        return place

    return folder


def message(to=CLIENT, date="Mon, 25 Nov 2024 20:00:00 +0000", **headers):
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "Alice <alice@example.test>", "Offer"
    if to:
        made["To"] = to
    if date:
        made["Date"] = date
    for name, value in headers.items():
        made[name] = value
    made.set_content("Hello.\n")
    return made.as_bytes()


def rows():
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_the_policies_as_they_stand_are_replayed_on_the_last_days(run, recent):
    recent(attach="offer.pdf", subject="Big offer")
    code, out, err = run("--days", 7)
    assert (code, "1 of 1 messages" in err) == (0, True)
    lines = out.splitlines()
    assert lines[:3] == ["Messages: 1", "Would be held: 1", "Were held in fact: 1"]
    for part in (
        "Newly held: 0",
        "Held as in fact: 1",
        f"alice@example.test → {CLIENT}: Big offer",
        "    Would happen: it waits 5 minutes; the manager must approve",
        "  Bob Baker: 1 (in fact 1)",
        "  External mail waits 5 minutes: 1 (in fact 1)",
    ):
        assert part in out, out
    event = Event.objects.get(tag=Tag.POLICY_REPLAYED)
    assert (event.channel, event.details["days"]) == ("command", 7)


def test_a_draft_is_compared_with_what_happened_as_json(run, recent, file, bob):
    recent()
    recent(to=(bob.email,))
    code, out, _err = run(file, "--days", 7, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["groups"] == {"newly": 1, "no_longer": 1}
    assert (found["state"], found["total"], found["done"]) == ("done", 2, 2)
    assert {
        "key": "inside",
        "name": {"ja": "社内も待つ", "en": "Internal mail waits"},
        "held": 1,
        "in_fact": 0,
    } in (found["policies"])
    replay = Replay.objects.get(pk=found["replay"])
    assert replay.about == {"file": "draft.yaml"}


def test_a_folder_is_judged_by_its_headers_with_nothing_beside_it(run, folder, alice, bob):
    place = folder(a=message(), b=message(to=bob.email), c=message(Bcc=CLIENT, to=bob.email))
    before = rows()
    code, out, err = run("--folder", place)
    assert (code, "3 of 3 messages" in err) == (0, True)
    assert out.splitlines()[:2] == ["Messages: 3", "Would be held: 2"]
    assert "fact" not in out
    assert "it waits 5 minutes" in out
    assert rows() == before


def test_a_folder_as_json_has_days_of_the_date_field(run, folder, alice):
    code, out, _err = run("--folder", folder(a=message(), b=message(date="nonsense")), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["days"][0] == {"date": "2024-11-26", "messages": 1, "held": 1}
    assert "in_fact" not in out


def test_a_message_that_nobody_can_inspect_is_counted_and_the_rest_goes_on(run, folder, alice, admin):
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(300)
    )
    hostile = b"From: alice@example.test\r\nTo: " + CLIENT.encode() + b"\r\nMIME-Version: 1.0\r\n" + nested
    code, out, _err = run("--folder", folder(a=hostile, b=message()))
    assert code == 0
    assert "1 message could not be inspected and would be held for a person." in out
    assert out.startswith("Messages: 2")


def test_what_is_no_message_with_recipients_is_left_out_and_named(run, folder):
    code, out, err = run("--folder", folder(a=message(to=None), b=b"", c=message()))
    assert (code, out.splitlines()[0]) == (0, "Messages: 1")
    assert err.count("was left out") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one of the arguments --days --folder is required"),
        (["--days", 0], "invalid"),
        (["--days", 91], "invalid"),
        (["--days", "x"], "invalid"),
        (["--days", 7, "--folder", "."], "not allowed with"),
        (["--folder", "/no/such/folder"], "cannot be read"),
        (["/no/such/file.yaml", "--days", 7], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(run, arguments, words):
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert not Replay.objects.exists()


def test_a_wrong_draft_is_named_with_its_lines(run, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("format: 1\npolicies:\n- key: x\n")
    code, _out, err = run(wrong, "--days", 7)
    assert (code, "line 3" in err, Replay.objects.exists()) == (1, True, False)


@pytest.mark.parametrize("where", ["record", "folder"])
def test_ctrl_c_ends_it_with_what_it_has_and_its_own_exit_code(run, recent, folder, where, monkeypatch):
    from approvals.replay import judging

    for _ in range(4):
        recent()
    place = folder(a=message(), b=message(), c=message())
    monkeypatch.setattr("approvals.replay.command.SLICE_SECONDS", 0)
    real, judged, before = judging.judge, [], signal.getsignal(signal.SIGINT)

    def judge(*given):
        judged.append(given)
        if len(judged) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return real(*given)

    monkeypatch.setattr(judging, "judge", judge)
    code, out, err = run(*(["--days", 7] if where == "record" else ["--folder", place]))
    assert (code, len(judged)) == (130, 3)
    assert "It was interrupted" in err
    assert out.startswith("Messages: 2")
    assert signal.getsignal(signal.SIGINT) is before
    if where == "record":
        assert Replay.objects.get().state == "canceled"


def test_a_replay_that_fails_says_why_and_exits_with_one(run, recent, file, monkeypatch):
    recent()
    monkeypatch.setattr(running, "FAILED_AFTER", 0)
    code, _out, err = run("--days", 7)
    assert (code, "given up" in err) == (1, True)
