"""Looking into messages, in a process apart; what fails there is a code that sends the message to a person.

One sandbox a process, started when the first message is looked into.
"""

import atexit
from collections.abc import Sequence

from django.conf import settings

from mailhold.mime.pieces import Inspection
from policies.facts import ContentFact
from policies.looked_into import Examination
from policies.sandbox import Bounds, Sandbox, SandboxFailed
from policies.wire import WireError, decode

_sandboxes: dict[Bounds, Sandbox] = {}


def content_of(content: bytes) -> ContentFact:
    """Return what policies may know of the message in `content`."""
    try:
        return decode(ContentFact, _sandbox().call({"do": "read"}, content))
    except (SandboxFailed, WireError) as failure:
        return ContentFact(inspected=False, problem=_code(failure))


def examination_of(
    content: bytes, *, passwords: Sequence[str], own_domains: frozenset[str], find: bool
) -> Examination:
    """Return what the attachments hold and, with `find`, the personal and secret data in all of the message."""
    request = {
        "do": "examine",
        "passwords": list(passwords),
        "own_domains": sorted(own_domains),
        "find": find,
    }
    try:
        return decode(Examination, _sandbox().call(request, content))
    except (SandboxFailed, WireError) as failure:
        return Examination(Inspection(pieces=(), files=(), inspected=False, problems=(_code(failure),)), ())


def close() -> None:
    """End the process that looks; the next message starts another."""
    for sandbox in _sandboxes.values():
        sandbox.close()


def _sandbox() -> Sandbox:
    bounds = Bounds(
        cpu_seconds=settings.INSPECTION_SECONDS,
        seconds=settings.INSPECTION_SECONDS * 6.0,
        memory=settings.INSPECTION_MEGABYTES * 1024 * 1024,
    )
    if bounds not in _sandboxes:
        _sandboxes[bounds] = Sandbox(bounds)
        atexit.register(_sandboxes[bounds].close)
    return _sandboxes[bounds]


def _code(failure: SandboxFailed | WireError) -> str:
    return failure.problem if isinstance(failure, SandboxFailed) else "crashed"
