"""The processes of an installation: started, killed, stopped."""

import subprocess
import sys
import time

import psutil
import pytest
from live.plant import Plant
from live.sink import Sink

pytestmark = [pytest.mark.live, pytest.mark.faults]

KINDS = ("smtp", "web", "dispatch", "worker")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """An installation for the tests that leave it running; each start takes seconds."""
    with Sink() as sink, Plant(tmp_path_factory.mktemp("processes") / "plant", sink=sink) as plant:
        yield plant


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def test_a_fresh_installation_is_ready_and_shows_where_to_click(running):
    said = running.log_text()
    assert f"Pages:    {running.base_url}/" in said
    assert f"{running.base_url}/setup/" in said
    assert running.visitor().get("/accounts/login/").status == 200


def test_every_kind_of_process_comes_back_after_it_was_killed(running):
    killed = {kind: running.kill(kind) for kind in KINDS}
    for kind in KINDS:
        assert wait_until(lambda kind=kind: running.pids(kind) and killed[kind] not in running.pids(kind)), (
            kind
        )
    running.wait_ready()


def test_nothing_is_left_after_a_stop(plant):
    members = plant.members()
    assert len(members) > len(KINDS)
    plant.stop()
    assert not [member for member in members if member.is_running()]


def test_nothing_is_left_after_the_supervisor_was_killed(plant):
    members = plant.members()
    plant.process.kill()
    plant.process.wait()
    _, alive = psutil.wait_procs(members[1:], timeout=60)
    assert alive == []


def test_a_second_installation_on_the_same_port_says_so_and_leaves_the_first_alone(running):
    command = [sys.executable, "-P", "-m", "mailhold", "up"]
    second = subprocess.run(command, env=running.env, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode
    assert "another process listens there already" in second.stderr
    assert "Traceback" not in second.stderr
    running.wait_ready()


def test_a_doctor_finds_a_running_installation_well(running):
    assert "All is well." in running.manage("doctor")
