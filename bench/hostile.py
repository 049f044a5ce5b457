"""What messages that were made to hurt cost the process in which they are looked into, and what is said of them."""

import sys
from importlib import import_module
from pathlib import Path

from bench.place import Place
from bench.report import Table
from policies.facts import ContentFact
from policies.looked_into import Examination
from policies.sandbox import Bounds, SandboxFailed
from policies.wire import decode
from tests.measured_sandbox import MeasuredSandbox

# The modules of the tests know each other by their bare names.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
hostile_mails = import_module("hostile").hostile_mails

CHEAP = 1.0  # seconds of CPU


def measure(_place: Place) -> Table:
    bounds = Bounds()
    table = Table(
        "Hostile messages",
        ("message", "MB", "CPU s", "memory MB", "answer"),
    )
    sandbox = MeasuredSandbox(bounds)
    cheap = []
    try:
        for name, make in hostile_mails().items():
            content = make()
            rows = [_looked(sandbox, content, job) for job in ("read", "examine")]
            seconds, kilobytes = max(row[0] for row in rows), max(row[1] for row in rows)
            answer = ", ".join(dict.fromkeys(code for row in rows for code in row[2])) or "inspected"
            if seconds < CHEAP:
                cheap.append((name, seconds, kilobytes))
            else:
                table.add(
                    name, f"{len(content) / 1e6:.1f}", f"{seconds:.1f}", f"{kilobytes / 1024:.0f}", answer
                )
    finally:
        sandbox.close()
    table.rows.sort(key=lambda row: -float(row[2]))
    table.add(
        f"each of {len(cheap)} others",
        "",
        f"< {CHEAP:.0f}",
        f"≤ {max(kilobytes for _, _, kilobytes in cheap) / 1024:.0f}",
        "",
    )
    table.note = (
        "Each line is the dearer of the two looks that real mail gets: at its text, and at its files with the sensitive data "
        "in all of it. Memory is the peak of what is resident. Allowed are "
        f"{bounds.cpu_seconds} s of CPU and {bounds.memory // 2**20} MB of address space."
    )
    return table


def _looked(sandbox: MeasuredSandbox, content: bytes, job: str) -> tuple[float, int, list[str]]:
    """Seconds, kilobytes, and the codes of what could not be inspected."""
    request = {"do": job, "passwords": [], "own_domains": [], "find": True}
    try:
        answer = sandbox.call(request, content)
    except SandboxFailed as failure:
        return sandbox.seconds, sandbox.kilobytes, [f"{failure.problem} (ended)"]
    cost = (sandbox.seconds, sandbox.kilobytes)
    if job == "read":
        fact = decode(ContentFact, answer)
        return *cost, [] if fact.inspected else [fact.problem]
    return *cost, list(decode(Examination, answer).inspection.problems)
