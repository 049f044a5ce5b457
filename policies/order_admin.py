"""The order of the policies in the administration: by buttons, and by dragging where a script runs."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_POST

from audit.record import Actor
from policies.exceptions import StaleOrderError
from policies.languages import in_active_language
from policies.models import Policy
from policies.moving import in_order, move, reorder
from policies.verdict import Text

if TYPE_CHECKING:
    PolicyModelAdmin = admin.ModelAdmin[Policy]
else:
    PolicyModelAdmin = admin.ModelAdmin

LIST = "admin:policies_policy_changelist"


class OrderedAdmin(PolicyModelAdmin):
    """A list whose order can be changed by whoever may change policies."""

    # All of them on one page: an order is seen as a whole.
    list_per_page = 1_000

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the buttons for whoever may only look."""
        columns = super().get_list_display(request)
        return (
            columns if self.has_change_permission(request) else [each for each in columns if each != "place"]
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Tell the page whether its reader may change the order."""
        context = {"may_order": self.has_change_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.display(description=_("order"))
    def place(self, policy: Policy) -> str:
        """Return the handle and the buttons that move the policy; they belong to the form around the list."""
        name = in_active_language(Text(policy.name_ja, policy.name_en))
        handle = format_html(
            '<span class="drag-handle" data-needs-script hidden aria-hidden="true" data-pk="{}" data-name="{}" title="{}">'
            "⠿</span>",
            policy.pk,
            name,
            gettext("Drag to another place"),
        )
        return format_html(
            '<div class="policy-place">{}{}{}</div>', handle, *map(str, _buttons(policy, name))
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that change the order."""
        guarded = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/move/<str:direction>/",
                guarded(require_POST(self.move_view)),
                name="policies_policy_move",
            ),
            path("order/", guarded(require_POST(self.order_view)), name="policies_policy_order"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, pk: int, direction: str) -> HttpResponse:
        """Move a policy up or down."""
        policy = get_object_or_404(Policy, pk=pk)
        if not self.has_change_permission(request, policy):
            raise PermissionDenied
        if move(policy, -1 if direction == "up" else 1, actor_of(request)):
            _tell_place(request, policy)
        else:
            messages.info(request, gettext("This policy is already at the end of the list."))
        return _back(pk, direction)

    def order_view(self, request: HttpRequest) -> HttpResponse:
        """Set the whole order, if the list is still the one that the page showed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        seen, wanted = (_numbers(request.POST.get(name, "")) for name in ("seen", "order"))
        moved = Policy.objects.filter(pk__in=_numbers(request.POST.get("moved", ""))[:1]).first()
        try:
            changed = reorder(seen, wanted, actor_of(request))
        except StaleOrderError:
            text = gettext(
                "The list of policies has been changed meanwhile, so the order was left alone. This is how it is now."
            )
            messages.error(request, text)
            return HttpResponseRedirect(reverse(LIST))
        if moved is None:
            return HttpResponseRedirect(reverse(LIST))
        if changed:
            _tell_place(request, moved)
        return _back(moved.pk, "up")


def actor_of(request: HttpRequest) -> Actor:
    """Return whoever works in the administration, for the record."""
    return Actor(address=get_user(request).get_username(), channel="admin")


def _buttons(policy: Policy, name: str) -> list[str]:
    return [
        format_html(
            '<button type="submit" class="button" id="{}" formmethod="post" formaction="{}" aria-label="{}: {}">{}</button>',
            _button_id(policy.pk, direction),
            reverse("admin:policies_policy_move", args=(policy.pk, direction)),
            label,
            name,
            label,
        )
        for direction, label in (("up", gettext("Up")), ("down", gettext("Down")))
    ]


def _button_id(pk: int, direction: str) -> str:
    return f"policy-{pk}-{'up' if direction == 'up' else 'down'}"


def _back(pk: int, direction: str) -> HttpResponse:
    """Return to the list, with the focus on the button that was pressed: it can be pressed again."""
    return HttpResponseRedirect(f"{reverse(LIST)}#{_button_id(pk, direction)}")


def _tell_place(request: HttpRequest, policy: Policy) -> None:
    order = [each.pk for each in in_order()]
    text = gettext("“%(name)s” is now number %(place)d of %(all)d.") % {
        "name": in_active_language(Text(policy.name_ja, policy.name_en)),
        "place": order.index(policy.pk) + 1,
        "all": len(order),
    }
    messages.success(request, text)


def _numbers(text: str) -> list[int]:
    """Return the numbers in a list such as 3,1,2; nothing where it is no such list."""
    parts = [part for part in text.split(",") if part]
    return [int(part) for part in parts] if all(part.isdecimal() and len(part) < 16 for part in parts) else []
