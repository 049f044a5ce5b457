"""Policy files: exact both ways, and a wrong one names its lines and changes nothing."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from jsonschema import Draft202012Validator

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Address
from policies import files, schema
from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_KINDS
from policies.defaults import install_defaults
from policies.documents import LARGEST_FILE
from policies.loading import active_policies, current_version
from policies.models import Policy, PolicyVersion

EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")
SCHEMA = Path(files.__file__).with_name("schema.json")
ROOT = Actor(address="root@example.test", channel="admin")


@pytest.fixture
def directory(sales, alice, bob, carol):
    Address.objects.create(person=bob, address="robert@example.test")


def minimal(**changes):
    policy = {"key": "x", "name": {"ja": "x", "en": "x"}, "actions": [{"kind": "discard"}], **changes}
    return yaml.safe_dump({"format": 1, "policies": [policy]}, allow_unicode=True)


def test_the_file_of_everything_uses_everything():
    policies = yaml.safe_load(EVERYTHING)["policies"]
    conditions = {each["kind"] for policy in policies for each in policy["conditions"] + policy["exceptions"]}
    actions = {each["kind"] for policy in policies for each in policy["actions"]}
    assert conditions == {kind.code for kind in CONDITION_KINDS}
    assert actions == {kind.code for kind in ACTION_KINDS}


def test_what_is_applied_is_exported_exactly_and_applied_again_without_a_change(directory):
    first = files.apply(EVERYTHING, ROOT)
    assert first.problems == []
    assert first.created == ["partners", "everything", "back", "drop", "all-conditions", "more-actions"]
    exported = files.export()
    assert yaml.safe_load(exported) == yaml.safe_load(EVERYTHING)
    policies = active_policies()
    second = files.apply(exported, ROOT)
    assert (second.created, second.changed, second.removed, second.version) == ([], [], [], 1)
    assert files.export() == exported
    assert active_policies() == policies


def test_an_applied_file_replaces_the_set_by_keys(directory):
    files.apply(EVERYTHING, ROOT)
    kept = Policy.objects.get(key="drop")
    content = yaml.safe_load(EVERYTHING)
    partners, _, back, drop, *_ = content["policies"]
    drop["priority"] = 5
    drop["conditions"] = [{"kind": "has_attachment"}]
    content["policies"] = [drop, partners, {**back, "key": "back-again"}]
    result = files.apply(yaml.safe_dump(content), ROOT)
    assert (result.created, result.changed, result.removed) == (
        ["back-again"],
        ["drop"],
        ["all-conditions", "back", "everything", "more-actions"],
    )
    assert Policy.objects.get(key="drop").pk == kept.pk
    assert [policy.key for policy in active_policies()] == ["drop", "partners", "back-again"]


def test_a_change_makes_a_version_with_its_event_and_no_change_makes_none(directory):
    files.apply(EVERYTHING, ROOT)
    version = PolicyVersion.objects.get()
    assert (version.number, version.made_by, version.text) == (1, "root@example.test", files.export())
    event = Event.objects.get(tag=Tag.POLICY_CHANGED)
    assert (event.actor, event.channel, event.details["version"]) == ("root@example.test", "admin", 1)
    assert event.details["created"] == [
        "partners",
        "everything",
        "back",
        "drop",
        "all-conditions",
        "more-actions",
    ]
    files.apply(minimal(), ROOT)
    assert current_version() == 2
    assert Event.objects.filter(tag=Tag.POLICY_CHANGED).count() == 2


def test_a_further_address_names_its_person(directory, bob):
    text = minimal(scope={"people": ["ROBERT@example.test"]})
    assert files.apply(text, ROOT).problems == []
    assert active_policies()[0].scope.person_ids == {bob.pk}
    assert "bob@example.test" in files.export()


def test_what_may_be_left_out_has_defaults(db):
    files.apply(minimal(), ROOT)
    (policy,) = active_policies()
    assert (policy.priority, policy.enabled, policy.mode, policy.stop) == (100, True, "enforce", False)
    assert policy.scope.everyone
    assert policy.conditions == policy.exceptions == ()


HEAD = "format: 1\npolicies:\n  - key: x\n    name: {ja: x, en: x}\n"
ACTIONS = "    actions: [{kind: discard}]\n"

WRONG = [
    ("", 1, "The file is empty."),
    ("format: 1\npolicies: [\n", 3, "not valid YAML"),
    ("format: 1\n\tpolicies: []\n", 2, "not valid YAML"),
    ("format: 1\npolicies: []\n---\nformat: 1\n", 3, "not valid YAML"),
    ("format: 1\npolicies:\n  - \x07\n", 3, "a character that cannot be used"),
    ("- a\n", 1, "Entries of the form"),
    ("format: 2\npolicies: []\n", 1, "from 1 to 1"),
    ("format: true\npolicies: []\n", 1, "from 1 to 1"),
    ("policies: []\n", 1, "“format” is missing"),
    ("format: 1\npolicies: []\nregulations: []\n", 3, "no key “regulations”"),
    ("format: 1\npolicies: []\nrules: {choose: mildest}\n", 3, "not one of strictest, first"),
    ("format: 1\npolicies: []\nrules: {risk: {wait: 1, check: 2, peer: 3}}\n", 3, "“manager” is missing"),
    (
        "format: 1\npolicies: []\nrules: {risk: {wait: 9, check: 8, peer: 10, manager: 11}}\n",
        3,
        "must rise",
    ),
    ("format: 1\npolicies:\n  a: b\n", 3, "A list"),
    ("format: 1\npolicies: &a []\nx: *a\n", 3, "Aliases"),
    ("format: 1\npolicies: " + "[" * 5000 + "]" * 5000, 2, "nested too deeply"),
    ("format: 1\npolicies: " + "x" * LARGEST_FILE, 1, "at most 512 KB"),
    (HEAD, 3, "“actions” is missing"),
    (HEAD + "    actions: []\n", 5, "At least one action"),
    (HEAD + "    key: y\n" + ACTIONS, 5, "stands here twice"),
    (HEAD + ACTIONS + "    stop: maybe\n", 6, "true or false"),
    (HEAD + ACTIONS + "    priority: -1\n", 6, "A whole number from 0"),
    (HEAD + ACTIONS + "    priority: 1.5\n", 6, "A whole number from 0"),
    (HEAD + ACTIONS + "    mode: dream\n", 6, "“dream” is not one of enforce, watch"),
    (HEAD + ACTIONS + "    scope: nobody\n", 6, "“nobody” is not one of everyone"),
    (HEAD + ACTIONS + "    scope: {}\n", 6, "Name people or departments"),
    (
        HEAD + ACTIONS + "    scope:\n      people:\n        - mallory@evil.example\n",
        8,
        "mallory@evil.example",
    ),
    (HEAD + ACTIONS + "    scope:\n      departments: [総務部]\n", 7, "There is no department “総務部”"),
    (
        HEAD + ACTIONS + "    conditions:\n      - kind: telepathy\n",
        7,
        "“telepathy” is not one of recipient_is",
    ),
    (HEAD + ACTIONS + "    conditions:\n      - choice: external\n", 7, "“kind” is missing"),
    (
        HEAD + ACTIONS + "    conditions:\n      - kind: recipient_is\n        choice: both\n",
        8,
        "internal, external",
    ),
    (HEAD + ACTIONS + "    conditions:\n      - kind: size\n        number: 10\n", 7, "MB, KB, B"),
    (
        HEAD + ACTIONS + "    exceptions:\n      - kind: words\n        choice: body\n",
        7,
        "at least one value",
    ),
    (HEAD + ACTIONS + '    description: "a\\0b"\n', 6, "cannot be stored"),
    (HEAD + ACTIONS + '    description: "\\ud800"\n', 6, "cannot be stored"),
    (HEAD + ACTIONS + "    description: !!python/name:os.system\n", 6, "A text is expected"),
    (HEAD + ACTIONS + "    description: {}\n", 6, "A text is expected"),
    (HEAD + "    actions:\n      - kind: hold\n        for: soon\n", 7, "A time such as"),
    (HEAD + "    actions:\n      - kind: hold\n", 6, "a time from one second"),
    (HEAD + "    actions:\n      - kind: hold\n        for: 5m\n        deadline: 1h\n", 8, "not used by it"),
    (
        HEAD + "    actions:\n      - kind: discard\n      - kind: hold\n        for: 5m\n",
        6,
        "must be the only action",
    ),
    (HEAD + "    actions:\n      - {kind: approval, approvers: manager}\n", 6, "a time from one second"),
    (
        HEAD + "    actions:\n      - kind: approval\n        deadline: 1h\n        approvers: manager\n"
        "        persons: [bob@example.test]\n",
        9,
        "goes with “approvers: persons” only",
    ),
    ("format: 1\npolicies:\n  - key: X Y\n    name: {ja: x, en: x}\n" + ACTIONS, 3, "small letters"),
    ("format: 1\npolicies:\n  - key: x\n    name: {ja: x}\n" + ACTIONS, 4, "“en” is missing"),
    ("format: 1\npolicies:\n  - key: x\n    name: {ja: ' ', en: x}\n" + ACTIONS, 4, "A name is expected"),
    (HEAD + ACTIONS + HEAD.partition("policies:\n")[2] + ACTIONS, 6, "two policies with the key “x”"),
]


@pytest.mark.parametrize(("text", "line", "words"), WRONG)
def test_a_wrong_file_names_the_line_and_changes_nothing(directory, text, line, words):
    files.apply(minimal(key="before"), ROOT)
    problems = files.check(text)
    assert [(problem.line, words in problem.text.en) for problem in problems] == [(line, True)]
    assert problems[0].text.ja != problems[0].text.en
    result = files.apply(text, ROOT)
    assert result.problems == problems
    assert [policy.key for policy in active_policies()] == ["before"]
    assert current_version() == 1


def test_every_problem_is_told_in_the_order_of_lines(db):
    text = HEAD + "    actions:\n      - kind: hold\n    stop: 3\n    priority: x\n    colour: red\n"
    assert [problem.line for problem in files.check(text)] == [6, 7, 8, 9]


def test_one_wrong_policy_keeps_the_right_ones_out_too(db):
    second = "  - key: second\n    name: {ja: x, en: x}\n    actions: [{kind: hold, for: never}]\n"
    assert files.apply(HEAD + ACTIONS, ROOT).created == ["x"]
    changed = HEAD + ACTIONS + "    priority: 1\n" + second
    assert [problem.line for problem in files.apply(changed, ROOT).problems] == [9]
    assert [policy.priority for policy in active_policies()] == [100]


# --- the schema ---------------------------------------------------------------------------------------------------


def test_the_shipped_schema_is_the_one_that_the_kinds_make():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema.build_schema()


def test_the_schema_accepts_everything_and_refuses_what_check_refuses(db):
    validator = Draft202012Validator(schema.build_schema())
    Draft202012Validator.check_schema(schema.build_schema())
    assert validator.is_valid(yaml.safe_load(EVERYTHING))
    assert not validator.is_valid(yaml.safe_load(minimal(conditions=[{"kind": "telepathy"}])))
    assert not validator.is_valid(yaml.safe_load(minimal(actions=[{"kind": "hold"}])))
    assert not validator.is_valid(yaml.safe_load(minimal(conditions=[{"kind": "size", "number": 1}])))


# --- the defaults -------------------------------------------------------------------------------------------------


def test_a_new_installation_starts_with_two_policies_in_both_languages(db):
    install_defaults()
    wait, approval = active_policies()
    assert (wait.name.ja, wait.name.en) == ("社外へのメールは5分待つ", "External mail waits 5 minutes")
    assert (wait.actions[0].seconds, wait.actions[0].sender_may_send_now) == (300, True)
    assert approval.name.ja == "添付のある社外メールは上長の承認"
    assert (approval.actions[0].approvers, approval.actions[0].deadline_seconds) == ("manager", 86400)


def test_defaults_are_not_put_back_over_what_administrators_decided(db):
    install_defaults()
    files.apply(minimal(), ROOT)
    install_defaults()
    assert [policy.key for policy in active_policies()] == ["x"]
    files.apply("format: 1\npolicies: []\n", ROOT)
    install_defaults()
    assert active_policies() == ()


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("policy", *arguments, stdout=out, stderr=err)
    return out.getvalue()


def test_the_command_exports_checks_and_applies(db, tmp_path, settings):
    settings.LANGUAGE_CODE = "en"
    file = tmp_path / "policies.yaml"
    install_defaults()
    run("export", str(file))
    assert file.read_text(encoding="utf-8") == files.export() == run("export")
    Policy.objects.filter(key="external-wait").delete()
    assert "can be applied" in run("check", str(file))
    assert not Policy.objects.filter(key="external-wait").exists()
    assert "created: external-wait" in run("apply", str(file))
    assert Policy.objects.filter(key="external-wait").exists()


def test_the_command_names_each_line_and_fails(db, tmp_path):
    file = tmp_path / "policies.yaml"
    file.write_text(HEAD + "    colour: red\n", encoding="utf-8")
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("policy", "apply", str(file), stderr=err)
    assert [part in err.getvalue() for part in (f"{file}", "3", "5", "colour")] == [True] * 4
    assert not Policy.objects.exists()


def test_a_file_that_cannot_be_read_is_a_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="missing"):
        run("check", str(tmp_path / "missing.yaml"))
    broken = tmp_path / "broken.yaml"
    broken.write_bytes("件名".encode("shift_jis"))
    with pytest.raises(CommandError, match="UTF-8"):
        run("check", str(broken))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_make_two_versions():
    files.apply(minimal(key="first"), ROOT)
    both_ready = threading.Barrier(2)

    def change(key):
        try:
            both_ready.wait(10)
            return files.apply(minimal(key=key), ROOT).version
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as administrators:
        numbers = list(administrators.map(change, ["second", "third"]))
    assert sorted(numbers) == [2, 3]
    last = PolicyVersion.objects.get(number=3)
    assert last.text == files.export()
    assert [policy.key for policy in active_policies()] == [["second", "third"][numbers.index(3)]]
