"""Forms of the profile page, the set-up page and the administration pages."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mailhold.directory import zones
from mailhold.directory.exceptions import AddressTaken
from mailhold.directory.models import Address, Department, Person, fold_address
from mailhold.directory.people import person_by_address

# The checked file travels through the browser between "check" and "import"; Django takes 2.5 MB of form fields.
LARGEST_UPLOAD = 1_500_000


class ProfileForm(forms.Form):
    """How pages and mail look to a person."""

    language = forms.ChoiceField(label=_("Language"), choices=Person.Language.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones.choices)


class LanguageForm(forms.Form):
    """The language switch of every page."""

    language = forms.ChoiceField(choices=Person.Language.choices)
    next = forms.CharField(required=False)


class ApplicationPasswordForm(forms.Form):
    """One more password for a mail program."""

    label = forms.CharField(
        label=_("Label"), max_length=100, help_text=_("Where it is used, such as “Thunderbird, office”.")
    )


class SetupForm(forms.Form):
    """The first administrator."""

    address = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    password_again = forms.CharField(
        label=_("Password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Person.Language.choices)

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules, with the person's own words in view."""
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if not password:
            return cleaned
        person = Person(email=cleaned.get("address", ""), name=cleaned.get("name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
        if "password_again" in cleaned and cleaned["password_again"] != password:
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A person in the administration pages."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones.choices)

    class Meta:
        model = Person
        fields = "__all__"
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def clean_email(self) -> str:
        """Refuse an address that is another person's further one."""
        return _unclaimed(self.cleaned_data["email"], self.instance.pk)

    def clean_manager(self) -> Person | None:
        """Refuse a manager under whom the person would be their own superior."""
        manager: Person | None = self.cleaned_data["manager"]
        if manager is not None and _is_above(manager, self.instance.pk):
            raise ValidationError(_("The managers would go round in a circle."))
        return manager


class NewPersonForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new person in the administration pages; the password is set by the person with “forgotten password”."""

    class Meta:
        model = Person
        fields = ("email", "name", "department", "manager", "language", "is_staff")

    def clean_email(self) -> str:
        """Refuse an address that is another person's further one."""
        return _unclaimed(self.cleaned_data["email"], None)

    def save(self, commit: bool = True) -> Person:
        """Give the person a password that nobody can know."""
        self.instance.set_unusable_password()
        person: Person = super().save(commit)
        return person


class AddressForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A further address of a person."""

    class Meta:
        model = Address
        fields = ("address",)

    def clean_address(self) -> str:
        """Refuse an address that somebody has already."""
        address = fold_address(self.cleaned_data["address"])
        owner = person_by_address(address)
        if owner is not None and (owner.pk != self.instance.person_id or owner.email == address):
            raise ValidationError(AddressTaken.sentence)
        return address


class DepartmentForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A department."""

    class Meta:
        model = Department
        fields = ("name", "parent")

    def clean_parent(self) -> Department | None:
        """Refuse a parent that lies below the department itself."""
        parent: Department | None = self.cleaned_data["parent"]
        step, seen = parent, set[int]()
        while step is not None and step.pk not in seen:
            if step.pk == self.instance.pk:
                raise ValidationError(_("A department cannot lie below itself."))
            seen.add(step.pk)
            step = step.parent
        return parent


class UploadForm(forms.Form):
    """A CSV file of people."""

    file = forms.FileField(
        label=_("CSV file"), help_text=_("UTF-8 or Shift_JIS; its first line names the columns.")
    )
    deactivate_missing = forms.BooleanField(
        label=_("Deactivate people who are not in the file"),
        required=False,
        help_text=_("Administrators stay as they are."),
    )

    def clean_file(self) -> bytes:
        """Return the content."""
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST_UPLOAD:
            raise ValidationError(
                _("The file is too large for this page. Use the command “mailhold people import”.")
            )
        content: bytes = upload.read()
        return content


class ConfirmForm(forms.Form):
    """The same file once more, after its changes were shown."""

    content = forms.CharField(widget=forms.HiddenInput)
    deactivate_missing = forms.BooleanField(required=False, widget=forms.HiddenInput)


def _unclaimed(address: str, pk: int | None) -> str:
    owner = person_by_address(address)
    if owner is not None and owner.pk != pk:
        raise ValidationError(AddressTaken.sentence)
    return fold_address(address)


def _is_above(manager: Person, pk: int | None) -> bool:
    """Tell whether the person with `pk` is `manager` or one of the managers above."""
    seen: set[int] = set()
    step: Person | None = manager
    while step is not None and step.pk not in seen:
        if step.pk == pk:
            return True
        seen.add(step.pk)
        step = step.manager
    return False
