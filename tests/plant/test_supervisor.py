"""The supervisor, with small processes of its own."""

import os
import signal
import sys
import time

import psutil
import pytest

from mailhold.supervisor import HEALTHY_AFTER, Program, Supervisor, restart_delay, start_process, stop_process

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
# Ends neither by SIGTERM nor without leaving a child behind.
STUBBORN_CODE = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
STUBBORN = (sys.executable, "-c", STUBBORN_CODE)
ENDING = (sys.executable, "-c", "raise SystemExit(3)")


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def supervise():
    made = []

    def make(*programs):
        clock = Clock()
        supervisor = Supervisor(
            [Program(name, command, 1.0) for name, command in programs], os.environ, clock
        )
        made.append(supervisor)
        return supervisor, clock

    yield make
    for supervisor in made:
        supervisor.stop()


def turn_until(supervisor, condition):
    def attempt():
        supervisor.turn()
        return condition()

    return wait_until(attempt)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (99, 30)]
)
def test_the_delay_before_a_restart_doubles_up_to_half_a_minute(failures, seconds):
    assert restart_delay(failures) == seconds


def test_a_process_that_was_killed_is_started_again_and_the_others_run_on(supervise):
    supervisor, clock = supervise(("a", SLEEPER), ("b", SLEEPER))
    supervisor.turn()
    first, other = (child.process.pid for child in supervisor.children)
    os.kill(first, signal.SIGKILL)
    assert turn_until(supervisor, lambda: supervisor.children[0].process is None)
    clock.now += 1
    supervisor.turn()
    assert supervisor.children[0].process.pid != first
    assert supervisor.children[1].process.pid == other


def test_a_process_that_ends_at_once_is_not_started_in_a_hot_loop(supervise):
    supervisor, clock = supervise(("a", ENDING))
    (child,) = supervisor.children
    for failures in (1, 2, 3):
        assert turn_until(supervisor, lambda failures=failures: child.failures == failures)
        assert child.start_at - clock.now == restart_delay(failures)
        supervisor.turn()
        assert child.process is None
        clock.now = child.start_at


def test_a_process_that_was_well_for_long_starts_again_soon(supervise):
    supervisor, clock = supervise(("a", SLEEPER))
    (child,) = supervisor.children
    supervisor.turn()
    child.failures = 6
    clock.now += HEALTHY_AFTER
    os.kill(child.process.pid, signal.SIGKILL)
    assert turn_until(supervisor, lambda: child.process is None)
    assert child.failures == 1


def test_programs_are_stopped_in_their_order(supervise, tmp_path):
    def noting(name):
        code = (
            "import signal, sys, time;"
            f"signal.signal(signal.SIGTERM, lambda *_: (open({str(tmp_path / 'order')!r}, 'a').write('{name} '), sys.exit()));"
            f"open({str(tmp_path)!r} + '/{name}', 'w').close(); time.sleep(600)"
        )
        return (name, (sys.executable, "-c", code))

    supervisor, _ = supervise(noting("smtp"), noting("web"), noting("worker"))
    supervisor.turn()
    assert wait_until(lambda: all((tmp_path / name).exists() for name in ("smtp", "web", "worker")))
    supervisor.stop()
    assert (tmp_path / "order").read_text() == "smtp web worker "


def test_what_does_not_end_when_asked_is_killed_with_all_that_it_started():
    process = start_process(STUBBORN, os.environ)
    grandchild = None

    def started():
        nonlocal grandchild
        children = psutil.Process(process.pid).children()
        grandchild = children[0] if children else None
        return grandchild is not None

    assert wait_until(started)
    stop_process(process, 0.3)
    assert process.returncode == -signal.SIGKILL
    assert wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_a_child_ends_when_its_parent_was_killed(tmp_path):
    parent_code = (
        "import os, time; from mailhold.supervisor import start_process;"
        f"print(start_process({SLEEPER!r}, os.environ).pid, flush=True); time.sleep(600)"
    )
    import subprocess

    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        assert wait_until(lambda: child.cmdline()[-1] == SLEEPER[-1])
        parent.kill()
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
