"""How many messages a second are accepted, screened and held: dispatcher and workers are at work meanwhile."""

import time

from bench import load, plant
from bench.accept import WARM_UP, hold_by_postfix
from bench.load import Cell
from bench.place import Place
from bench.plant import Plant
from bench.report import Table, rate, ratio
from bench.rounds import Run, postfix_if_any, take_turns

POLICIES = """\
format: 1
policies:
  - key: a-day
    name: {ja: 一日待つ, en: A day for everything}
    priority: 1
    actions:
      - {kind: hold, for: 24h}
"""
CELL = load.CELLS[0]


def measure(place: Place) -> Table:
    table = Table(
        "Accepted, screened and held, messages/s",
        ("load", "mailhold", "Postfix HOLD (accepting)", "ratio (range)", "wanted (goal)"),
        note=(
            "From the first connection until the last message is held in the database. A policy holds everything for a "
            "day; senders are of other domains, so that nobody is sent a notice. "
            f"{plant.SMTP_PROCESSES} SMTP processes, a dispatcher, 2 workers. Medians of {place.rounds} rounds."
        ),
    )
    plant.empty()
    plant.set_policies(POLICIES)
    with (
        Plant(place.home("held"), ["smtp", "dispatch", "worker"]) as mailhold,
        postfix_if_any(place) as postfix,
    ):
        runs: dict[str, Run] = {"mailhold": lambda: _hold(mailhold, CELL)}
        if postfix is not None:
            runs["postfix"] = lambda: hold_by_postfix(postfix, CELL)
            load.send(postfix.port, CELL, WARM_UP)
        load.send(mailhold.smtp_port, CELL, WARM_UP)
        _wait_for_screening(WARM_UP)
        found = take_turns(runs, place.rounds)
        ours, theirs = found["mailhold"], found.get("postfix", [])
        table.add(CELL.name, rate(ours), rate(theirs), ratio(ours, theirs), "0.3 (0.5)")
    return table


def _hold(mailhold: Plant, cell: Cell) -> float:
    plant.wait_until("SELECT count(*) FROM django_q_ormq", 0, 60)
    plant.empty()
    begun = time.perf_counter()
    load.send(mailhold.smtp_port, cell)
    _wait_for_screening(cell.messages)
    return cell.messages / (time.perf_counter() - begun)


def _wait_for_screening(messages: int) -> None:
    # Asked by a small index, so that asking costs little; the holds are counted once.
    plant.wait_until("SELECT count(*) FROM mailstore_message WHERE status = 'received'", 0, 120)
    held = plant.count("SELECT count(*) FROM approvals_hold WHERE state = 'held'")
    if held != messages:
        raise RuntimeError(f"{messages} messages were accepted, but {held} are held.")
