"""How long one real message takes to screen under policies that ask for everything there is, through the sandbox.

The messages are the labelled ones of the detection's samples: Japanese and English mail in every charset, with Office
files, PDF and archives, some encrypted. Each condition there is stands in a policy of its own, so that none is spared
because another one did not match.
"""

import json
import logging
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from approvals import looking
from approvals.judging import judge, load_surroundings, read_gist
from approvals.trying import trial_of
from bench import plant
from bench.place import Place
from bench.report import Table, milliseconds, percentile
from mailhold.directory.models import Address, Department, Person
from mailhold.ids import uuid7
from mailhold.mailstore.models import Message, Recipient
from policies.loading import active_policies
from policies.spec import Action, Mode, PolicySpec
from policies.verdict import Text

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "pii"
EVERYTHING = Path(__file__).resolve().parents[1] / "tests" / "policies" / "everything.yaml"
ROUNDS = 5
WANTED = (0.030, 0.250)  # seconds at most: p50, p95


@dataclass(frozen=True)
class _Case:
    message: Message
    content: bytes
    recipients: Sequence[Recipient]
    own_domain: str


def measure(_place: Place) -> Table:
    table = Table(
        "Screening one message of the samples under policies that ask for everything, ms",
        ("what", "p50", "p95", "max", "wanted"),
    )
    if not (SAMPLES / "labels.jsonl").exists():
        table.note = f"Not measured: there are no labelled messages at {SAMPLES}."
        return table
    # It says of every message that no scanner is configured.
    logging.getLogger("approvals.gathering").setLevel(logging.ERROR)
    policies = _policies()
    cases = _cases()
    cold = [_cold(cases[0], policies) for _ in range(5)]
    times, used = _rounds(cases, policies)
    wanted = f"p50 ≤ {milliseconds(WANTED[0])}, p95 ≤ {milliseconds(WANTED[1])}"
    table.add("time, the median of each message's rounds", *_shares(times), wanted)
    table.add("of which CPU, here and in the sandbox", *_shares(used), "")
    table.add("the first message of a new sandbox", *_shares(cold), "")
    table.note = (
        f"{len(cases)} messages, {ROUNDS} rounds, {len(policies)} policies of one condition each; the kept sandbox, with "
        "its pipe, as a worker has it; PostgreSQL for what the record is asked; no virus scanner. The database that is "
        "asked holds no earlier mail. Written is nothing."
    )
    return table


def _shares(times: Sequence[float]) -> tuple[str, ...]:
    return tuple(milliseconds(percentile(times, share)) for share in (0.5, 0.95, 1))


def _policies() -> list[PolicySpec]:
    """Each condition that there is, watched by a policy of its own."""
    sales = Department.objects.get_or_create(name="営業部")[0]
    people = {
        name: Person.objects.get_or_create(email=f"{name}@example.test", defaults={"department": sales})[0]
        for name in ("alice", "bob", "carol")
    }
    Address.objects.get_or_create(person=people["bob"], address="robert@example.test")
    plant.set_policies(EVERYTHING.read_text(encoding="utf-8"))
    conditions = {
        condition.kind: condition
        for policy in active_policies()
        for condition in (*policy.conditions, *policy.exceptions)
    }
    return [
        PolicySpec(
            id=number,
            key=kind.replace("_", "-"),
            name=Text(kind, kind),
            mode=Mode.WATCH,
            conditions=(condition,),
            actions=(Action(kind="send_now"),),
        )
        for number, (kind, condition) in enumerate(conditions.items(), 1)
    ]


def _cases() -> list[_Case]:
    lines = (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [_case((SAMPLES / json.loads(line)["file"]).read_bytes()) for line in lines]


def _case(content: bytes) -> _Case:
    trial = trial_of(content, None, (), datetime.now(UTC))
    message = Message(id=uuid7(), received_at=trial.at, reverse_path=trial.sender)
    recipients = [
        Recipient(message=message, address=address, domain=address.rpartition("@")[2].lower())
        for address in trial.recipients
    ]
    return _Case(message, content, recipients, trial.sender.rpartition("@")[2].lower())


def _screened(case: _Case, policies: Sequence[PolicySpec]) -> None:
    gist = read_gist(case.content)
    around = load_surroundings([case.message], [gist], policies)
    around = replace(around, own_domains=frozenset({case.own_domain}))
    judge(case.message, case.content, gist, case.recipients, around)


def _cold(case: _Case, policies: Sequence[PolicySpec]) -> float:
    """How long the first message takes that a new sandbox is started for."""
    looking._sandbox().close()  # noqa: SLF001 - as after a crash
    begun = time.perf_counter()
    _screened(case, policies)
    return time.perf_counter() - begun


def _rounds(cases: Sequence[_Case], policies: Sequence[PolicySpec]) -> tuple[list[float], list[float]]:
    for case in cases[:20]:
        _screened(case, policies)
    taken: list[list[float]] = [[] for _ in cases]
    used: list[list[float]] = [[] for _ in cases]
    for _ in range(ROUNDS):
        for number, case in enumerate(cases):
            cpu, begun = _cpu(), time.perf_counter()
            _screened(case, policies)
            taken[number].append(time.perf_counter() - begun)
            used[number].append(_cpu() - cpu)
    print(f"screening: {len(cases)} messages", file=sys.stderr)
    return list(map(statistics.median, taken)), list(map(statistics.median, used))


def _cpu() -> float:
    """Seconds of CPU of this process and of the sandbox."""
    child = looking._sandbox()._child  # noqa: SLF001 - only this asks
    own = resource.getrusage(resource.RUSAGE_SELF)
    theirs = 0.0
    if child is not None and child.poll() is None:
        # In nanoseconds: finer than the ticks of stat.
        theirs = int(Path(f"/proc/{child.pid}/schedstat").read_text().split()[0]) / 1e9
    return own.ru_utime + own.ru_stime + theirs
