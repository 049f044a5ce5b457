"""Keeps the processes of an installation running: starts them, restarts one that ends, stops them in order.

Each child leads a process group of its own, so that whatever it started can be ended with it.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

logger = logging.getLogger(__name__)

LONGEST_DELAY = 30.0
# A process that ran this long was well: its next restart comes at once again.
HEALTHY_AFTER = 60.0
TURN_SECONDS = 0.2


@dataclass(frozen=True)
class Program:
    """A process to keep: its name for the log, its command line, and how long it may take to end."""

    name: str
    command: tuple[str, ...]
    stop_seconds: float = 30.0


@dataclass
class Child:
    """A program and the process that runs it now."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = 0.0


def restart_delay(failures: int) -> float:
    """Return the seconds to wait before the next start, after so many early ends in a row: 1, 2, 4 ... 30."""
    return min(LONGEST_DELAY, 2.0 ** (failures - 1)) if failures else 0.0


def start_process(
    command: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of a new process group, tied to this process."""
    tied = [sys.executable, "-P", "-m", "mailhold.tether", "SIGTERM", *command]
    return subprocess.Popen(  # noqa: S603  (the command is ours, and no shell reads it)
        tied, env=child_environment(env), pass_fds=pass_fds, start_new_session=True, stdin=subprocess.DEVNULL
    )


def child_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` with what a child needs to find our package and to know its parent."""
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **env,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "MAILHOLD_PARENT_PID": str(os.getpid()),
    }


def kill_group(leader: int) -> None:
    """End, with SIGKILL, every process of the group that process `leader` leads or led."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def stop_process(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Ask `process` to end, wait at most `seconds`, then end whatever is left of its group."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        logger.warning("Process %d did not end within %.0f s and is killed.", process.pid, seconds)
    kill_group(process.pid)
    process.wait()


@dataclass
class Supervisor:
    """Runs `programs` until it is told to stop; they are stopped in the order in which they are given."""

    programs: Sequence[Program]
    env: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    children: list[Child] = field(init=False)
    stopping: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.children = [Child(program) for program in self.programs]

    def run(self, each_turn: Callable[[], None] = lambda: None) -> None:
        """Keep all programs running until SIGTERM or SIGINT, then stop them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask_to_stop)
        try:
            while not self.stopping:
                self.turn()
                each_turn()
                time.sleep(TURN_SECONDS)
        finally:
            self.stop()

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Note that the loop shall end (a signal handler)."""
        self.stopping = True

    def turn(self) -> None:
        """Start what is due, and note what has ended."""
        for child in self.children:
            if child.process is None and self.clock() >= child.start_at:
                self._start(child)
            elif child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process)

    def _start(self, child: Child) -> None:
        child.process = start_process(child.program.command, self.env)
        child.started_at = self.clock()
        logger.info("started", extra={"program": child.program.name})

    def _ended(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        kill_group(process.pid)
        child.failures = 1 if self.clock() - child.started_at >= HEALTHY_AFTER else child.failures + 1
        child.start_at = self.clock() + restart_delay(child.failures)
        child.process = None
        logger.error(
            "ended with code %d, starts again in %.0f s",
            process.returncode,
            restart_delay(child.failures),
            extra={"program": child.program.name},
        )

    def stop(self) -> None:
        """Stop the programs, one name after the other."""
        for name in dict.fromkeys(program.name for program in self.programs):
            same = [
                child for child in self.children if child.program.name == name and child.process is not None
            ]
            for child in same:
                if child.process is not None:
                    child.process.terminate()
            for child in same:
                if child.process is not None:
                    stop_process(child.process, child.program.stop_seconds)
                    child.process = None
