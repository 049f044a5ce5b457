"""Forms of a policy's parts: each asks for what its kind takes and for nothing else, and is checked by its kind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _

from mailhold.directory.models import Department
from policies.actions.kind import ActionKind
from policies.actions.registry import ACTION_KINDS, action_kind
from policies.conditions.kind import ConditionKind
from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.durations import format_duration, parse_duration
from policies.file_reading import flaws_together
from policies.languages import in_active_language, localized
from policies.models import Calendar, Policy, PolicyAction, PolicyCondition, RecipientList
from policies.parameters import LONGEST_SECONDS, NAMED, Flaw, NumberParameter
from policies.rows import action_of, values_of
from policies.spec import Action, Condition
from policies.verdict import Approvers, LinkLevel, Text
from policies.widgets import CheckedLines

if TYPE_CHECKING:
    ConditionModelForm = forms.ModelForm[PolicyCondition]
    ActionModelForm = forms.ModelForm[PolicyAction]
    PartFormBase = forms.ModelForm[Any]
    PartFormSetBase = forms.BaseInlineFormSet[Any, Policy, Any]
else:
    PartFormBase = forms.ModelForm
    PartFormSetBase = forms.BaseInlineFormSet

# The button by which a page without scripts asks for the fields of the kinds just chosen, and for the sentence.
PREVIEW = "_preview"
# The button by which a policy that is not saved yet is tried with a message.
TRY = "_try"


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


class PartForm(PartFormBase):
    """A part of a policy: its kind, and the fields that this kind takes.

    The page says in `…-shown` for which kind it showed the fields. Where a preview finds another kind chosen since, the
    form begins anew with what that kind suggests, and complains of nothing yet.
    """

    kinds: ClassVar[Sequence[Any]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fresh = False
        if "kind" not in self.fields:  # whoever may only look gets texts instead of fields
            return
        code = str(self["kind"].value() or "")
        if self.is_bound and PREVIEW in self.data and code != self.data.get(self.add_prefix("shown"), code):
            self.fresh = True
            self.data = self._begun_anew(code)
        self.fit(code)

    def fit(self, code: str) -> None:
        """Keep the fields that the kind `code` takes, and name them as it does."""
        raise NotImplementedError

    def suggestions(self, code: str) -> dict[str, Any]:
        """Return what the fields of the kind `code` begin with."""
        raise NotImplementedError

    @property
    def kind_code(self) -> str:
        """Return the kind for which the form has its fields."""
        return str(self["kind"].value() or "")

    @property
    def kind_help(self) -> Any:
        """Return what the kind means; nothing where none is chosen."""
        kind = self.kind_named(self.kind_code)
        return localized(kind.help) if kind else ""

    def kind_named(self, code: str) -> Any:
        """Return the kind with the code, or None."""
        return next((each for each in self.kinds if each.code == code), None)

    @property
    def kind_field(self) -> BoundField:
        """Return the field that chooses the kind."""
        return self["kind"]

    @property
    def more_fields(self) -> list[BoundField]:
        """Return what is to be filled in for the kind, in order."""
        apart = {"kind", "DELETE", "id", "policy"}
        return [bound for bound in self if bound.name not in apart and not bound.is_hidden]

    def keep(self, names: Iterable[str]) -> None:
        """Drop the fields of parameters that are none of `names`, and let them have their first values when saved."""
        dropped = self._parameters() - set(names)
        for name in dropped & self.fields.keys():
            del self.fields[name]
        self._dropped = dropped

    def _parameters(self) -> set[str]:
        model = self._meta.model._meta  # noqa: SLF001
        apart = {"id", "policy", "kind", "is_exception"}
        return {each.name for each in (*model.concrete_fields, *model.many_to_many)} - apart

    def _begun_anew(self, code: str) -> Any:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        taken = {self.add_prefix(name) for name in self._parameters()}
        for name in [
            name for name in data if any(name == each or name.startswith(f"{each}-") for each in taken)
        ]:
            del data[name]
        for name, value in self.suggestions(code).items():
            field = self.fields[name]
            data[self.add_prefix(name)] = field.prepare_value(value)
        return data

    def clean(self) -> dict[str, Any] | None:
        """Give first values to what the kind does not take."""
        cleaned = super().clean() or self.cleaned_data
        model = self._meta.model._meta  # noqa: SLF001
        for name in getattr(self, "_dropped", ()):
            if model.get_field(name).many_to_many:
                cleaned[name] = []
            else:
                setattr(self.instance, name, model.get_field(name).get_default())
        return cleaned

    def full_clean(self) -> None:
        """Complain of nothing where the fields are shown for the first time."""
        super().full_clean()
        if self.fresh:
            self._errors = ErrorDict()


class ConditionForm(PartForm):
    """A condition or an exception."""

    kinds = CONDITION_KINDS
    choice = forms.ChoiceField(label=_("choice"))

    class Meta:
        model = PolicyCondition
        fields = ("kind", "values", "number", "choice")
        widgets = {"values": forms.Textarea(attrs={"rows": 3, "cols": 40})}

    def fit(self, code: str) -> None:
        """Ask for the choice, the number and the values of the kind, in its words."""
        kind: ConditionKind | None = self.kind_named(code)
        self.keep(_taken(kind) if kind else ())
        if kind is None:
            return
        if kind.values is not None:
            self._fit_values(kind)
        if kind.number is not None:
            self._fit_number(kind.number)
        if kind.choices:
            self.fields["choice"] = self._choice_of(kind)

    def _choice_of(self, kind: ConditionKind) -> forms.ChoiceField:
        known = {each.code: localized(each.label) for each in kind.choices}
        given = (
            self.data.get(self.add_prefix("choice"))
            if self.is_bound
            else self.get_initial_for_field(self.fields["choice"], "choice")
        )
        blank = {} if given in known else {"": "---------"}
        return forms.ChoiceField(choices=[*(blank | known).items()], label=localized(kind.question))

    def _fit_values(self, kind: ConditionKind) -> None:
        field, asked = self.fields["values"], kind.values
        assert asked is not None  # noqa: S101 - the caller looked
        field.label, field.help_text = localized(asked.label), localized(asked.help)
        field.required = not asked.optional
        options: list[tuple[str, Any]] = [(each.code, localized(each.label)) for each in kind.options]
        if kind.names:
            options = [(name, name) for name in sorted(_NAMES[kind.names]())]
            field.help_text = "" if options else _none_yet(kind.names)
        if options or kind.names:
            field.widget = CheckedLines(options, counted=kind.counted)
            field.error_messages["required"] = gettext("Tick at least one.")
        if kind.counted:
            field.help_text = gettext(
                "What you tick is counted together. Only where a type shall be counted alone, give it a number here."
            )

    def _fit_number(self, asked: NumberParameter) -> None:
        number = forms.IntegerField(
            min_value=asked.least,
            max_value=asked.most,
            label=localized(Text("数", asked.label.en)),
            help_text=localized(asked.help),
            widget=forms.NumberInput(attrs={"class": "vIntegerField", "inputmode": "numeric"}),
        )
        # Japanese puts the word behind the number: 10 件以上.
        number.after = localized(Text(asked.label.ja, ""))  # type: ignore[attr-defined]
        self.fields["number"] = number

    def suggestions(self, code: str) -> dict[str, Any]:
        """Return the number and the choice with which the kind begins."""
        kind: ConditionKind | None = self.kind_named(code)
        found: dict[str, Any] = {}
        if kind and kind.number:
            found["number"] = kind.number.suggested
        if kind and kind.choices:
            found["choice"] = kind.suggested or kind.choices[0].code
        return found

    def clean(self) -> dict[str, Any] | None:
        """Let the kind judge its parameters."""
        cleaned = super().clean() or self.cleaned_data
        condition = self.part()
        if condition is not None and not self.errors and not self.fresh:
            flaws = condition_kind(condition.kind).flaws(condition)
            _show(self, flaws or _unknown_names(condition))
            if "values" in cleaned:
                cleaned["values"] = "\n".join(condition.values)
        return cleaned

    def part(self) -> Condition | None:
        """Return what was filled in, or None where there is no kind yet."""
        filled = self.cleaned_data
        if not filled.get("kind"):
            return None
        return Condition(
            kind=filled["kind"],
            values=values_of(filled.get("values") or ""),
            number=filled.get("number"),
            choice=filled.get("choice") or "",
        )


def _taken(kind: ConditionKind) -> Iterator[str]:
    if kind.values is not None:
        yield "values"
    if kind.number is not None:
        yield "number"
    if kind.choices:
        yield "choice"


def _none_yet(what: str) -> Any:
    label = in_active_language(NAMED[what])
    if what not in _PAGES:
        return ""
    text = gettext("There is no %(what)s yet.") % {"what": label}
    return format_html('{} <a href="{}">{}</a>', text, reverse(_PAGES[what]), gettext("Add one"))


_PAGES = {
    "list": "admin:policies_recipientlist_add",
    "calendar": "admin:policies_calendar_add",
    "department": "admin:directory_department_add",
}
_NAMES: dict[str, Callable[[], set[str]]] = {
    "list": lambda: set(RecipientList.objects.values_list("name", flat=True)),
    "calendar": lambda: set(Calendar.objects.values_list("name", flat=True)),
    "department": lambda: set(Department.objects.values_list("name", flat=True)),
}


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


class PartFormSet(PartFormSetBase):
    """The parts of one policy; a preview without scripts offers one more where all are in use."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        prefix = kwargs.get("prefix") or self.get_default_prefix()
        if data is not None and PREVIEW in data:
            data = _with_an_empty_one(data, prefix)
        super().__init__(data, *args, **kwargs)

    def kept(self) -> list[Any]:
        """Return the forms that hold something and are not to be deleted; all of them have been checked."""
        self.full_clean()
        return [form for form in self.forms if self._holds_something(form)]

    def _holds_something(self, form: Any) -> bool:
        deleted = self.can_delete and getattr(form, "cleaned_data", {}).get("DELETE")
        return not deleted and bool(form.has_changed() or form.instance.pk)


def _with_an_empty_one(data: Any, prefix: str) -> Any:
    total = str(data.get(f"{prefix}-TOTAL_FORMS", ""))
    if not total.isdecimal() or not data.get(f"{prefix}-{int(total) - 1}-kind"):
        return data
    data = data.copy()
    data[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 1)
    return data


class ConditionFormSet(PartFormSet):
    """Conditions that must all be so."""

    @classmethod
    def get_default_prefix(cls) -> str:
        """Name the fields after what they are."""
        return "conditions"


class ExceptionFormSet(PartFormSet):
    """Conditions that are exceptions."""

    @classmethod
    def get_default_prefix(cls) -> str:
        """Keep them apart from the conditions."""
        return "exceptions"

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Mark a new one as an exception."""
        form.instance.is_exception = True
        return super().save_new(form, commit=commit)


_FIELDS_OF = {"ids": ("persons",), "text": ("text_ja", "text_en")}
# What must be filled in where it is asked for, and what else a field left empty means.
_NEEDED = frozenset({"approvers", "points", "header", "address", "tag"})
_FIRST = {"needed": 1, "link_level": LinkLevel.L0.value}


class ActionForm(PartForm):
    """An action."""

    kinds = ACTION_KINDS
    field_order = (
        "kind",
        "seconds",
        "sender_may_send_now",
        "approvers",
        "persons",
        "department",
        "needed",
        "deadline_seconds",
        "link_level",
        "allow_self",
    )
    seconds = DurationField(label=_("how long"), help_text=_("A time such as 30s, 5m or 1h30m."))
    deadline_seconds = DurationField(label=_("deadline"), help_text=_("A time such as 24h or 3d."))

    class Meta:
        model = PolicyAction
        exclude = ("policy",)
        widgets = {
            "text_ja": forms.Textarea(attrs={"rows": 2}),
            "text_en": forms.Textarea(attrs={"rows": 2}),
        }

    def fit(self, code: str) -> None:
        """Ask for what the kind takes."""
        kind: ActionKind | None = self.kind_named(code)
        self.keep(_fields_of(kind) if kind else ())
        if kind is None:
            return
        for name in _NEEDED & self.fields.keys():
            self.fields[name].required = True
        for name in _FIRST.keys() & self.fields.keys():
            self.fields[name].required = False
        if "approvers" not in kind.takes and "persons" in self.fields:
            self.fields["persons"].label = _("people who are told")
            self.fields["persons"].required = True

    def suggestions(self, code: str) -> dict[str, Any]:
        """Return what the kind suggests, and the first values of the rest."""
        kind: ActionKind | None = self.kind_named(code)
        if kind is None:
            return {}
        begun = {name: value for name, value in _FIRST.items() if name in kind.takes}
        return begun | {name: getattr(value, "value", value) for name, value in kind.suggested.items()}

    def clean(self) -> dict[str, Any] | None:
        """Leave out what another answer would ask for, and let the kind judge the rest."""
        cleaned = super().clean() or self.cleaned_data
        for name in _FIRST.keys() & self.fields.keys() - self.errors.keys():
            cleaned[name] = cleaned.get(name) or _FIRST[name]
        self._leave_out_unasked(cleaned)
        action = None if self.errors or self.fresh else self.part()
        if action is not None:
            _show(self, action_kind(action.kind).flaws(action))
        return cleaned

    def _leave_out_unasked(self, cleaned: dict[str, Any]) -> None:
        """Empty the fields that the page hides for the chosen way to approve."""
        if "approvers" not in self.fields or "approvers" in self.errors:
            return
        if cleaned.get("approvers") != Approvers.PERSONS.value:
            cleaned["persons"] = []
        if cleaned.get("approvers") != Approvers.DEPARTMENT.value:
            cleaned["department"] = None
        if cleaned.get("approvers") == Approvers.MANAGER.value and "needed" in cleaned:
            cleaned["needed"] = 1

    def part(self) -> Action | None:
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


def _fields_of(kind: ActionKind) -> Iterator[str]:
    for name in kind.takes:
        yield from _FIELDS_OF.get(name, (name,))
    if "approvers" in kind.takes:
        yield "department"


class ActionFormSet(PartFormSet):
    """The actions of one policy."""

    def clean(self) -> None:
        """Refuse actions that cannot stand beside each other."""
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.is_valid()]
        actions = [action for form in kept if (action := form.part()) is not None]
        for flaw in flaws_together(actions):
            raise ValidationError(in_active_language(flaw.text))


_FORM_FIELDS = {"ids": "approvers", "text": "text_ja"}


def _show(form: PartForm, flaws: Iterable[Flaw]) -> None:
    for flaw in flaws:
        name = _FORM_FIELDS.get(flaw.parameter, flaw.parameter)
        form.add_error(name if name in form.fields else None, in_active_language(flaw.text))
