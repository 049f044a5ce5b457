"""Forms of the admin: a policy's parts, each checked by its kind."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mailhold.directory.models import Department
from policies.actions.registry import action_kind
from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.durations import format_duration, parse_duration
from policies.file_reading import flaws_together
from policies.languages import in_active_language, localized
from policies.models import Calendar, Policy, PolicyAction, PolicyCondition, RecipientList
from policies.parameters import LONGEST_SECONDS, NAMED, Flaw
from policies.rows import action_of, values_of
from policies.spec import Action, Condition
from policies.verdict import Text

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[Policy]
    ConditionModelForm = forms.ModelForm[PolicyCondition]
    ActionModelForm = forms.ModelForm[PolicyAction]
    ActionFormSetBase = forms.BaseInlineFormSet[PolicyAction, Policy, ActionModelForm]
    ConditionFormSetBase = forms.BaseInlineFormSet[PolicyCondition, Policy, ConditionModelForm]
else:
    PolicyModelForm = ConditionModelForm = ActionModelForm = forms.ModelForm
    ActionFormSetBase = ConditionFormSetBase = forms.BaseInlineFormSet


class DurationField(forms.Field):
    """A number of seconds, written as `30s`, `5m`, `24h` or `5分`."""

    default_error_messages = {"invalid": _("Write a time such as 30s, 5m, 24h or 7d, of at most 366 days.")}

    def prepare_value(self, value: Any) -> Any:
        """Show seconds the way people write them."""
        return format_duration(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return the seconds, or None where nothing was written."""
        text = str(value or "").strip()
        if not text:
            return None
        seconds = parse_duration(text)
        if seconds is None or not 1 <= seconds <= LONGEST_SECONDS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return seconds

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare durations, not the ways to write them."""
        return parse_duration(str(data or "")) != initial if data else initial is not None


class PolicyForm(PolicyModelForm):
    """A policy without its parts."""

    class Meta:
        model = Policy
        exclude = ()

    def clean(self) -> dict[str, Any] | None:
        """Refuse a scope that says two things, or nothing."""
        cleaned = super().clean() or self.cleaned_data
        chosen = bool(cleaned.get("scope_people") or cleaned.get("scope_departments"))
        if cleaned.get("for_everyone") and chosen:
            self.add_error("for_everyone", _("Clear this, or choose no people and no departments."))
        if not cleaned.get("for_everyone") and not chosen and not self.errors:
            self.add_error("for_everyone", _("Choose people or departments below, or tick this."))
        return cleaned


def _choices_by_kind() -> list[Any]:
    """Return the choices of all kinds, grouped under the kind that they belong to."""
    groups = [
        (localized(kind.label), [(choice.code, localized(choice.label)) for choice in kind.choices])
        for kind in CONDITION_KINDS
        if kind.choices
    ]
    return [("", "---------"), *groups]


class ConditionForm(ConditionModelForm):
    """A condition or an exception."""

    choice = forms.ChoiceField(choices=_choices_by_kind, required=False, label=_("choice"))

    class Meta:
        model = PolicyCondition
        fields = ("kind", "choice", "number", "values")
        widgets = {"values": forms.Textarea(attrs={"rows": 2, "cols": 30})}

    def clean(self) -> dict[str, Any] | None:
        """Let the kind judge its parameters."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") and not self.errors:
            condition = Condition(
                kind=cleaned["kind"],
                values=values_of(cleaned["values"]),
                number=cleaned["number"],
                choice=cleaned["choice"],
            )
            flaws = condition_kind(condition.kind).flaws(condition)
            _show(self, flaws or _unknown_names(condition))
            cleaned["values"] = "\n".join(condition.values)
        return cleaned


def _unknown_names(condition: Condition) -> list[Flaw]:
    """Return what is wrong with values that are the names of something."""
    what = condition_kind(condition.kind).names
    known = _NAMES[what]() if what else set()
    label = NAMED.get(what)
    return [
        Flaw(
            "values",
            Text(f"「{value}」という{label.ja}はありません。", f"There is no {label.en} “{value}”."),
        )
        for value in condition.values
        if label and value not in known
    ]


_NAMES: dict[str, Callable[[], set[str]]] = {
    "list": lambda: set(RecipientList.objects.values_list("name", flat=True)),
    "calendar": lambda: set(Calendar.objects.values_list("name", flat=True)),
    "department": lambda: set(Department.objects.values_list("name", flat=True)),
}


class ExceptionFormSet(ConditionFormSetBase):
    """Conditions that are exceptions."""

    def save_new(self, form: ConditionModelForm, commit: bool = True) -> PolicyCondition:
        """Mark a new one as an exception."""
        form.instance.is_exception = True
        return super().save_new(form, commit=commit)


class ActionForm(ActionModelForm):
    """An action."""

    seconds = DurationField(
        required=False, label=_("how long"), help_text=_("For “Wait”: a time such as 30s, 5m or 1h30m.")
    )
    deadline_seconds = DurationField(
        required=False,
        label=_("deadline"),
        help_text=_("For “Approval” and “Sender's own check”: a time such as 24h or 3d."),
    )

    class Meta:
        model = PolicyAction
        exclude = ("policy",)
        widgets = {
            "text_ja": forms.Textarea(attrs={"rows": 2}),
            "text_en": forms.Textarea(attrs={"rows": 2}),
        }

    def clean(self) -> dict[str, Any] | None:
        """Let the kind judge its parameters."""
        cleaned = super().clean() or self.cleaned_data
        action = None if self.errors else self.action()
        if action is not None:
            _show(self, action_kind(action.kind).flaws(action))
        return cleaned

    def action(self) -> Action | None:
        """Return what was filled in, or None where there is no kind yet."""
        filled = dict(self.cleaned_data)
        if not filled.get("kind"):
            return None
        persons = filled.pop("persons", None) or ()
        known = {each.name for each in PolicyAction._meta.concrete_fields}  # noqa: SLF001
        row = PolicyAction(
            **{name: value for name, value in filled.items() if name in known - {"id", "policy"}}
        )
        return action_of(row, [person.pk for person in persons])


class ActionFormSet(ActionFormSetBase):
    """The actions of one policy."""

    def clean(self) -> None:
        """Refuse actions that cannot stand beside each other."""
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.is_valid()]
        actions = [action for form in kept if (action := form.action()) is not None]  # type: ignore[attr-defined]
        for flaw in flaws_together(actions):
            raise ValidationError(in_active_language(flaw.text))


_FORM_FIELDS = {"ids": "approvers", "text": "text_ja"}


def _show(form: "forms.ModelForm[Any]", flaws: Iterable[Flaw]) -> None:
    for flaw in flaws:
        name = _FORM_FIELDS.get(flaw.parameter, flaw.parameter)
        form.add_error(name if name in form.fields else None, in_active_language(flaw.text))
