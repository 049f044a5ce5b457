"""How many messages a second are accepted, each on stable storage before its 250."""

from bench import load, plant
from bench.load import Cell
from bench.place import Place
from bench.plant import Plant
from bench.postfix import Postfix
from bench.report import Table, rate, ratio
from bench.rounds import Run, postfix_if_any, take_turns

WANTED = ("0.8 (1.2)", "0.7 (1.0)", "0.7 (1.0)")
WARM_UP = 200


def measure(place: Place) -> Table:
    table = Table(
        "Accepted, messages/s",
        ("load", "mailhold", "Postfix HOLD", "ratio (range)", "wanted (goal)"),
        note=f"Two SMTP processes share the port; no dispatcher and no workers run. Medians of {place.rounds} rounds.",
    )
    with Plant(place.home("accept"), ["smtp"]) as mailhold, postfix_if_any(place) as postfix:
        for cell, wanted in zip(load.CELLS, WANTED, strict=True):
            runs = _runs(mailhold, postfix, cell)
            for port in (mailhold.smtp_port, *([postfix.port] if postfix else [])):
                load.send(port, cell, WARM_UP)
            found = take_turns(runs, place.rounds)
            ours, theirs = found["mailhold"], found.get("postfix", [])
            table.add(cell.name, rate(ours), rate(theirs), ratio(ours, theirs), wanted)
    return table


def _runs(mailhold: Plant, postfix: Postfix | None, cell: Cell) -> dict[str, Run]:
    def by_mailhold() -> float:
        plant.empty()
        seconds = load.send(mailhold.smtp_port, cell)
        _expect(plant.count("SELECT count(*) FROM mailstore_message"), cell.messages)
        return cell.messages / seconds

    runs: dict[str, Run] = {"mailhold": by_mailhold}
    if postfix is not None:
        runs["postfix"] = lambda: hold_by_postfix(postfix, cell)
    return runs


def hold_by_postfix(postfix: Postfix, cell: Cell) -> float:
    """Return the messages a second that Postfix takes into its hold queue."""
    postfix.empty()
    seconds = load.send(postfix.port, cell)
    _expect(postfix.held(), cell.messages)
    postfix.empty()
    return cell.messages / seconds


def _expect(found: int, sent: int) -> None:
    if found != sent:
        raise RuntimeError(f"{sent} messages were accepted, but {found} are kept.")
