"""How long it takes to find out what must happen to one message, without the database."""

import time
from collections.abc import Callable

from django.utils import timezone

from approvals.judging import judge, load_surroundings, read_gist
from bench import mails, plant
from bench.place import Place
from bench.report import Table, milliseconds, percentile
from mailhold.ids import uuid7
from mailhold.mailstore.models import Message, Recipient
from mailhold.mime.parse import parse
from policies.defaults import DEFAULTS
from policies.loading import active_policies

RUNS = 200


def measure(_place: Place) -> Table:
    table = Table(
        "Screening one message in one process, ms",
        ("message", "judge p50", "judge p95", "of which parse p50", "parse p95"),
        note=(
            f"The default policies, one of which asks for attachments; {RUNS} runs. judge: gist, facts (with the parse) "
            "and verdict. Opening the content and writing the hold are part of “accepted, screened and held”."
        ),
    )
    plant.set_policies(DEFAULTS.read_text(encoding="utf-8"))
    policies = active_policies()
    for name, content in (("4 KiB text", mails.small()), ("100 KiB, text, HTML and a PDF", mails.big())):
        message = Message(id=uuid7(), received_at=timezone.now(), reverse_path=mails.SENDER)
        recipients = [Recipient(pk=1, message=message, address=mails.RECIPIENT, domain="partner.example.net")]
        around = load_surroundings([message], [read_gist(content)], policies)
        judged = _times(lambda: judge(message, content, read_gist(content), recipients, around))  # noqa: B023
        parsed = _times(lambda: parse(content))  # noqa: B023
        shown = (percentile(times, share) for times in (judged, parsed) for share in (0.5, 0.95))
        table.add(name, *map(milliseconds, shown))
    return table


def _times(call: Callable[[], object]) -> list[float]:
    call()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return times
