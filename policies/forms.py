"""The form of a policy without its parts (those are in part_forms.py)."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy as _

from policies.keys import LONGEST_KEY
from policies.models import Policy
from policies.part_forms import PREVIEW, TRY

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[Policy]
else:
    PolicyModelForm = forms.ModelForm


class PolicyForm(PolicyModelForm):
    """A policy without its parts. One name is enough, and the key makes itself."""

    class Meta:
        model = Policy
        exclude = ()
        widgets = {"description": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"key", "name_ja", "name_en"} & self.fields.keys():
            self.fields[name].required = False
        for name in {"name_ja", "name_en"} & self.fields.keys():
            self.fields[name].help_text = _("One language is enough.")
        if "key" in self.fields:
            self.fields["key"].help_text = _(
                "A short lasting name by which policy files know it: small letters, digits and hyphens. "
                "Left empty, it is made of the name."
            )

    @property
    def is_preview(self) -> bool:
        """Tell whether nothing shall be saved: the page asks to be shown again, or to have its draft tried."""
        return PREVIEW in self.data or TRY in self.data

    def is_valid(self) -> bool:
        """Let nothing be saved by a preview."""
        return super().is_valid() and not self.is_preview

    def clean(self) -> dict[str, Any] | None:
        """Fill in what can be known, and refuse a scope that says two things, or nothing."""
        cleaned = super().clean() or self.cleaned_data
        if {"name_ja", "name_en"} <= self.fields.keys():
            self._complete_names(cleaned)
        if not self.errors and not cleaned.get("key"):
            cleaned["key"] = self.instance.key or _free_key(cleaned["name_en"])
        chosen = bool(cleaned.get("scope_people") or cleaned.get("scope_departments"))
        if cleaned.get("for_everyone") and chosen:
            self.add_error("for_everyone", _("Clear this, or choose no people and no departments."))
        if not cleaned.get("for_everyone") and not chosen and not self.errors:
            self.add_error("for_everyone", _("Choose people or departments below, or tick this."))
        return cleaned

    def _complete_names(self, cleaned: dict[str, Any]) -> None:
        """Use a name in one language for both."""
        japanese, english = cleaned.get("name_ja"), cleaned.get("name_en")
        if not {"name_ja", "name_en"} & self.errors.keys():
            cleaned["name_ja"], cleaned["name_en"] = japanese or english or "", english or japanese or ""
        if not japanese and not english and not self.errors and not self.is_preview:
            own = "name_ja" if (get_language() or "").startswith("ja") else "name_en"
            self.add_error(own, _("Give it a name."))


def _free_key(name: str) -> str:
    """Return a key made of `name` that no policy has; of Japanese alone nothing is left, then it is `policy`."""
    wanted = slugify(name)[: LONGEST_KEY - 6].replace("_", "-").strip("-") or "policy"
    while "--" in wanted:
        wanted = wanted.replace("--", "-")
    taken = set(Policy.objects.filter(key__startswith=wanted).values_list("key", flat=True))
    if wanted not in taken:
        return wanted
    return next(key for number in range(2, len(taken) + 3) if (key := f"{wanted}-{number}") not in taken)
