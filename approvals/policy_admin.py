"""The list of policies in the administration, with what figures of real mail say of each: which of them are noise."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from approvals.counting import day_of
from approvals.noise import noises
from approvals.noise_words import Remark, remarks
from approvals.policy_figures import records_of
from policies.admin import PolicyAdmin
from policies.loading import policies_in_force
from policies.models import Policy

KEPT_SECONDS = 300


def remarks_in_force(now: datetime) -> dict[int, list[Remark]]:
    """Return by number what is to be said of the policies in force that are noise; asked once for all of them.

    What is said of a month is not counted anew each time that the list is shown or a policy moved: on SQLite that takes a
    second where there is much mail. The page of figures has what is known now.
    """
    in_force = policies_in_force()
    key = f"policy-noise:{in_force.version_id}:{day_of(now)}"
    records = cache.get_or_set(key, lambda: records_of(in_force.policies, now), KEPT_SECONDS) or {}
    return {pk: remarks(noises(record), record) for pk, record in records.items()}


class RemarkedList(ChangeList):
    """A page of the list whose rows know what is to be said of them."""

    def get_results(self, request: HttpRequest) -> None:
        """Look it up for all rows at once."""
        super().get_results(request)
        found = remarks_in_force(timezone.now())
        self.result_list = list(self.result_list)
        for policy in self.result_list:
            policy.remarks = found.get(policy.pk, [])


class RemarkedPolicyAdmin(PolicyAdmin):
    """Says of a policy that is noise just that, with the way to the figures that say why."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list with remarks."""
        return RemarkedList

    @admin.display(description=_("what it says"))
    def said(self, policy: Policy) -> str:
        """Return the policy as a sentence, and badges where it is noise."""
        found: list[Remark] = getattr(policy, "remarks", [])
        return (
            format_html("{} {}", super().said(policy), _badges(policy.pk, found))
            if found
            else super().said(policy)
        )


def _badges(pk: int, found: list[Remark]) -> SafeString:
    url = reverse("approvals:policy_figures_of", args=[pk])
    badges = format_html_join(
        " ",
        '<a class="noise-badge" href="{}" title="{}">{}</a>',
        ((url, each.why, each.badge) for each in found),
    )
    return format_html('<span class="noise-badges">{}</span>', badges)
