"""A sandbox that knows what each message costs its child: seconds of CPU and the peak of its memory."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from policies.sandbox import Sandbox


class MeasuredSandbox(Sandbox):
    """`seconds` of CPU and `kilobytes` of memory at most, of the last message; also where the child died of it."""

    seconds = 0.0
    kilobytes = 0
    _before = 0.0

    def call(self, request, content):
        child = self._ready()
        self._before = _seconds(child.pid)
        # Forget the peak of earlier messages (proc(5)).
        Path(f"/proc/{child.pid}/clear_refs").write_text("5")
        try:
            return super().call(request, content)
        finally:
            if self._child is not None:
                self.seconds, self.kilobytes = _seconds(child.pid) - self._before, _peak(child.pid)

    def _end(self, *, killed):
        child = self._child
        if child is not None and child.returncode is None:
            self.kilobytes = _peak(child.pid)
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = usage.ru_utime + usage.ru_stime - self._before
            # Gone already: what is left is the peak of all its life, at most what the kernel allows.
            self.kilobytes = self.kilobytes or usage.ru_maxrss
        return super()._end(killed=killed)


def _seconds(pid):
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
