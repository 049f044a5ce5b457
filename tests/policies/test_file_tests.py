"""Tests inside a policy file: how they are written, and what is wrong with one."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from mailhold.mime.parse import parse
from policies import files
from policies.file_tests import MOST_TESTS, Outcome, envelope_of, outcomes
from policies.verdict import Approvers, Disposition, Stage, Treatment

SCHEMA = json.loads(Path(files.__file__).with_name("schema.json").read_text(encoding="utf-8"))
POLICY = {"key": "wait", "name": {"ja": "待つ", "en": "Wait"}, "actions": [{"kind": "hold", "for": "5m"}]}
SHORT = {
    "name": "short",
    "message": {
        "from": "Alice <alice@example.test>",
        "to": ["Bob <bob@example.test>", "hanako@customer.example"],
        "subject": "見積の件",
        "body": "添付します。",
        "attachments": [
            {"name": "名簿.csv", "text": "a,b\n"},
            {"name": "x.pdf", "base64": "JVBERi0="},
        ],
    },
    "expect": "hold",
}
WHOLE = {
    "name": "whole",
    "message": "From: alice@example.test\nTo: bob@example.test\nSubject: x\n\nHello\n",
    "expect": {"outcome": "hold", "by": ["wait"]},
}


def text_of(*tests):
    # JSON is YAML, and writes nothing twice as an alias.
    return json.dumps({"format": 1, "policies": [POLICY], "tests": list(tests)}, ensure_ascii=False)


def test_a_short_message_becomes_a_real_one(db):
    (test,) = files.read(text_of(SHORT)).tests
    parsed = parse(test.content)
    assert (parsed.subject, parsed.text.strip()) == ("見積の件", "添付します。")
    assert [each.name for each in parsed.attachments] == ["名簿.csv", "x.pdf"]
    assert (test.sender, test.recipients) == (
        "alice@example.test",
        ("bob@example.test", "hanako@customer.example"),
    )


def test_a_whole_message_stays_as_it_is_written(db):
    (test,) = files.read(text_of(WHOLE)).tests
    assert test.content == WHOLE["message"].replace("\n", "\r\n").encode()


def test_the_envelope_can_be_given_beside_the_message(db):
    envelope = {"sender": "carol@example.test", "recipients": ["x@bcc.example"]}
    (test,) = files.read(text_of({**WHOLE, **envelope})).tests
    assert (test.sender, test.recipients) == ("carol@example.test", ("x@bcc.example",))


def test_a_recipient_that_is_named_has_an_expectation_of_its_own(db):
    expect = [{"outcome": "hold"}, {"outcome": "release", "recipients": ["BOB@example.test"]}]
    (test,) = files.read(text_of({**SHORT, "expect": expect})).tests
    assert test.expected_of("bob@example.test").outcome is Outcome.RELEASE
    assert test.expected_of("hanako@customer.example").outcome is Outcome.HOLD


def test_a_recipient_named_twice_is_one():
    content = b"From: a@x.example\r\nTo: b@x.example, B@X.example\r\nCc: b@x.example\r\n\r\n"
    sender, recipients = envelope_of(content)
    assert (sender, [each.lower() for each in recipients]) == ("a@x.example", ["b@x.example"])


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ({"name": "x", "message": "To: a@b.example\n\n"}, "expect"),
        ({**WHOLE, "expect": "held"}, "held"),
        ({**WHOLE, "expect": {"outcome": "hold", "by": ["nothing"]}}, "nothing"),
        ({**WHOLE, "expect": []}, "every recipient"),
        (
            {**WHOLE, "expect": {"outcome": "hold", "recipients": ["other@example.test"]}},
            "other@example.test",
        ),
        ({**SHORT, "expect": {"outcome": "hold", "recipients": ["bob@example.test"]}}, "every recipient"),
        ({**WHOLE, "message": "Subject: nobody\n\n"}, "no recipient"),
        ({**WHOLE, "message": ["x"]}, "message"),
        ({**WHOLE, "recipients": ["somebody"]}, "no address"),
        ({**SHORT, "message": {**SHORT["message"], "colour": "red"}}, "colour"),
        (
            {**SHORT, "message": {"to": "a@b.example", "attachments": [{"name": "x", "base64": "?"}]}},
            "Base64",
        ),
        ({**SHORT, "message": {"to": "a@b.example", "attachments": [{"text": "x"}]}}, "name"),
    ],
)
def test_a_wrong_test_is_a_problem_of_the_file(db, test, words):
    problems = files.check(text_of(test))
    assert problems
    assert words in " ".join(problem.text.en for problem in problems)


def test_tests_are_bounded_in_number(db):
    assert files.check(text_of(*[WHOLE] * MOST_TESTS)) == []
    assert files.check(text_of(*[WHOLE] * (MOST_TESTS + 1)))


def test_the_schema_knows_tests():
    validator = Draft202012Validator(SCHEMA)
    document = yaml.safe_load(text_of(SHORT, WHOLE, {**SHORT, "expect": [{"outcome": "hold"}]}))
    assert list(validator.iter_errors(document)) == []
    for wrong in ({**WHOLE, "expect": "held"}, {**WHOLE, "colour": "red"}, {"name": "x"}):
        assert not validator.is_valid({**document, "tests": [wrong]})


def test_what_waits_for_others_is_also_held():
    stage = Stage(approvers=Approvers.MANAGER)
    held = Treatment(disposition=Disposition.HOLD, stages=(stage,), self_check=True)
    assert outcomes(held) == {Outcome.HOLD, Outcome.APPROVAL, Outcome.SELF_CHECK}
    assert outcomes(Treatment()) == {Outcome.RELEASE}
