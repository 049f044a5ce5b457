"""Policies in the administration: read as sentences, ordered by buttons, checked by their kinds."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_POST

from audit.record import Actor
from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_KINDS
from policies.exceptions import UnknownKindError
from policies.forms import ActionForm, ActionFormSet, ConditionForm, ExceptionFormSet, PolicyForm
from policies.languages import in_active_language, localized
from policies.list_admin import CalendarAdmin, RecipientListAdmin, RulesAdmin
from policies.models import (
    Calendar,
    Policy,
    PolicyAction,
    PolicyCondition,
    PolicyRules,
    PolicyVersion,
    RecipientList,
)
from policies.moving import move
from policies.naming import named
from policies.rows import spec_of
from policies.sentences import sentence
from policies.verdict import Text
from policies.version_admin import PolicyVersionAdmin
from policies.versions import make_version

if TYPE_CHECKING:
    PolicyModelAdmin = admin.ModelAdmin[Policy]
    ConditionTabularInline = admin.TabularInline[PolicyCondition, Policy]
    ActionStackedInline = admin.StackedInline[PolicyAction, Policy]
else:
    PolicyModelAdmin = admin.ModelAdmin
    ConditionTabularInline = admin.TabularInline
    ActionStackedInline = admin.StackedInline


admin.site.register(RecipientList, RecipientListAdmin)
admin.site.register(Calendar, CalendarAdmin)
admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(PolicyRules, RulesAdmin)


class ConditionInline(ConditionTabularInline):
    """What must all be so."""

    model = PolicyCondition
    form = ConditionForm
    extra = 1
    verbose_name = _("condition")
    verbose_name_plural = _("conditions (all must match; none means every message)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCondition]:
        """Leave the exceptions to their own list."""
        return super().get_queryset(request).filter(is_exception=False)


class ExceptionInline(ConditionTabularInline):
    """What must none be so."""

    model = PolicyCondition
    form = ConditionForm
    formset = ExceptionFormSet
    extra = 1
    verbose_name = _("exception")
    verbose_name_plural = _("exceptions (where one matches, the policy does not apply)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCondition]:
        """Leave the conditions to their own list."""
        return super().get_queryset(request).filter(is_exception=True)


class ActionInline(ActionStackedInline):
    """What is asked for."""

    model = PolicyAction
    form = ActionForm
    formset = ActionFormSet
    extra = 0
    min_num = 1
    validate_min = True
    filter_horizontal = ("persons",)
    fieldsets = (
        (None, {"fields": ("kind",)}),
        (_("Wait"), {"fields": (("seconds", "sender_may_send_now"),)}),
        (_("Approval and own check"), {"fields": ("deadline_seconds",)}),
        (
            _("Approval"),
            {"fields": ("approvers", "persons", "department", ("needed", "link_level", "allow_self"))},
        ),
        (_("Return to the sender"), {"fields": ("text_ja", "text_en")}),
        (_("Points of risk, header, Bcc"), {"fields": ("points", "header", "address")}),
    )

    def get_formset(self, request: HttpRequest, obj: Policy | None = None, **kwargs: Any) -> Any:
        """Ask for at least one action."""
        return super().get_formset(request, obj, validate_min=True, **kwargs)


@admin.register(Policy)
class PolicyAdmin(PolicyModelAdmin):
    """The list of policies, in the order in which they are applied, and the page of one."""

    form = PolicyForm
    change_form_template = "policies/policy_change_form.html"
    change_list_template = "policies/policy_change_list.html"
    list_display = ("name", "said", "enabled", "mode", "priority", "place")
    list_display_links = ("name",)
    list_filter = ("enabled", "mode")
    search_fields = ("key", "name_ja", "name_en", "description")
    ordering = ("priority", "id")
    sortable_by = ()
    filter_horizontal = ("scope_people", "scope_departments")
    inlines = (ConditionInline, ExceptionInline, ActionInline)
    fieldsets = (
        (None, {"fields": ("key", ("name_ja", "name_en"), "description")}),
        (_("When it applies"), {"fields": (("enabled", "mode"), "priority", "stop")}),
        (_("Whose mail"), {"fields": ("for_everyone", "scope_people", "scope_departments")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """Load what a sentence needs, so that the list costs the same for any number of policies."""
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                "scope_people",
                "scope_departments",
                "all_conditions",
                "actions__persons",
                "actions__department",
            )
        )

    @admin.display(description=_("name"))
    def name(self, policy: Policy) -> str:
        """Return the name in the reader's language."""
        return in_active_language(Text(policy.name_ja, policy.name_en))

    @admin.display(description=_("what it says"))
    def said(self, policy: Policy) -> str:
        """Return the policy as a sentence."""
        return _said(policy)

    @admin.display(description=_("order"))
    def place(self, policy: Policy) -> str:
        """Return the buttons that move the policy; they belong to the form around the list."""
        buttons = [
            (reverse("admin:policies_policy_move", args=(policy.pk, direction)), label, self.name(policy))
            for direction, label in (("up", gettext("Up")), ("down", gettext("Down")))
        ]
        pattern = '<button type="submit" class="button" formmethod="post" formaction="{}" aria-label="{}: {}">{}</button>'
        return format_html(
            f"{pattern} {pattern}",
            *(part for url, label, name in buttons for part in (url, label, name, label)),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the moving buttons."""
        view = self.admin_site.admin_view(require_POST(self.move_view))
        return [
            path("<int:pk>/move/<str:direction>/", view, name="policies_policy_move"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, pk: int, direction: str) -> HttpResponse:
        """Move a policy up or down."""
        policy = get_object_or_404(Policy, pk=pk)
        if not self.has_change_permission(request, policy):
            raise PermissionDenied
        if not move(policy, -1 if direction == "up" else 1, _actor(request)):
            messages.info(request, gettext("This policy is already at the end of the list."))
        return HttpResponseRedirect(reverse("admin:policies_policy_changelist"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show what the policy says now, and what the kinds mean."""
        policy = context.get("original")
        kinds = {
            "condition_kinds": [(localized(kind.label), localized(kind.help)) for kind in CONDITION_KINDS],
            "action_kinds": [(localized(kind.label), localized(kind.help)) for kind in ACTION_KINDS],
            "said": _said(policy) if policy else "",
        }
        return super().render_change_form(request, {**context, **kinds}, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Make a version once the policy and all of its parts are written, in the same transaction."""
        super().save_related(request, form, formsets, change)
        details = {"changed" if change else "created": [form.instance.key]}
        make_version(_actor(request), at=timezone.now(), details=details)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        """Delete a policy and make a version."""
        super().delete_model(request, obj)
        make_version(_actor(request), at=timezone.now(), details={"removed": [obj.key]})

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        """Delete the chosen policies and make one version."""
        keys = sorted(queryset.values_list("key", flat=True))
        super().delete_queryset(request, queryset)
        make_version(_actor(request), at=timezone.now(), details={"removed": keys})


def _said(policy: Policy) -> str:
    try:
        return in_active_language(sentence(spec_of(policy), named(policy)))
    except UnknownKindError as error:
        return str(error)


def _actor(request: HttpRequest) -> Actor:
    return Actor(address=get_user(request).get_username(), channel="admin")
