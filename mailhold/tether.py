"""Ties a process to the one that started it, so that nothing lives on when its parent was killed with SIGKILL.

`python -m mailhold.tether SIGNAL PROGRAM ARGUMENT...` turns into PROGRAM; when the parent ends in whatever way,
the kernel sends SIGNAL to it. Linux only; elsewhere the program runs untied.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_to_parent(sent: signal.Signals) -> None:
    """Have the kernel send signal `sent` to this process when its parent ends (prctl(2), PR_SET_PDEATHSIG).

    The tie outlives exec, but not fork: a child has to be tied anew.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)


def main() -> None:
    """Tie this process, then become the program that the arguments name."""
    parent = int(os.environ.get("MAILHOLD_PARENT_PID", os.getppid()))
    tie_to_parent(signal.Signals[sys.argv[1]])
    if os.getppid() != parent:
        # It ended before the tie was made, and no signal will come.
        sys.exit(1)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main()
