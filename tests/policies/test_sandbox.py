"""The sandbox with children of every bad kind; that it reads real mail is shown with the gathering of facts."""

import os
import signal

import pytest

from policies.sandbox import Bounds, Sandbox, SandboxFailed

CHILD = """
import os, resource, sys, time
from policies.sandbox import FRAME

resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)

def answer(content):
    if content == b"crash":
        os.abort()
    if content == b"leave":
        sys.exit(0)
    if content == b"hang":
        time.sleep(600)
    if content == b"burn":
        resource.setrlimit(resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
        while True:
            pass
    if content == b"grow":
        try:
            bytearray(10**12)
        except MemoryError:
            return b"!too_large"
    if content == b"who":
        return str(os.getpid()).encode()
    if content == b"environment":
        return " ".join(sorted(os.environ)).encode()
    return content

while header := sys.stdin.buffer.read(FRAME.size):
    request, size = FRAME.unpack(header)
    sys.stdin.buffer.read(request)
    made = answer(sys.stdin.buffer.read(size))
    sys.stdout.buffer.write(FRAME.pack(len(made), 0) + made)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    (tmp_path / "child_of_tests.py").write_text(CHILD, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Sandbox(Bounds(cpu_seconds=1, seconds=20.0), module="child_of_tests")
    yield made
    made.close()


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 5_000_000])
def test_messages_of_every_size_go_there_and_answers_come_back(sandbox, size):
    content = os.urandom(size)
    assert sandbox.call({"do": "echo"}, content) == content


def test_the_child_is_kept(sandbox):
    assert sandbox.call({}, b"who") == sandbox.call({}, b"who")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"crash", "crashed"), (b"leave", "crashed"), (b"burn", "too_slow"), (b"grow", "too_large")],
)
def test_a_child_that_fails_says_of_what_and_the_next_message_is_read(sandbox, content, problem):
    with pytest.raises(SandboxFailed) as failed:
        sandbox.call({}, content)
    assert failed.value.problem == problem
    assert sandbox.call({}, b"next") == b"next"


def test_a_child_that_died_between_two_messages_is_replaced_and_leaves_no_pipe_open(sandbox):
    child = sandbox._ready()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert sandbox.call({}, b"next") == b"next"
    assert child.stdin.closed
    assert child.stdout.closed


def test_an_answer_without_end_is_not_read(sandbox, monkeypatch):
    monkeypatch.setattr("policies.sandbox.LONGEST_ANSWER", 100)
    with pytest.raises(SandboxFailed) as failed:
        sandbox.call({}, b"x" * 101)
    assert failed.value.problem == "too_large"
    assert sandbox.call({}, b"x" * 100) == b"x" * 100


def test_a_child_that_hangs_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "child_of_tests.py").write_text(CHILD, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    sandbox = Sandbox(Bounds(seconds=1.5), module="child_of_tests")
    try:
        with pytest.raises(SandboxFailed) as failed:
            sandbox.call({}, b"hang")
        assert failed.value.problem == "too_slow"
    finally:
        sandbox.close()


def test_the_child_knows_nothing_of_the_environment(sandbox, monkeypatch):
    monkeypatch.setenv("MAILHOLD_SECRET_KEY", "secret")
    names = sandbox.call({}, b"environment").decode().split()
    assert set(names) <= {"PATH", "PYTHONPATH", "LC_CTYPE"}


def test_a_closed_sandbox_has_no_child_left(sandbox):
    pid = int(sandbox.call({}, b"who"))
    sandbox.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_interrupt_that_is_meant_for_the_parent_ends_no_child():
    # Ctrl-C in a terminal goes to every process that runs there.
    real = Sandbox(Bounds(cpu_seconds=5, seconds=30.0))
    try:
        real.call({"do": "read"}, b"Subject: one\r\n\r\n")
        child = real._child
        child.send_signal(signal.SIGINT)
        assert b"two" in real.call({"do": "read"}, b"Subject: two\r\n\r\n")
        assert real._child is child
    finally:
        real.close()
