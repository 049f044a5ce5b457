"""How long pages take at 100,000 holds."""

import time

from django.test import Client
from django.urls import reverse

from approvals.models import Hold
from bench import plant
from bench.filling import HOLDS, Filled, fill
from bench.place import Place
from bench.report import Table, milliseconds, percentile
from mailhold.directory.models import Person

CALLS = 20


def measure(_place: Place) -> Table:
    plant.empty()
    begun = time.monotonic()
    filled = fill()
    table = Table(
        f"Pages at {HOLDS:,} holds, ms",
        ("page", "p50", "p95"),
        note=(
            f"{CALLS} calls each in one process through all middleware, after one that warms up. The approver has "
            f"{_waiting(filled.approver):,} mails waiting, the sender has {_own(filled.sender):,} of his own. "
            f"Filling took {time.monotonic() - begun:.0f} s."
        ),
    )
    for name, person, address in _pages(filled):
        times = _times(person, address)
        table.add(name, *(milliseconds(percentile(times, share)) for share in (0.5, 0.95)))
    return table


def _waiting(person: Person) -> int:
    return Hold.objects.filter(gates__approvers__person=person).count()


def _own(person: Person) -> int:
    return Hold.objects.filter(sender=person).count()


def _pages(filled: Filled) -> list[tuple[str, Person | None, str]]:
    sender, approver, administrator = filled.sender, filled.approver, filled.administrator
    deep = (
        Hold.objects.filter(sender=sender)
        .order_by("-id")
        .values_list("pk", flat=True)[_own(sender) * 9 // 10]
    )
    message = reverse("approvals:message", args=[filled.waiting.pk])
    own, admin_list = reverse("approvals:my"), reverse("admin:approvals_hold_changelist")
    return [
        ("start page of the approver", approver, reverse("approvals:home")),
        ("the approver's queue", approver, reverse("approvals:queue")),
        ("own mail, first page", sender, own),
        ("own mail, a page 90 % down, by key", sender, f"{own}?before={deep}"),
        ("own mail, those on hold", sender, f"{own}?state=held"),
        ("a mail", approver, message),
        ("a mail, its history", approver, f"{message}?tab=history"),
        ("the page of a link", None, reverse("approvals:link", args=[filled.token])),
        ("administration, list of holds", administrator, admin_list),
        ("administration, page 500 of the list", administrator, f"{admin_list}?p=500"),
        ("administration, search in the list", administrator, f"{admin_list}?q=sender7%40"),
    ]


def _times(person: Person | None, address: str) -> list[float]:
    client = Client(headers={"host": "127.0.0.1"})
    if person is not None:
        client.force_login(person)
    times = []
    for _ in range(CALLS + 1):
        begun = time.perf_counter()
        response = client.get(address)
        times.append(time.perf_counter() - begun)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answers {response.status_code}.")
    return times[1:]
