"""How late messages leave whose time has come: 1,000 in one minute, beside a Postfix that relays as many."""

import smtplib
import time
from collections.abc import Sequence
from contextlib import ExitStack

from approvals.models import Hold
from bench import load, plant
from bench.place import Place
from bench.plant import Plant
from bench.report import Table, percentile
from bench.rounds import postfix_if_any
from bench.sink import Arrival, Sink

MESSAGES = 1000
SECONDS = 60
DELAY = 20
POLICIES = f"""\
format: 1
policies:
  - key: wait
    name: {{ja: 待つ, en: Everything waits}}
    priority: 1
    actions:
      - {{kind: hold, for: {DELAY}s}}
"""
_BODY = "Nothing of importance.\r\n" * 150


def measure(place: Place) -> Table:
    table = Table(
        "Lag of a release, seconds",
        ("what", "messages", "p50", "p90", "p99", "max", "came twice", "never came", "wanted"),
        note=(
            f"{MESSAGES:,} messages sent evenly over {SECONDS} s and held for {DELAY} s. mailhold: from the moment "
            "at which the hold was due until the sink has the message. Postfix, relaying as many at the same time: "
            "from its 250 until the sink has the message."
        ),
    )
    plant.empty()
    plant.set_policies(POLICIES)
    kinds = ["smtp", "dispatch", "worker"]
    with (
        Sink() as sink,
        Sink() as other_sink,
        Plant(place.home("lag"), kinds, next_hop=sink.port) as mailhold,
        postfix_if_any(place, other_sink.port) as postfix,
    ):
        ports = [mailhold.smtp_port, *([postfix.port] if postfix else [])]
        _, *accepted = _send_evenly(ports)
        sink.wait_for(MESSAGES, DELAY + 60)
        # Whatever comes twice comes soon.
        time.sleep(3)
        due = {str(pk): at.timestamp() for pk, at in Hold.objects.values_list("pk", "not_before") if at}
        table.add("mailhold, hold due", *_row(due, {a: a.hold_id for a in sink.arrivals}), "p99 ≤ 1")
        for times in accepted:
            table.add("Postfix, accepted", *_row(times, {a: a.message_id for a in other_sink.arrivals}), "")
    return table


def _send_evenly(ports: Sequence[int]) -> list[dict[str, float]]:
    """Send the messages to each of `ports`; return for each when it accepted which message."""
    accepted: list[dict[str, float]] = [{} for _ in ports]
    with ExitStack() as stack:
        clients = [stack.enter_context(smtplib.SMTP("127.0.0.1", port, "client.test")) for port in ports]
        begun = time.monotonic()
        for number in range(MESSAGES):
            time.sleep(max(0.0, begun + number * SECONDS / MESSAGES - time.monotonic()))
            for client, times in zip(clients, accepted, strict=True):
                name = f"{number}@lag.bench"
                client.sendmail(load.SENDER, [load.RECIPIENT], _mail(name))
                times[name] = time.time()
    return accepted


def _mail(name: str) -> bytes:
    return (
        f"From: {load.SENDER}\r\nTo: {load.RECIPIENT}\r\nSubject: Lag\r\nMessage-ID: <{name}>\r\n\r\n{_BODY}"
    ).encode("ascii")


def _row(begun: dict[str, float], arrived: dict[Arrival, str]) -> Sequence[str]:
    lags = [arrival.at - begun[key] for arrival, key in arrived.items()]
    if not lags:
        return (str(len(begun)), "-", "-", "-", "-", "0", str(len(begun)))
    distinct = set(arrived.values())
    return (
        f"{len(begun):,}",
        *(f"{percentile(lags, share):.3f}" for share in (0.5, 0.9, 0.99, 1)),
        str(len(arrived) - len(distinct)),
        str(len(set(begun) - distinct)),
    )
