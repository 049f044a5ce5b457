"""Looking into messages in a process apart, with bounds on its time and memory.

What is inside a message was made by anybody. A child process reads it; whatever makes the child crash, hang or grow
is answered by SandboxFailed, the child is replaced, and the next message is read as if nothing had happened. The
child gets bytes and gives plain values; it has no database, no settings and no keys.
"""

import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Lengths of the request or answer (JSON) and of the bytes that come with it.
FRAME = struct.Struct(">IQ")
# Longer answers are not read: all that is written in a message is much less.
LONGEST_ANSWER = 256 * 1024 * 1024
_OVER_TIME = (-signal.SIGXCPU, -signal.SIGPROF)
# Whatever leaks in the child goes with it after so many messages.
MESSAGES_A_CHILD = 1000


class SandboxFailed(Exception):
    """The child gave no answer that can be used. `problem` is a code: too_slow, too_large, crashed."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class _TooLong(Exception):
    """The child would say more than is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one look into a message may cost: seconds of CPU, seconds on the clock, bytes of address space."""

    cpu_seconds: int = 10
    seconds: float = 60.0
    memory: int = 512 * 1024 * 1024


class Sandbox:
    """A child that is started when it is needed and kept; not to be used by two threads at once."""

    def __init__(self, bounds: Bounds | None = None, module: str = "policies.sandboxed") -> None:
        self._bounds = bounds or Bounds()
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._messages = 0

    def call(self, request: Mapping[str, Any], content: bytes) -> bytes:
        """Return the child's answer to `request` about `content`, or raise SandboxFailed."""
        child = self._ready()
        deadline = time.monotonic() + self._bounds.seconds
        try:
            _send(child, json.dumps(request).encode(), content, deadline)
            answer = _receive(child, deadline)
        except _TooLong as error:
            self._end(killed=False)
            raise SandboxFailed("too_large") from error
        except (OSError, EOFError, TimeoutError) as error:
            raise SandboxFailed(self._end(killed=isinstance(error, TimeoutError))) from error
        self._messages += 1
        if answer[:1] == b"!":
            raise SandboxFailed(answer[1:].decode("ascii", "replace"))
        return answer

    def close(self) -> None:
        """End the child, if there is one of ours."""
        if self._child is not None and self._owner == os.getpid():
            self._end(killed=False)
        self._child = None

    def _ready(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._owner != os.getpid():
            # It belongs to the process that forked us.
            self._child = None
        if self._child is not None and self._messages >= MESSAGES_A_CHILD:
            self.close()
        if self._child is not None and self._child.poll() is not None:
            # It died since; its ends of the pipes are ours to close.
            self._end(killed=False)
        if self._child is None:
            self._child = self._start()
        return self._child

    def _start(self) -> "subprocess.Popen[bytes]":
        self._owner, self._messages = os.getpid(), 0
        bounds = self._bounds
        # Only our own fixed words go into the command.
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", self._module, str(bounds.cpu_seconds), str(bounds.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
        return child

    def _end(self, *, killed: bool) -> str:
        """Put the child away and return what it died of."""
        child, self._child = self._child, None
        if child is None:
            return "crashed"
        child.kill()
        code = child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return "too_slow" if killed or code in _OVER_TIME else "crashed"


def _send(child: "subprocess.Popen[bytes]", request: bytes, content: bytes, deadline: float) -> None:
    if child.stdin is None:
        raise EOFError
    target = child.stdin.fileno()
    for part in (FRAME.pack(len(request), len(content)) + request, content):
        view = memoryview(part)
        while view:
            _wait(deadline, write=target)
            view = view[os.write(target, view[: 1 << 16]) :]


def _receive(child: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    if child.stdout is None:
        raise EOFError
    source = child.stdout.fileno()
    length, _nothing = FRAME.unpack(_read(source, FRAME.size, deadline))
    if length > LONGEST_ANSWER:
        raise _TooLong
    return _read(source, length, deadline)


def _read(source: int, size: int, deadline: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        _wait(deadline, read=source)
        part = os.read(source, min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _wait(deadline: float, *, read: int | None = None, write: int | None = None) -> None:
    readers = [] if read is None else [read]
    writers = [] if write is None else [write]
    if not any(select.select(readers, writers, [], max(0.0, deadline - time.monotonic()))):
        raise TimeoutError
