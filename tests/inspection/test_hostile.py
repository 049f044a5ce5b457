"""Every message that was made to hurt, through the very process in which real mail is looked into.

None may cost more than its bounds, whatever it is; the answer is a normal one or "could not be inspected", and the next
message is read by the same sandbox as if nothing had happened.
"""

import time

import pytest
from hostile import body, hostile_mails
from measured_sandbox import MeasuredSandbox
from shared_files import ROOT, shared

from approvals import looking
from policies.content_reading import content_fact

CPU_SECONDS, MEGABYTES = 10, 512
# The kernel looks at its clock now and then.
TICK = 0.3
HARMLESS = body(b"Hello.")
MAILS = hostile_mails()
# Of these nobody can have read everything, and it must be said.
NOT_TO_BE_READ_WHOLE = ("bomb", "4 GB", "levels", "laughs", "pages in a circle", "not there", "drawing steps")
SAMPLES = sorted((ROOT / "samples/mime").glob("own__attack_*.eml"))


@pytest.fixture(scope="module")
def sandboxes():
    """The sandboxes of this module's tests, kept from message to message as by a worker."""
    made = {}
    yield made
    for sandbox in made.values():
        sandbox.close()


@pytest.fixture
def looked(settings, monkeypatch, sandboxes):
    """Look into a message by both ways; return what was found out and hold it to the bounds."""
    settings.INSPECTION_SECONDS, settings.INSPECTION_MEGABYTES = CPU_SECONDS, MEGABYTES
    monkeypatch.setattr(looking, "_sandboxes", sandboxes)
    monkeypatch.setattr(looking, "Sandbox", MeasuredSandbox)

    def look(content):
        answers = []
        for ask in (looking.content_of, _examined):
            started = time.monotonic()
            answers.append(ask(content))
            sandbox = looking._sandbox()
            assert sandbox.seconds <= CPU_SECONDS + TICK
            assert sandbox.kilobytes <= MEGABYTES * 1024
            assert time.monotonic() - started <= CPU_SECONDS * 6 + 5
        return answers

    return look


def _examined(content):
    return looking.examination_of(content, passwords=(), own_domains=frozenset(), find=True).inspection


def is_answer(fact, inspection):
    """Whether both are results: read, or not read for a reason that is given."""
    return (fact.inspected or bool(fact.problem)) and (inspection.inspected or bool(inspection.problems))


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_message_stays_within_its_bounds_and_the_next_one_is_read(looked, name):
    fact, inspection = looked(MAILS[name]())
    assert is_answer(fact, inspection)
    if any(word in name for word in NOT_TO_BE_READ_WHOLE):
        assert not (fact.inspected and inspection.inspected)
    fact, inspection = looked(HARMLESS)
    assert fact == content_fact(HARMLESS)
    assert inspection.inspected


@pytest.mark.parametrize("sample", SAMPLES or [None], ids=lambda each: each.name if each else "none")
def test_the_hostile_samples_of_others_stay_within_their_bounds(looked, sample):
    if sample is None:
        shared("samples/mime")
    assert is_answer(*looked(sample.read_bytes()))
    assert looked(HARMLESS)[0] == content_fact(HARMLESS)
