"""The hold queue in Django admin: to look at, and nothing else. What administrators do to a mail is on its page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from approvals.models import Decision, Gate, Hold, Notice
from approvals.policy_admin import RemarkedPolicyAdmin
from audit.readonly import ReadOnlyAdmin
from policies.models import Policy
from policies.versions import id_of_version

# The list of policies with what is known of them up here, where holds are.
admin.site.unregister(Policy)
admin.site.register(Policy, RemarkedPolicyAdmin)


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows that flows write, below the one they belong to."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a row by hand."""
        return False


class GateInline(ReadOnlyInline):
    """What a hold waits for."""

    model = Gate
    fields = ("ordinal", "kind", "needed", "opened_at")


class DecisionInline(ReadOnlyInline):
    """What was decided."""

    model = Decision
    fields = ("ordinal", "person", "verdict", "reason", "comment", "decided_at", "undone_at")


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Holds, the newest first."""

    list_display = ("created_at", "state", "subject", "sender_address", "release_at", "deadline_at", "page")
    list_filter = ("state", "created_at")
    search_fields = ("subject", "sender_address")
    identifier_fields = ("pk", "message_id")
    ordering = ("-id",)
    inlines = (GateInline, DecisionInline)
    fields = (
        "page",
        "state",
        "subject",
        "author",
        "sender",
        "sender_address",
        "created_at",
        "release_at",
        "deadline_at",
        "reasons",
        "judged_by",
        "attempts",
        "next_attempt_at",
        "ended_at",
    )

    @admin.display(description=_("page"))
    def page(self, hold: Hold) -> SafeString:
        """Return a link to the page where the mail can be read and acted on."""
        return format_html('<a href="{}">{}</a>', reverse("approvals:message", args=[hold.pk]), _("open"))

    @admin.display(description=_("policy version"))
    def judged_by(self, hold: Hold) -> SafeString | str:
        """Return the version of the policies that judged the mail, as a link to it where it is kept."""
        version = id_of_version(hold.policy_version)
        if version is None:
            return str(hold.policy_version)
        url = reverse("admin:policies_policyversion_change", args=[version])
        return format_html('<a href="{}">{}</a>', url, hold.policy_version)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Mails of our own, the newest first."""

    list_display = ("created_at", "kind", "address", "state", "attempts", "problem")
    list_filter = ("state", "kind")
    search_fields = ("address",)
    identifier_fields = ("hold_id",)
    ordering = ("-id",)
