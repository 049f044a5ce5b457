"""Taking turns: mailhold and Postfix do the same in every round, and the other one begins the next."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bench.place import Place
from bench.postfix import Postfix

Run = Callable[[], float]


def take_turns(runs: Mapping[str, Run], rounds: int) -> dict[str, list[float]]:
    """Return what each of `runs` returned in every round."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in list(runs) if number % 2 == 0 else reversed(list(runs)):
            found[name].append(runs[name]())
    return found


@contextmanager
def postfix_if_any(place: Place, next_hop: int | None = None) -> Iterator[Postfix | None]:
    """Have an instance of Postfix, or None where there cannot be one."""
    if not place.postfix:
        yield None
        return
    with Postfix(place.home("postfix"), next_hop) as instance:
        yield instance
