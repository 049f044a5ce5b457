"""Failed logins in the administration pages: to be looked at, and removed to unblock somebody."""

from django.contrib import admin
from django.http import HttpRequest

from mailhold.gateway.models import LoginFailure


@admin.register(LoginFailure)
class LoginFailureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Counts are made by the gateway alone."""

    list_display = ("key", "failures", "window_started_at", "blocked_until")
    search_fields = ("key",)
    ordering = ("-window_started_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a failure."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: LoginFailure | None = None) -> bool:
        """Nobody changes a count."""
        return False
