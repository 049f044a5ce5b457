"""The process apart in which messages are looked into; started by `policies.sandbox` and by nothing else.

It reads a request and the bytes of a message from standard input and writes the answer to standard output, until
its parent goes away. Its limits are set before the first byte is read.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

from mailhold.mime.inspection import inspect
from mailhold.mime.pieces import Inspection, Problem
from policies.confinement import confine
from policies.content_reading import content_fact
from policies.detectors.find import find, searched_whole
from policies.detectors.opening import without_passwords_of_files
from policies.looked_into import Examination
from policies.sandbox import FRAME
from policies.wire import encode


def read(_request: dict[str, Any], content: bytes) -> bytes:
    """Answer with the message's ContentFact."""
    return encode(content_fact(content))


def examine(request: dict[str, Any], content: bytes) -> bytes:
    """Answer with the message's Examination; without findings unless they are asked for."""
    inspection = inspect(content, passwords=request["passwords"])
    if not request["find"]:
        return encode(Examination(_without_passwords(inspection), ()))
    if not searched_whole(inspection.pieces):
        # More text than is searched: what is in the rest nobody knows.
        problems = (*inspection.problems, Problem.TOO_LARGE)
        inspection = replace(inspection, inspected=False, problems=problems)
    own_domains = frozenset(request["own_domains"])
    findings = find(inspection.pieces, own_domains=own_domains, today=datetime.now(UTC).date())
    kept = tuple(without_passwords_of_files(findings, inspection.opened_by))
    return encode(Examination(_without_passwords(inspection), kept))


def _without_passwords(inspection: Inspection) -> Inspection:
    """What opened files has served; nobody else needs it."""
    return replace(inspection, opened_by=())


_JOBS: dict[str, Callable[[dict[str, Any], bytes], bytes]] = {"read": read, "examine": examine}


def main() -> None:
    """Serve until the parent closes the pipe. Takes the seconds of CPU a message may cost, and the bytes of memory."""
    # Ctrl-C in a terminal goes to us too, but the parent says when it is over: it closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cpu_seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    confine()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(FRAME.size):
        sizes = FRAME.unpack(header)
        request = json.loads(source.read(sizes[0]))
        _grant(cpu_seconds)
        answer = _done(request, source.read(sizes[1]))
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(target, answer)


def _done(request: dict[str, Any], content: bytes) -> bytes:
    try:
        return _JOBS[request["do"]](request, content)
    except MemoryError:
        return b"!too_large"


def _grant(seconds: int) -> None:
    """Allow so many seconds of CPU from now on; the kernel ends us after that (SIGPROF, and for certain SIGXCPU)."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _answer(target: BinaryIO, answer: bytes) -> None:
    target.write(FRAME.pack(len(answer), 0) + answer)
    target.flush()


if __name__ == "__main__":
    main()
