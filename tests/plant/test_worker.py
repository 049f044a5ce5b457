"""The watched cluster, as real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
ENQUEUE = "import django, sys; django.setup(); from django_q.tasks import async_task; async_task('os.mkdir', sys.argv[1])"

pytestmark = [pytest.mark.live, pytest.mark.faults]


@pytest.fixture
def installation(tmp_path):
    """The environment of an installation with its tables made."""
    env = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAILHOLD_", "DATABASE_URL"))
        },
        "MAILHOLD_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "mailhold.settings",
        "PYTHONPATH": str(ROOT),
    }
    run = [sys.executable, "-m", "mailhold", "migrate", "--verbosity=0"]
    subprocess.run(run, env=env, check=True, capture_output=True)
    return env


@pytest.fixture
def worker(installation, tmp_path):
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailhold", "worker"], env=installation, stdout=log, stderr=log
        )
    yield process
    family = [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    process.terminate()
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for member in family:
        if member.is_running():
            member.kill()
    print((tmp_path / "worker.log").read_text())


def enqueue(env, path):
    subprocess.run([sys.executable, "-c", ENQUEUE, str(path)], env=env, check=True, capture_output=True)


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def family(worker):
    """The main process of the cluster, its sentinel, and the sentinel's children in the order of their start."""
    (main,) = psutil.Process(worker.pid).children()
    (sentinel,) = main.children()
    return main, sentinel, sorted(sentinel.children(), key=lambda process: process.pid)


def test_tasks_run_again_after_the_idle_worker_that_holds_the_lock_was_killed(installation, worker, tmp_path):
    enqueue(installation, tmp_path / "before")
    assert wait_until((tmp_path / "before").exists, 30)
    _, _, children = family(worker)
    for idle in children[:2]:
        idle.send_signal(signal.SIGKILL)
    enqueue(installation, tmp_path / "after")
    assert wait_until((tmp_path / "after").exists, 45)


def test_no_process_of_a_cluster_lives_on_when_its_main_process_was_killed(installation, worker, tmp_path):
    enqueue(installation, tmp_path / "before")
    assert wait_until((tmp_path / "before").exists, 30)
    main, sentinel, children = family(worker)
    main.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not any(process.is_running() for process in (sentinel, *children)), 10)
    enqueue(installation, tmp_path / "after")
    assert wait_until((tmp_path / "after").exists, 30)


def test_no_process_lives_on_when_the_watching_process_was_killed(installation, worker, tmp_path):
    enqueue(installation, tmp_path / "before")
    assert wait_until((tmp_path / "before").exists, 30)
    main, sentinel, children = family(worker)
    worker.kill()
    assert wait_until(lambda: not any(process.is_running() for process in (main, sentinel, *children)), 35)


def test_a_worker_that_is_asked_to_stop_stops(installation, worker, tmp_path):
    enqueue(installation, tmp_path / "before")
    assert wait_until((tmp_path / "before").exists, 30)
    worker.terminate()
    assert worker.wait(30) == 0
