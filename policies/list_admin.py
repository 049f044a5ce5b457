"""Lists of recipients and calendars in the administration; what a policy names stays."""

import csv
import io
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from audit.record import Actor
from policies.conditions.registry import CONDITION_KINDS
from policies.file_reading import MOST_ENTRIES
from policies.languages import in_active_language
from policies.models import Calendar, PolicyCondition, PolicyRules, RecipientList
from policies.reference import WEEKDAYS, flaw_of_entry, parse_day
from policies.rows import values_of
from policies.versions import lock_policies, make_version

if TYPE_CHECKING:
    ListModelForm = forms.ModelForm[RecipientList]
    CalendarModelForm = forms.ModelForm[Calendar]
    RulesModelForm = forms.ModelForm[PolicyRules]
    NamedModelAdmin = admin.ModelAdmin[Any]
else:
    ListModelForm = CalendarModelForm = RulesModelForm = forms.ModelForm
    NamedModelAdmin = admin.ModelAdmin

LARGEST_IMPORT = 5 * 1024 * 1024


def users_of(what: str, name: str) -> list[str]:
    """Return the keys of the policies whose conditions name the list or calendar `name`, in order."""
    kinds = [kind.code for kind in CONDITION_KINDS if kind.names == what]
    rows = PolicyCondition.objects.filter(kind__in=kinds).select_related("policy")
    return sorted({row.policy.key for row in rows if name in values_of(row.values)})


def read_csv(content: bytes) -> tuple[str, ...]:
    """Return the entries in the first column of a CSV file in UTF-8 or Windows-31J; raise ValidationError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp932")
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is neither UTF-8 nor Shift_JIS text.")) from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise ValidationError(_("The file is not CSV.")) from error
    return tuple(row[0].strip() for row in rows if row and row[0].strip())


class RecipientListForm(ListModelForm):
    """A list, whose entries may come from a file too."""

    file = forms.FileField(
        required=False,
        label=_("CSV file"),
        help_text=_("Its first column is added to the entries. A first line that is no entry is a heading."),
    )
    entries = forms.CharField(
        required=False,
        label=_("entries"),
        widget=forms.Textarea(attrs={"rows": 15, "cols": 60}),
        help_text=_(
            "One per line: taro@partner.example, partner.example, or .partner.example for sub-domains too."
        ),
    )

    class Meta:
        model = RecipientList
        fields = ("name", "entries")

    def clean_name(self) -> str:
        """Keep the name of a list in use: policies know it by that."""
        return _kept_name("list", self.instance, self.cleaned_data["name"])

    def clean(self) -> dict[str, Any] | None:
        """Put the file's entries to the others, and check them all."""
        cleaned = super().clean() or self.cleaned_data
        entries = [*values_of(cleaned.get("entries") or ""), *self._imported(cleaned.get("file"))]
        found = list(dict.fromkeys(entries))
        if len(found) > MOST_ENTRIES:
            self.add_error("entries", _("At most %(most)d entries are allowed.") % {"most": MOST_ENTRIES})
        for flaw in [flaw for entry in found if (flaw := flaw_of_entry(entry))][:10]:
            self.add_error("entries", in_active_language(flaw))
        cleaned["entries"] = "\n".join(found)
        return cleaned

    def _imported(self, file: Any) -> tuple[str, ...]:
        if not file:
            return ()
        if file.size > LARGEST_IMPORT:
            self.add_error("file", _("The file is too large."))
            return ()
        try:
            found = read_csv(file.read())
        except ValidationError as error:
            self.add_error("file", error)
            return ()
        return found[1:] if found and flaw_of_entry(found[0]) else found


class CalendarForm(CalendarModelForm):
    """A calendar."""

    class Meta:
        model = Calendar
        exclude = ()

    def clean_name(self) -> str:
        """Keep the name of a calendar in use: policies know it by that."""
        return _kept_name("calendar", self.instance, self.cleaned_data["name"])

    def clean_time_zone(self) -> str:
        """Refuse a time zone that does not exist."""
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise ValidationError(_("There is no such time zone; write it like Asia/Tokyo."))
        return name

    def clean_closed_days(self) -> str:
        """Refuse what is no day, and bring the others in order."""
        days = [parse_day(line) for line in values_of(self.cleaned_data["closed_days"])]
        found = sorted({day for day in days if day is not None})
        if None in days:
            raise ValidationError(_("Write one day per line, such as 2026-12-29."))
        return "\n".join(day.isoformat() for day in found)

    def clean(self) -> dict[str, Any] | None:
        """Refuse a day that begins without ending, or ends before."""
        cleaned = super().clean() or self.cleaned_data
        for day in WEEKDAYS:
            opens, closes = cleaned.get(f"{day}_from"), cleaned.get(f"{day}_until")
            if (opens is None) is not (closes is None) or (opens and closes and opens >= closes):
                self.add_error(f"{day}_until", _("Give both times, the later one last, or none."))
        return cleaned


def _kept_name(what: str, row: RecipientList | Calendar, name: str) -> str:
    name = name.strip()
    before = "" if row.pk is None else type(row).objects.values_list("name", flat=True).get(pk=row.pk)
    users = users_of(what, before) if before and before != name else []
    if users:
        raise ValidationError(_("Policies know it by its name: %(keys)s.") % {"keys": ", ".join(users)})
    return name


class RulesForm(RulesModelForm):
    """The rules."""

    class Meta:
        model = PolicyRules
        exclude = ()

    def clean(self) -> dict[str, Any] | None:
        """Refuse bounds that do not rise."""
        cleaned = super().clean() or self.cleaned_data
        bounds = [cleaned.get(name) for name in ("wait", "check_points", "peer", "manager")]
        given = [bound for bound in bounds if bound is not None]
        if len(given) == len(bounds) and (given[0] < 1 or given != sorted(set(given))):
            self.add_error("manager", _("Each number of points must be higher than the one before."))
        return cleaned


class RulesAdmin(NamedModelAdmin):
    """The one row of rules."""

    form = RulesForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow the first one."""
        return super().has_add_permission(request) and not PolicyRules.objects.exists()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and make a version."""
        lock_policies()
        super().save_model(request, obj, form, change)
        _make_version(request, {"rules": ["changed"]})

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Go back to the rules of a new installation, and make a version."""
        lock_policies()
        super().delete_model(request, obj)
        _make_version(request, {"rules": ["removed"]})

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Go back to the rules of a new installation, and make a version."""
        lock_policies()
        super().delete_queryset(request, queryset)
        _make_version(request, {"rules": ["removed"]})


def _make_version(request: HttpRequest, details: dict[str, list[str]]) -> None:
    actor = Actor(address=get_user(request).get_username(), channel="admin")
    make_version(actor, at=timezone.now(), details=details)


class NamedAdmin(NamedModelAdmin):
    """What policies refer to by its name: every change makes a version, and nothing in use is deleted."""

    what = ""
    search_fields = ("name",)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and make a version."""
        lock_policies()
        super().save_model(request, obj, form, change)
        self._make_version(request, [obj.name])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep what a policy names."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not users_of(self.what, obj.name))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and make a version."""
        lock_policies()
        super().delete_model(request, obj)
        self._make_version(request, [obj.name])

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete those that no policy names, and make a version."""
        lock_policies()
        used = [row.pk for row in queryset if users_of(self.what, row.name)]
        if used:
            messages.warning(request, gettext("What policies name was kept."))
        rest = queryset.exclude(pk__in=used)
        names = sorted(rest.values_list("name", flat=True))
        super().delete_queryset(request, rest)
        self._make_version(request, names)

    def _make_version(self, request: HttpRequest, names: list[str]) -> None:
        _make_version(request, {f"{self.what}s": names})


class RecipientListAdmin(NamedAdmin):
    """Lists of recipients."""

    what = "list"
    form = RecipientListForm
    fields = ("name", "entries", "file")
    list_display = ("name", "size")

    @admin.display(description=_("number of entries"))
    def size(self, row: RecipientList) -> int:
        """Return how many entries there are."""
        return len(values_of(row.entries))


class CalendarAdmin(NamedAdmin):
    """Calendars."""

    what = "calendar"
    form = CalendarForm
    list_display = ("name", "default", "time_zone")
    fieldsets = (
        (None, {"fields": ("name", "default", "time_zone")}),
        (_("Office hours"), {"fields": tuple((f"{day}_from", f"{day}_until") for day in WEEKDAYS)}),
        (_("Closed days"), {"fields": ("holidays", "closed_days")}),
    )
