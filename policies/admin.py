"""Policies in the administration: read as sentences, ordered by buttons, checked by their kinds."""

import re
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_GROUPS
from policies.drafts import SESSION_KEY, Draft, draft_of, with_draft
from policies.exceptions import UnknownKindError
from policies.forms import PolicyForm
from policies.keys import LAST_PRIORITY
from policies.languages import in_active_language, localized
from policies.list_admin import CalendarAdmin, RecipientListAdmin, RulesAdmin
from policies.models import (
    Calendar,
    Policy,
    PolicyAction,
    PolicyCondition,
    PolicyProposal,
    PolicyRules,
    PolicyVersion,
    RecipientList,
)
from policies.moving import STEP
from policies.naming import named
from policies.order_admin import OrderedAdmin, actor_of
from policies.part_forms import (
    TRY,
    ActionForm,
    ActionFormSet,
    ConditionForm,
    ConditionFormSet,
    ExceptionFormSet,
)
from policies.proposal_admin import PolicyProposalAdmin
from policies.rows import spec_of
from policies.sentences import sentence
from policies.verdict import Text
from policies.version_admin import PolicyVersionAdmin
from policies.versions import lock_policies, make_version

if TYPE_CHECKING:
    PartStackedInline = admin.StackedInline[Any, Policy]
else:
    PartStackedInline = admin.StackedInline


admin.site.register(RecipientList, RecipientListAdmin)
admin.site.register(Calendar, CalendarAdmin)
admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(PolicyProposal, PolicyProposalAdmin)
admin.site.register(PolicyRules, RulesAdmin)


class PartInline(PartStackedInline):
    """Parts of a policy: cards that show the fields of the chosen kind."""

    template = "policies/_parts.html"
    extra = 1
    part = ""
    explained: Any = ""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Leave out the buttons that change departments and people from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return without_related_buttons(field)


class ConditionInline(PartInline):
    """What must all be so."""

    model = PolicyCondition
    form = ConditionForm
    formset = ConditionFormSet
    part = "condition"
    verbose_name = _("condition")
    verbose_name_plural = _("If: conditions")
    explained = _("All of them must be met. Without a condition the policy is for every mail.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCondition]:
        """Leave the exceptions to their own list."""
        return super().get_queryset(request).filter(is_exception=False)


class ExceptionInline(PartInline):
    """What must none be so."""

    model = PolicyCondition
    form = ConditionForm
    formset = ExceptionFormSet
    part = "condition"
    verbose_name = _("exception")
    verbose_name_plural = _("Unless: exceptions")
    explained = _("Where one of them is met, the policy does not apply. May stay empty.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCondition]:
        """Leave the conditions to their own list."""
        return super().get_queryset(request).filter(is_exception=True)


class ActionInline(PartInline):
    """What is asked for."""

    model = PolicyAction
    form = ActionForm
    formset = ActionFormSet
    part = "action"
    extra = 0
    min_num = 1
    validate_min = True
    filter_horizontal = ("persons",)
    verbose_name = _("action")
    verbose_name_plural = _("Then: actions")
    explained = _("What happens to the mail. All of them are asked for.")

    def get_formset(self, request: HttpRequest, obj: Policy | None = None, **kwargs: Any) -> Any:
        """Ask for at least one action."""
        return super().get_formset(request, obj, validate_min=True, **kwargs)


@admin.register(Policy)
class PolicyAdmin(OrderedAdmin):
    """The list of policies, in the order in which they are applied, and the page of one."""

    form = PolicyForm
    change_form_template = "policies/policy_change_form.html"
    change_list_template = "policies/policy_change_list.html"
    list_display = ("place", "name", "said", "enabled", "mode")
    list_display_links = ("name",)
    list_filter = ("enabled", "mode")
    search_fields = ("key", "name_ja", "name_en", "description")
    ordering = ("priority", "id")
    sortable_by = ()
    filter_horizontal = ("scope_people", "scope_departments")
    inlines = (ConditionInline, ExceptionInline, ActionInline)
    fieldsets = (
        (None, {"fields": ("name_ja", "name_en")}),
        (_("Whose mail"), {"fields": ("for_everyone", "scope_people", "scope_departments")}),
        (_("Whether and how it acts"), {"fields": ("enabled", "mode", "stop")}),
        (
            _("Notes, place in the order, key for policy files"),
            {"fields": ("description", "priority", "key"), "classes": ("collapse",)},
        ),
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

    def get_urls(self) -> list[URLPattern]:
        """Add what buttons and scripts ask for."""
        guarded = self.admin_site.admin_view
        return [
            path(
                "fields/<str:part>/",
                guarded(require_safe(self.fields_view)),
                name="policies_policy_fields",
            ),
            path(
                "sentence/<int:pk>/",
                guarded(require_POST(self.sentence_view)),
                name="policies_policy_sentence",
            ),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        """Ask for the name in the reader's language first."""
        (heading, names), *rest = super().get_fieldsets(request, obj)
        if not (get_language() or "").startswith("ja"):
            names = {**names, "fields": ("name_en", "name_ja")}
        return [(heading, names), *rest]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin at the end of the list."""
        last = Policy.objects.aggregate(last=Max("priority"))["last"]
        first = {} if last is None else {"priority": min(last + STEP, LAST_PRIORITY)}
        return {**first, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Leave out the buttons that change departments and people from here."""
        return without_related_buttons(super().formfield_for_dbfield(db_field, request, **kwargs))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show what the policy says now, and what the kinds mean."""
        policy, form = context.get("original"), context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        draft = draft_of(form, formsets) if form.is_bound else None
        if draft is not None and draft.complete and TRY in request.POST:
            name = in_active_language(draft.policy.name)
            request.session[SESSION_KEY] = {"text": with_draft(draft.policy), "name": name}
            return HttpResponseRedirect(f"{reverse('approvals:try')}?draft=1")
        more = {
            "condition_groups": [
                (localized(heading), [(localized(kind.label), localized(kind.help)) for kind in kinds])
                for heading, kinds in CONDITION_GROUPS
            ],
            "action_kinds": [(localized(kind.label), localized(kind.help)) for kind in ACTION_KINDS],
            "draft": draft,
            "said": _said(policy) if policy and not form.is_bound else "",
            "policy_id": policy.pk if policy else 0,
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, {**context, **more}, *args, **kwargs)

    def fields_view(self, request: HttpRequest, part: str) -> HttpResponse:
        """Return the fields of a kind, with what it suggests; a script asks for them when a kind is chosen."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        inline = next((each for each in self.get_inline_instances(request) if each.part == part), None)  # type: ignore[attr-defined]
        prefix, code = request.GET.get("prefix", ""), request.GET.get("kind", "")
        if inline is None or not _PREFIX.fullmatch(prefix):
            raise Http404
        form_class: Any = inline.get_formset(request).form
        begun = form_class(prefix=prefix, initial={"kind": code}).suggestions(code)
        form = form_class(prefix=prefix, initial={"kind": code, **begun})
        return render(request, "policies/_fields.html", {"form": form})

    def sentence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what the form says so far; nothing is saved."""
        policy = get_object_or_404(Policy, pk=pk) if pk else None
        return render(request, "policies/_says.html", {"draft": self.draft(request, policy)})

    def draft(self, request: HttpRequest, policy: Policy | None) -> Draft:
        """Return what the form that was sent says."""
        allowed = self.has_change_permission(request, policy) if policy else self.has_add_permission(request)
        if not allowed:
            raise PermissionDenied
        names = flatten_fieldsets(self.get_fieldsets(request, policy))
        form_class: Any = self.get_form(request, policy, change=policy is not None, fields=names)
        form = form_class(request.POST, request.FILES, instance=policy)
        formsets, _inlines = self._create_formsets(  # type: ignore[attr-defined]
            request, form.instance, change=policy is not None
        )
        return draft_of(form, formsets)

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """Let nobody else change policies before any row is written."""
        lock_policies()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Make a version once the policy and all of its parts are written, in the same transaction."""
        super().save_related(request, form, formsets, change)
        details = {"changed" if change else "created": [form.instance.key]}
        make_version(actor_of(request), at=timezone.now(), details=details)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        """Delete a policy and make a version."""
        lock_policies()
        super().delete_model(request, obj)
        make_version(actor_of(request), at=timezone.now(), details={"removed": [obj.key]})

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        """Delete the chosen policies and make one version."""
        lock_policies()
        keys = sorted(queryset.values_list("key", flat=True))
        super().delete_queryset(request, queryset)
        make_version(actor_of(request), at=timezone.now(), details={"removed": keys})


# As formsets name their forms; `__prefix__` stands in the one from which scripts make more.
_PREFIX = re.compile(r"(?:conditions|exceptions|actions)-(?:\d{1,4}|__prefix__)")


def without_related_buttons(field: Any) -> Any:
    """Return a field without the buttons that add, change, show and delete what it lets choose."""
    if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            setattr(field.widget, name, False)
    return field


def _said(policy: Policy) -> str:
    try:
        return in_active_language(sentence(spec_of(policy), named(policy)))
    except UnknownKindError as error:
        return str(error)
