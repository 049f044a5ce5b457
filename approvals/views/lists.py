"""Lists: the start page, the approver's queue, one's own mail. Pages walk by key, never by counting from the start."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from approvals import reading
from approvals.models import Hold, HoldRecipient
from approvals.states import HoldState
from approvals.views.guards import person_of
from approvals.views.pages import held_of, queue_of, waiting_for
from mailhold.mailstore.models import Recipient
from policies.proposals import waiting_for as waiting_change
from policies.rights import may_look

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list."""

    id: UUID
    url: str
    subject: str
    sender_name: str
    first_recipient: str
    more_count: int
    reasons: list[str]
    held_at: datetime
    deadline_at: datetime | None
    release_at: datetime | None
    urgent: bool
    state: str
    # "failed" or "unknown": what it says of at least one recipient, once there is nothing more to come.
    trouble: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what waits for whoever is signed in."""
    if not request.user.is_authenticated:
        return render(request, "approvals/home.html")
    person = person_of(request)
    context = {
        "waiting_count": waiting_for(person),
        "held_count": held_of(person),
        "policy_change": waiting_change(person),
        "may_look": may_look(person),
        "mailbox_url": "" if settings.SMARTHOST else reverse("mailbox:list"),
    }
    return render(request, "approvals/home.html", context)


@require_safe
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person's decision, the nearest deadline first."""
    person = person_of(request)
    waiting = _behind(queue_of(person).order_by("deadline_at", "id"), request.GET.get("after", ""))
    holds = list(waiting[: PAGE + 1])
    urls = [reverse("approvals:decide", args=[hold.pk]) for hold in holds]
    context = {
        "rows": rows(holds[:PAGE], urls),
        "total": waiting_for(person),
        "next_url": f"?{urlencode({'after': _place(holds[PAGE - 1])})}" if len(holds) > PAGE else "",
    }
    return render(request, "approvals/queue.html", context)


def _place(hold: Hold) -> str:
    """Return where a hold stands in the queue; it says so itself, since the hold may be decided meanwhile."""
    return f"{hold.deadline_at.isoformat() if hold.deadline_at else ''}~{hold.pk}"


def _behind(holds: QuerySet[Hold], place: str) -> QuerySet[Hold]:
    deadline, _tilde, key = place.partition("~")
    try:
        at, pk = datetime.fromisoformat(deadline), UUID(key)
    except ValueError:
        return holds
    if at.tzinfo is None:
        return holds
    return holds.filter(Q(deadline_at__gt=at) | Q(deadline_at=at, id__gt=pk))


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """Show this person's own mail, the newest first."""
    state = request.GET.get("state", "")
    holds = Hold.objects.filter(sender=person_of(request)).select_related("sender").order_by("-id")
    if state in HoldState.values:
        holds = holds.filter(state=state)
    page = list(_before(holds, request.GET.get("before", ""))[: PAGE + 1])
    more = f"?{urlencode({'state': state, 'before': str(page[PAGE - 1].pk)})}" if len(page) > PAGE else ""
    urls = [reverse("approvals:message", args=[hold.pk]) for hold in page]
    context = {"rows": rows(page[:PAGE], urls), "states": HoldState.choices, "state": state, "next_url": more}
    return render(request, "approvals/my.html", context)


def _before(holds: QuerySet[Hold], key: str) -> QuerySet[Hold]:
    try:
        return holds.filter(pk__lt=UUID(key)) if key else holds
    except ValueError:
        return holds


def rows(holds: list[Hold], urls: list[str]) -> list[Row]:
    """Return `holds` as lines, with two queries for the recipients of all of them."""
    links = HoldRecipient.objects.filter(hold__in=holds).exclude(recipient__status=Recipient.Status.REMOVED)
    summaries = (
        links.order_by()
        .values_list("hold")
        .annotate(
            first=Min("recipient"),
            count=Count("recipient"),
            failed=Count("recipient", filter=Q(recipient__status=Recipient.Status.FAILED)),
            unknown=Count("recipient", filter=Q(recipient__status=Recipient.Status.OUTCOME_UNKNOWN)),
        )
    )
    firsts, counts, troubles = {}, {}, {}
    for hold_id, first, count, failed, unknown in summaries:
        firsts[hold_id], counts[hold_id] = first, count
        troubles[hold_id] = "failed" if failed else "unknown" if unknown else ""
    addresses = dict(
        HoldRecipient.objects.filter(recipient__in=firsts.values()).values_list("hold", "recipient__address")
    )
    return [
        _row(hold, url, addresses.get(hold.pk, ""), counts.get(hold.pk, 1), troubles.get(hold.pk, ""))
        for hold, url in zip(holds, urls, strict=False)
    ]


def _row(hold: Hold, url: str, first: str, count: int, trouble: str) -> Row:
    return Row(
        id=hold.pk,
        url=url,
        subject=hold.subject,
        sender_name=reading.sender_name(hold),
        first_recipient=first,
        more_count=count - 1,
        reasons=reading.reason_texts(hold),
        held_at=hold.created_at,
        deadline_at=hold.deadline_at,
        release_at=hold.release_at,
        urgent=hold.urgent,
        state=hold.state,
        trouble=trouble,
    )
