"""The administration pages about people."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy as _

from mailhold.directory import api_keys, csv_upload, flows
from mailhold.directory.forms import AddressForm, DepartmentForm, NewPersonForm, PersonForm
from mailhold.directory.models import Address, ApiKey, ApplicationPassword, Department, OwnDomain, Person


class AddressInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    """Further addresses of a person."""

    model = Address
    form = AddressForm
    extra = 0


class ApplicationPasswordInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    """Application passwords of a person: to be seen and revoked, made by the person or by command."""

    model = ApplicationPassword
    fields = readonly_fields = ("label", "created_at", "used_at")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the person, or a command, makes one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is nothing to change."""
        return False


@admin.register(Person)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """People, and their import from a CSV file."""

    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    list_display = ("email", "name", "department", "manager", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "language", "department")
    list_select_related = ("department", "manager")
    search_fields = ("email", "name", "further_addresses__address")
    ordering = ("email",)
    autocomplete_fields = ("department", "manager", "groups")
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    inlines = (AddressInline, ApplicationPasswordInline)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Organisation"), {"fields": ("department", "manager", "joined_on")}),
        (_("Pages and mail"), {"fields": ("language", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "name", "department", "manager", "language", "is_staff"),
                "description": _(
                    "The new person chooses a password with “Forgotten password” on the sign-in page."
                ),
            },
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the import page."""
        page = self.admin_site.admin_view(self.import_page)
        return [path("import/", page, name="directory_person_import"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Only who has all rights may give rights."""
        readonly = tuple(super().get_readonly_fields(request, obj))
        return readonly if _has_all_rights(request) else (*readonly, "is_staff", "is_superuser", "groups")

    def has_change_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        """Nobody gains all rights through the account of somebody who has them."""
        beyond = obj is not None and obj.is_superuser and not _has_all_rights(request)
        return super().has_change_permission(request, obj) and not beyond

    def save_model(self, request: HttpRequest, obj: Person, form: Form, change: bool) -> None:
        """Save; an address that was given up opens the account no more."""
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            flows.forget_former_addresses(obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the import to those who may."""
        return super().changelist_view(
            request, {**(extra_context or {}), "may_import": self._may_import(request)}
        )

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Check an uploaded file and show what it changes, then import it."""
        if not self._may_import(request):
            raise PermissionDenied
        step = csv_upload.take_step(request)
        if step.done:
            self.message_user(request, step.counts, messages.SUCCESS)
            return csv_upload.to_list()
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Import people from CSV"),
            "problems": step.problems,
            "counts": step.counts,
            "upload_form": step.upload_form,
            "confirm_form": step.confirm_form,
        }
        status = 422 if step.problems or step.upload_form.errors else 200
        return TemplateResponse(request, "admin/directory/person/import.html", shown, status=status)

    def _may_import(self, request: HttpRequest) -> bool:
        # A file can deactivate anybody and take over addresses.
        return _has_all_rights(request)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Departments."""

    form = DepartmentForm
    list_display = ("name", "parent")
    list_select_related = ("parent",)
    search_fields = ("name",)
    autocomplete_fields = ("parent",)


@admin.register(OwnDomain)
class OwnDomainAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Own domains beside those of MAILHOLD_DOMAINS."""

    search_fields = ("name",)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Bearer keys: made here or by command, shown once, revoked by deleting."""

    list_display = ("label", "person", "created_at", "used_at")
    list_select_related = ("person",)
    fields = ("person", "label")
    autocomplete_fields = ("person",)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key is revoked, never changed."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key acts as any person, so only who has all rights makes one."""
        return super().has_add_permission(request) and _has_all_rights(request)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Form, change: bool) -> None:
        """Make the key and show it, the only time."""
        key, obj.key_hash = api_keys.new_key()
        super().save_model(request, obj, form, change)
        self.message_user(
            request, gettext("The new key. It is shown only now: %(key)s") % {"key": key}, messages.WARNING
        )


def _has_all_rights(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser
