"""Runs django-q2's cluster in a process group of its own, and starts it anew when it ends or is stuck."""

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mailhold import pulse
from mailhold.supervisor import HEALTHY_AFTER, kill_group, restart_delay, start_process, stop_process

logger = logging.getLogger(__name__)

# How long a cluster with an idle worker may be silent; probes come every few seconds.
PATIENCE_SECONDS = 12.0
# Importing everything in a slow container takes its time.
START_SECONDS = 30.0
STOP_SECONDS = 25.0
TURN_SECONDS = 0.5
# Room for what a fast cluster writes between two turns.
PIPE_BYTES = 1 << 20


def is_alive(pid: int) -> bool:
    """Say whether a process `pid` exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Signs:
    """What the cluster has shown of itself; times are seconds of one clock."""

    workers: int
    heard_at: float
    busy: set[int] = field(default_factory=set)
    # Rows of the queue that this cluster took and has not done; nobody else would see them for more than an hour.
    taken: set[int] = field(default_factory=set)

    def note(self, line: str, now: float) -> None:
        """Take in one line of the pipe."""
        match line.split():
            case ["busy", pid]:
                self.busy.add(int(pid))
            case ["idle", pid]:
                self.busy.discard(int(pid))
            case ["took", row]:
                self.taken.add(int(row))
            case ["done", row]:
                self.taken.discard(int(row))
            case ["through"]:
                # A first pulse ends the longer patience of the start.
                self.heard_at = now

    def is_stuck(self, now: float, alive: Callable[[int], bool] = is_alive) -> bool:
        """Say whether a worker should have run a probe by now and none has."""
        self.busy = {pid for pid in self.busy if alive(pid)}
        if len(self.busy) >= self.workers:
            self.heard_at = max(self.heard_at, now)
        return now - self.heard_at > PATIENCE_SECONDS


@dataclass
class Cluster:
    """One run of the cluster: its main process, the pipe to it, and what was heard."""

    process: subprocess.Popen[bytes]
    pipe: int
    signs: Signs
    started_at: float
    rest: bytes = b""

    @classmethod
    def start(cls, workers: int, env: Mapping[str, str], now: float) -> "Cluster":
        """Start a cluster with so many workers."""
        reading, writing = os.pipe()
        if sys.platform == "linux":
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        command = [sys.executable, "-P", "-m", "mailhold", "worker", "--cluster"]
        try:
            process = start_process(command, {**env, pulse.PIPE: str(writing)}, pass_fds=[writing])
        finally:
            os.close(writing)
        return cls(process, reading, Signs(workers, now + START_SECONDS - PATIENCE_SECONDS), now)

    def listen(self, now: float) -> None:
        """Take in what the cluster wrote since the last time."""
        try:
            while heard := os.read(self.pipe, 65_536):
                *lines, self.rest = (self.rest + heard).split(b"\n")
                for line in lines:
                    self.signs.note(line.decode("ascii"), now)
        except BlockingIOError:
            return

    def is_well(self, now: float) -> bool:
        """Say whether the cluster runs and does its work."""
        return self.process.poll() is None and not self.signs.is_stuck(now)

    def end(self, seconds: float) -> frozenset[int]:
        """End every process of the cluster, the running tasks within `seconds` or not; return the rows not done."""
        if seconds:
            stop_process(self.process, seconds)
        else:
            kill_group(self.process.pid)
            self.process.wait()
        self.listen(self.started_at)
        os.close(self.pipe)
        return frozenset(self.signs.taken)


@dataclass
class Watchdog:
    """Keeps one cluster working; `turn` is called again and again."""

    workers: int
    env: Mapping[str, str]
    # Is called with the rows that an ended cluster took and did not do.
    give_back: Callable[[frozenset[int]], None]
    clock: Callable[[], float] = time.monotonic
    cluster: Cluster | None = None
    failures: int = 0
    start_at: float = 0.0

    def turn(self) -> bool:
        """Start, listen, or end and restart; return whether the cluster works now."""
        now = self.clock()
        if self.cluster is None:
            if now >= self.start_at:
                self.cluster = Cluster.start(self.workers, self.env, now)
            return False
        self.cluster.listen(now)
        if self.cluster.is_well(now):
            return True
        self._restart_later(self.cluster, now)
        return False

    def _restart_later(self, cluster: Cluster, now: float) -> None:
        code = cluster.process.poll()
        logger.error(
            "The cluster is stuck." if code is None else "The cluster ended with code %d.",
            *([] if code is None else [code]),
        )
        self.give_back(cluster.end(0))
        self.failures = 1 if now - cluster.started_at >= HEALTHY_AFTER else self.failures + 1
        self.start_at = now + restart_delay(self.failures)
        self.cluster = None

    def stop(self) -> None:
        """Stop the cluster, if one runs."""
        if self.cluster is not None:
            self.give_back(self.cluster.end(STOP_SECONDS))
            self.cluster = None
