"""Figures of the policies in force: for administrators, to see what each of them does and which are noise."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals import noise_words
from approvals.figures import Figures, Group, Sample, Share, shortened
from approvals.models import Hold, PolicyMatch
from approvals.policy_detail import MOST_SENDERS, Detail, Groups, Totals
from approvals.policy_figures import SPANS, Line, Span, overview, span_of
from approvals.replay.showing import happened, names_in
from approvals.trying import said
from approvals.views.guards import require_policies
from approvals.views.lists import rows
from policies.actions.kind import Names
from policies.durations import say_duration
from policies.evaluate import asked_alone
from policies.languages import in_active_language
from policies.loading import policies_in_force
from policies.naming import addresses
from policies.reference import Rules
from policies.sentences import sentence
from policies.spec import Mode

STANDARD_DAYS = 30
Effect = PolicyMatch.Effect
_MINUTE, _HOUR = 60, 3600


@require_safe
@never_cache
@login_required
def policy_figures(request: HttpRequest) -> HttpResponse:
    """Show a line for each policy in force, and those that are noise."""
    span = _span(request)
    policies = policies_in_force().policies
    found = overview(policies, span, timezone.now())
    names = addresses(policies)
    lines = [_line(line, found.messages, span, names) for line in found.lines]
    context = {
        "lines": lines,
        "noise": [line for line in lines if line["remarks"]],
        "all_messages": found.messages,
        "counted_from": found.counted_from,
        "partly": found.counted_from is None or found.counted_from > span.first,
        **_spans(span),
    }
    return render(request, "approvals/policy_figures.html", context)


@require_safe
@never_cache
@login_required
def policy_figures_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one policy in force does, or would do."""
    span, in_force = _span(request), policies_in_force()
    policy = next((policy for policy in in_force.policies if policy.id == pk), None)
    if policy is None:
        raise Http404
    rules = in_force.reference.rules or Rules()
    detail, names = Detail(policy, span, rules), addresses(in_force.policies)
    found = overview([policy], span, timezone.now())
    totals = detail.totals()
    days = [day for day in detail.days() if found.counted_from and day.date >= found.counted_from]
    context = {
        "line": _line(found.lines[0], found.messages, span, names),
        "policy": policy,
        "watching": detail.watching,
        "totals": totals,
        "days_list": days,
        "most_a_day": max((day.matched for day in days), default=0) or 1,
        "all_messages": found.messages,
        "counted_from": found.counted_from,
        "partly": found.counted_from is None or found.counted_from > span.first,
        **_spans(span),
    }
    more = _watching(detail, totals, names) if detail.watching else _acting(detail)
    return render(request, "approvals/policy_figures_of.html", {**context, **more})


def _span(request: HttpRequest) -> Span:
    require_policies(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in SPANS else STANDARD_DAYS
    return span_of(days, timezone.now())


def _spans(span: Span) -> dict[str, Any]:
    return {"days": span.days, "spans": SPANS}


def _line(line: Line, messages: int, span: Span, names: Names) -> dict[str, Any]:
    policy = line.policy
    address = reverse("approvals:policy_figures_of", args=[policy.id])
    return {
        "url": address if span.days == STANDARD_DAYS else f"{address}?days={span.days}",
        "name": in_active_language(policy.name),
        "sentence": in_active_language(sentence(policy, names)),
        "enabled": policy.enabled,
        "watching": policy.mode is Mode.WATCH,
        "share": 100 * line.matched / messages if messages else None,
        "counts": line,
        "remarks": noise_words.remarks(line.noise, line.record),
    }


def _acting(detail: Detail) -> dict[str, Any]:
    """Return what is shown of a policy that acts."""
    titles = {
        Effect.KEEPS: _("Held only because of it"),
        Effect.FREES: _("Sent at once because of it"),
        Effect.CHANGES: _("Treated otherwise because of it"),
        Effect.ENDS: _("It ended the processing; no policy after it was asked"),
        Effect.NONE: _("Other policies ask for as much"),
    }
    deciders = [
        {"counts": each, "median": "" if each.median_seconds is None else _duration(each.median_seconds)}
        for each in detail.deciders()
    ]
    groups = [
        {"title": titles[Effect(group.effect)], "count": group.count, "rows": _rows(group.hold_ids)}
        for group in detail.groups()
    ]
    return {"ends": detail.ends(), "deciders": deciders, "groups": groups}


def _rows(hold_ids: Sequence[UUID]) -> list[Any]:
    holds = list(Hold.objects.filter(pk__in=hold_ids).select_related("sender").order_by("-id"))
    return rows(holds, [reverse("approvals:message", args=[hold.pk]) for hold in holds])


def _duration(seconds: float) -> str:
    """Return a duration as exactly as anybody wants to know it."""
    step = 1 if seconds < 2 * _MINUTE else _MINUTE if seconds < 3 * _HOUR else _HOUR
    return in_active_language(say_duration(round(seconds / step) * step))


def _watching(detail: Detail, totals: Totals, names: Names) -> dict[str, Any]:
    """Return what is shown of a policy that only watches: in the figures that a replay has."""
    titles = {
        Effect.KEEPS: _("Newly held"),
        Effect.FREES: _("No longer held"),
        Effect.CHANGES: _("Treated otherwise"),
        Effect.ENDS: _("Treated otherwise"),
        Effect.NONE: _("No difference"),
    }
    would = tuple(in_active_language(part) for part in said(asked_alone(detail.policy, detail.rules), names))
    asked = detail.asked()
    figures = Figures(
        messages=totals.matched,
        held=totals.kept,
        in_fact=totals.in_fact,
        approvers=tuple(Share(name=each.person, count=each.would, in_fact=each.in_fact) for each in asked),
        groups=tuple(
            Group(title=titles[Effect(group.effect)], count=group.count, samples=_samples(group, would))
            for group in detail.groups()
        ),
    )
    return {"figures": figures, "most_senders": MOST_SENDERS if asked else 0}


def _samples(group: Groups, would: tuple[str, ...]) -> tuple[Sample, ...]:
    holds = list(
        Hold.objects.filter(pk__in=group.hold_ids)
        .select_related("message")
        .prefetch_related("gates__approvers")
        .order_by("-id")
    )
    names = names_in(holds)
    return tuple(
        Sample(
            received_at=hold.message.received_at,
            sender=hold.sender_address or hold.author_address,
            subject=hold.subject,
            recipients=shortened(
                list(hold.recipient_links.order_by("pk").values_list("recipient__address", flat=True))
            ),
            would=would,
            happened=tuple(happened(hold, names)),
            url=reverse("approvals:message", args=[hold.pk]),
        )
        for hold in holds
    )
