"""Versions of the policies in the administration: who changed what, and the way back."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from audit.record import Actor
from mailhold.mime.diff import diff_text
from policies import files
from policies.languages import in_active_language
from policies.models import PolicyVersion
from policies.telling import kept, told
from policies.version_lines import in_brief, shortened
from policies.versions import exported

if TYPE_CHECKING:
    VersionModelAdmin = admin.ModelAdmin[PolicyVersion]
else:
    VersionModelAdmin = admin.ModelAdmin


class PolicyVersionAdmin(VersionModelAdmin):
    """Every version, to be read, compared with the one before, and made the present one again."""

    change_form_template = "policies/version_change_form.html"
    list_display = ("number", "made_at", "what", "made_by", "agreed_by")
    fields = ("number", "made_at", "made_by", "agreed_by", "file")
    readonly_fields = fields
    search_fields = ("made_by", "agreed_by", "text")
    list_per_page = 50

    @admin.display(description=gettext_lazy("what it changed"))
    def what(self, version: PolicyVersion) -> SafeString:
        """Return the first of its differences from the version before."""
        return in_brief(version.changes)

    @admin.display(description=gettext_lazy("policies"))
    def file(self, version: PolicyVersion) -> str:
        """Return the policy file, line by line."""
        return format_html("<pre>{}</pre>", version.text)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks before it goes back."""
        view = self.admin_site.admin_view(self.roll_back_view)
        return [
            path("<uuid:pk>/roll-back/", view, name="policies_policyversion_roll_back"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show what the version changed, and the way back to it unless it is the present one."""
        version = context["original"]
        before = PolicyVersion.objects.filter(number__lt=version.number).order_by("-number").first()
        more = {
            "before": before,
            "told": None if version.changes is None else told(version.changes),
            "lines": shortened(diff_text(before.text if before else "", version.text)),
            "may_roll_back": _may_change(request) and not _is_newest(version),
        }
        return super().render_change_form(request, {**context, **more}, *args, **kwargs)

    def roll_back_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Say what going back would change, and do it when that is confirmed."""
        version = get_object_or_404(PolicyVersion, pk=pk)
        if not _may_change(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._roll_back(request, version)
        present, comparison = exported(), files.compare_whole(version.text)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Roll back to version %(number)d") % {"number": version.number},
            "version": version,
            "nothing_to_do": present == version.text,
            "told": [] if comparison.problems else told(kept(comparison.differences)),
            "problems": [in_active_language(problem.text) for problem in comparison.problems],
            "lines": shortened(diff_text(present, version.text)),
            "opts": self.opts,
        }
        return TemplateResponse(request, "policies/version_roll_back.html", context)

    def _roll_back(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        actor = Actor(address=get_user(request).get_username(), channel="admin")
        result = files.roll_back(version.number, actor)
        for problem in result.problems:
            messages.error(request, in_active_language(problem.text))
        if not result.problems:
            done = _("The policies are now version %(number)d.") % {"number": result.version}
            messages.success(request, _("This waits for another administrator.") if result.waits else done)
            return HttpResponseRedirect(reverse("admin:policies_policy_changelist"))
        return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=(version.pk,)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Versions are made by changing policies."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """What was in force stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """What was in force stays known."""
        return False


def _may_change(request: HttpRequest) -> bool:
    """Tell whether somebody may do all that going back may do: add, change and delete policies."""
    return get_user(request).has_perms(
        [f"policies.{right}_policy" for right in ("add", "change", "delete")],
    )


def _is_newest(version: PolicyVersion) -> bool:
    return not PolicyVersion.objects.filter(number__gt=version.number).exists()
