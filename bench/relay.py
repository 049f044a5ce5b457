"""How many messages a second pass through to a next hop when nothing holds them."""

import time
from dataclasses import replace

from bench import load, plant
from bench.load import Cell
from bench.place import Place
from bench.plant import Plant
from bench.report import Table, rate, ratio
from bench.rounds import Run, postfix_if_any, take_turns
from bench.sink import Sink

POLICIES = "format: 1\npolicies: []\n"
CELL = replace(load.CELLS[0], messages=2000)
WARM_UP = 100
PATIENCE_SECONDS = 120


def measure(place: Place) -> Table:
    table = Table(
        "Accepted and delivered, messages/s",
        ("load", "mailhold", "Postfix relaying", "ratio (range)"),
        note=(
            "From the first connection until the sink has the last of "
            f"{CELL.messages:,} messages. No policy holds anything. Medians of {place.rounds} rounds."
        ),
    )
    plant.empty()
    plant.set_policies(POLICIES)
    kinds = ["smtp", "dispatch", "worker"]
    with (
        Sink() as sink,
        Plant(place.home("relay"), kinds, next_hop=sink.port) as mailhold,
        postfix_if_any(place, sink.port) as postfix,
    ):
        runs: dict[str, Run] = {"mailhold": lambda: _relay_by_mailhold(mailhold, sink)}
        _relay(mailhold.smtp_port, sink, replace(CELL, messages=WARM_UP))
        if postfix is not None:
            runs["postfix"] = lambda: _relay(postfix.port, sink, CELL)
            _relay(postfix.port, sink, replace(CELL, messages=WARM_UP))
        found = take_turns(runs, place.rounds)
        ours, theirs = found["mailhold"], found.get("postfix", [])
        table.add(CELL.name, rate(ours), rate(theirs), ratio(ours, theirs))
    return table


def _relay_by_mailhold(mailhold: Plant, sink: Sink) -> float:
    plant.wait_until("SELECT count(*) FROM django_q_ormq", 0, 60)
    plant.empty()
    found = _relay(mailhold.smtp_port, sink, CELL)
    plant.wait_until("SELECT count(*) FROM approvals_hold WHERE state = 'done'", CELL.messages, 60)
    return found


def _relay(port: int, sink: Sink, cell: Cell) -> float:
    sink.arrivals.clear()
    begun = time.perf_counter()
    load.send(port, cell)
    if not sink.wait_for(cell.messages, PATIENCE_SECONDS):
        raise RuntimeError(f"{cell.messages} messages were sent, but {len(sink.arrivals)} arrived.")
    return cell.messages / (time.perf_counter() - begun)
