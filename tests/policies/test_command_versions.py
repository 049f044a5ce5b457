"""`mailhold policy diff`, `versions` and `rollback`: what would change, what was, and back to it."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Person
from policies import files
from policies.loading import active_policies, current_version
from policies.models import PolicyRules, PolicyVersion, RecipientList

ROOT = Actor(address="root@example.test", channel="admin")
EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")

WAIT = {
    "key": "wait",
    "name": {"ja": "社外は待つ", "en": "External mail waits"},
    "conditions": [{"kind": "recipient_is", "choice": "external"}],
    "actions": [{"kind": "hold", "for": "5m"}],
}
ASK = {
    "key": "ask",
    "name": {"ja": "上長の承認", "en": "The manager approves"},
    "conditions": [{"kind": "has_attachment"}],
    "actions": [{"kind": "approval", "approvers": "manager", "deadline": "24h"}],
}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def text_of(*policies, **more):
    return yaml.safe_dump({"format": 1, **more, "policies": list(policies)}, allow_unicode=True)


@pytest.fixture
def run(tmp_path):
    """Run the command, a file's text standing for the file; returns the exit code and what was written."""

    def run(*arguments):
        file = tmp_path / "policies.yaml"
        names = []
        for argument in arguments:
            if "\n" in argument:
                file.write_text(argument, encoding="utf-8")
            names.append(str(file) if "\n" in argument else argument)
        out, code = StringIO(), 0
        try:
            call_command("policy", *names, stdout=out, stderr=out)
        except SystemExit as ended:
            code = ended.code
        except CommandError as error:
            code = error.returncode
            out.write(str(error))
        return code, out.getvalue()

    return run


def test_diff_says_nothing_where_nothing_would_change(run, sales, bob, carol, alice):
    files.apply(EVERYTHING, ROOT)
    code, said = run("diff", files.export())
    assert (code, "nothing" in said) == (0, True)


def test_diff_tells_each_change_in_sentences_and_makes_none(run, db):
    files.apply(text_of(WAIT, ASK), ROOT)
    longer = {**WAIT, "actions": [{"kind": "hold", "for": "10m"}], "mode": "watch"}
    new = {**ASK, "key": "new"}
    code, said = run("diff", text_of(longer, new))
    assert code == 1
    assert [line.strip() for line in said.splitlines()] == [
        "changed: wait",
        "- If the recipient is external, then it waits 5 minutes",
        "- mode: enforce",
        "+ If the recipient is external, then it waits 10 minutes",
        "+ mode: watch only",
        "created: new",
        "+ If there is an attachment, then the manager must approve",
        "removed: ask",
        "- If there is an attachment, then the manager must approve",
    ]
    assert (current_version(), [policy.key for policy in active_policies()]) == (1, ["wait", "ask"])


def test_diff_shows_a_detail_that_the_sentence_does_not_tell(run, db):
    files.apply(text_of(ASK), ROOT)
    code, said = run("diff", text_of({**ASK, "actions": [{**ASK["actions"][0], "deadline": "7d"}]}))
    assert code == 1
    assert ["deadline: 24h" in said, "deadline: 7d" in said] == [True, True]
    assert "must approve" not in said


def test_diff_tells_the_entries_of_lists(run, db):
    files.apply(text_of(WAIT, lists=[{"name": "partners", "entries": ["a.example", "b.example"]}]), ROOT)
    code, said = run(
        "diff", text_of(WAIT, lists=[{"name": "partners", "entries": ["a.example", "c.example"]}])
    )
    assert code == 1
    assert said.splitlines() == ["changed: list “partners”", "  - b.example", "  + c.example"]
    assert run("diff", text_of(WAIT))[0] == 0


def test_diff_tells_the_rules(run, db):
    files.apply(text_of(WAIT), ROOT)
    code, said = run("diff", text_of(WAIT, rules={"choose": "first"}))
    lines = said.splitlines()
    assert (code, lines[0]) == (1, "changed: rules")
    assert ["choose: strictest" in lines[1], "choose: first" in lines[2]] == [True, True]
    assert not PolicyRules.objects.exists()


def test_diff_of_a_wrong_file_is_a_third_answer(run, db):
    code, said = run("diff", text_of({**WAIT, "colour": "red"}))
    assert (code, "colour" in said) == (2, True)


def test_diff_speaks_japanese(run, db, settings):
    settings.LANGUAGE_CODE = "ja"
    _code, said = run("diff", text_of({**ASK, "enabled": False}))
    assert said.splitlines() == ["追加: ask", "  + もし 添付がある なら 上長の承認"]


def test_versions_are_listed_with_their_authors(run, db):
    files.apply(text_of(WAIT), ROOT)
    files.apply(text_of(ASK), Actor(channel="command"))
    code, said = run("versions")
    rows = [line.split("\t") for line in said.splitlines()]
    assert code == 0
    assert [(row[0], row[2]) for row in rows] == [("2", "-"), ("1", "root@example.test")]


def test_a_rollback_is_a_new_version_that_reads_as_the_old_one(run, db):
    files.apply(text_of(WAIT), ROOT)
    files.apply(
        text_of(ASK, lists=[{"name": "partners", "entries": ["a.example"]}], rules={"choose": "first"}), ROOT
    )
    code, said = run("rollback", "1")
    assert (code, current_version()) == (0, 3)
    assert [word in said for word in ("created: wait", "removed: ask", "version 3")] == [True] * 3
    texts = dict(PolicyVersion.objects.values_list("number", "text"))
    assert texts[3] == texts[1] == files.export()
    assert not RecipientList.objects.exists()
    assert not PolicyRules.objects.exists()
    event = Event.objects.filter(tag=Tag.POLICY_CHANGED).latest("pk")
    assert (event.details["version"], event.details["rolled_back_to"]) == (3, 1)


def test_a_version_that_names_somebody_who_is_gone_is_refused(run, db, carol):
    asks_carol = {**ASK["actions"][0], "approvers": "persons", "persons": [carol.email]}
    files.apply(text_of({**ASK, "actions": [asks_carol]}), ROOT)
    files.apply(text_of(WAIT), ROOT)
    Person.objects.filter(pk=carol.pk).delete()
    code, said = run("rollback", "1")
    assert (code, carol.email in said, current_version()) == (1, True, 2)


def test_there_must_be_such_a_version(run, db):
    code, said = run("rollback", "7")
    assert (code, "no version 7" in said) == (1, True)
