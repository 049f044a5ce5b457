"""The change of the policies that waits, in the administration: to look at, to agree to, to refuse, to withdraw."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from audit.readonly import ReadOnlyAdmin
from audit.record import Actor
from mailhold.directory.models import Person
from mailhold.mime.diff import diff_text
from policies import files, proposals
from policies.languages import in_active_language
from policies.models import PolicyProposal, PolicyVersion
from policies.proposing import State, waiting_proposal
from policies.refusals import ProposalRefused
from policies.rights import may_administer
from policies.telling import told
from policies.version_lines import in_brief, shortened


class PolicyProposalAdmin(ReadOnlyAdmin):
    """Changes that wait or waited for a second administrator, the newest first."""

    list_display = ("changed_at", "state", "what", "who", "decided_by")
    list_filter = ("state",)
    search_fields = ("text", "decided_by")
    identifier_fields = ("pk",)
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("made by"))
    def who(self, proposal: PolicyProposal) -> str:
        """Return the addresses of all who had a part in it."""
        return proposals.authors_of(proposal)

    @admin.display(description=gettext_lazy("what changes"))
    def what(self, proposal: PolicyProposal) -> SafeString:
        """Return the first of its differences."""
        return in_brief(proposal.changes)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see policies may see what becomes of them."""
        return super().has_view_permission(request, obj) or _person(request).has_perm("policies.view_policy")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it in the list of the app to whoever may see it."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that takes decisions."""
        view = self.admin_site.admin_view(require_POST(self.decide_view))
        return [
            path("<uuid:pk>/decide/", view, name="policies_policyproposal_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a change, and what whoever is signed in may do with it."""
        proposal = self.get_object(request, object_id)
        if proposal is None:
            raise Http404
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change of the policies"),
            "opts": self.opts,
            **_shown(proposal, _person(request)),
        }
        return TemplateResponse(request, "policies/proposal.html", context)

    def decide_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do what the page asks for, and say what came of it."""
        get_object_or_404(PolicyProposal, pk=pk)
        act = _ACTS.get(request.POST.get("action", ""))
        if act is None or not self.has_view_permission(request):
            raise PermissionDenied
        try:
            messages.success(request, act(request, pk))
        except ProposalRefused as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("admin:policies_policyproposal_change", args=(pk,)))


def _shown(proposal: PolicyProposal, person: Person) -> dict[str, Any]:
    base = PolicyVersion.objects.filter(number=proposal.base).first()
    version = PolicyVersion.objects.filter(number=proposal.version or 0).first()
    waits = proposal.state == State.WAITING
    others = [each for each in proposals.administrators() if not proposals.is_author(proposal, each)]
    return {
        "proposal": proposal,
        "waits": waits,
        "who": proposals.authors_of(proposal),
        "own": proposals.is_author(proposal, person),
        "may_agree": waits and not proposals.why_not_agree(proposal, person),
        "nobody_else": not others,
        "second_needed": settings.POLICY_SECOND_ADMINISTRATOR,
        "told": told(proposal.changes),
        "lines": shortened(diff_text(base.text if base else "", proposal.text)),
        "problems": [in_active_language(each.text) for each in files.check(proposal.text)] if waits else [],
        "version_url": version and reverse("admin:policies_policyversion_change", args=(version.pk,)),
        "may_again": _may_make_again(proposal, person),
    }


def _may_make_again(proposal: PolicyProposal, person: Person) -> bool:
    return (
        proposal.state in {State.REFUSED, State.WITHDRAWN}
        and may_administer(person)
        and waiting_proposal() is None
        and not PolicyVersion.objects.filter(number__gt=proposal.base).exists()
    )


def _agree(request: HttpRequest, pk: UUID) -> str:
    comment = request.POST.get("comment", "")
    version = proposals.agree(
        pk, _edition(request), _person(request), _actor(request), timezone.now(), comment
    )
    return _("The change is in force as version %(number)d.") % {"number": version.number}


def _refuse(request: HttpRequest, pk: UUID) -> str:
    comment = request.POST.get("comment", "")
    proposals.refuse(pk, _edition(request), _person(request), _actor(request), timezone.now(), comment)
    return _("The change was refused. The policies are what is in force.")


def _withdraw(request: HttpRequest, pk: UUID) -> str:
    proposals.withdraw(pk, _edition(request), _person(request), _actor(request), timezone.now())
    return _("The change was withdrawn. The policies are what is in force.")


def _explain(request: HttpRequest, pk: UUID) -> str:
    why = request.POST.get("why", "")
    proposals.explain(pk, _person(request), _actor(request), timezone.now(), why)
    return _("Saved.")


def _again(request: HttpRequest, pk: UUID) -> str:
    person = _person(request)
    if not may_administer(person):
        raise PermissionDenied
    result = proposals.propose_again(pk, _actor(request))
    for problem in result.problems:
        messages.error(request, in_active_language(problem.text))
    if result.problems:
        return _("Nothing was changed.")
    if not result.waits:
        return _("The policies are now version %(number)d.") % {"number": result.version}
    return _("The change was made again and waits for another administrator.")


_ACTS: dict[str, Callable[[HttpRequest, UUID], str]] = {
    "agree": _agree,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "explain": _explain,
    "again": _again,
}


def _edition(request: HttpRequest) -> int:
    value = request.POST.get("edition", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _person(request: HttpRequest) -> Person:
    person = request.user
    if not isinstance(person, Person):
        raise PermissionDenied
    return person


def _actor(request: HttpRequest) -> Actor:
    return Actor(address=_person(request).get_username(), channel="admin")
