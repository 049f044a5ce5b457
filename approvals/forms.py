"""Forms of the hold queue."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.flows.edit import Change
from approvals.reading import ShownMail


class EditForm(forms.Form):
    """Change a held mail: recipients, subject, text, attachments."""

    keep_recipients = forms.MultipleChoiceField(
        label=_("Recipients"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Take the tick away from those who shall not get it."),
    )
    add_recipients = forms.CharField(
        label=_("Further recipients"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("One address in each line."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=500, required=False)
    body = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}), required=False, strip=False
    )
    keep_attachments = forms.MultipleChoiceField(
        label=_("Attachments"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Take the tick away from those that shall not be sent."),
    )
    revision = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, mail: ShownMail, *args: Any, **kwargs: Any) -> None:
        self.mail = mail
        recipients = [(str(r.id), r.address) for r in mail.recipients if r.status == "waiting"]
        attachments = [(str(a.index), a.name) for a in mail.attachments]
        kwargs["initial"] = {
            "keep_recipients": [key for key, _address in recipients],
            "subject": mail.subject,
            "body": mail.body,
            "keep_attachments": [key for key, _name in attachments],
            "revision": mail.hold.revision_id,
        }
        super().__init__(*args, **kwargs)
        self._choices("keep_recipients", recipients)
        self._choices("keep_attachments", attachments)
        if not attachments:
            del self.fields["keep_attachments"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices

    def change(self) -> Change:
        """Return what is different from the mail as it was shown."""
        given = self.cleaned_data
        subject, body = given["subject"], _lines(given["body"])
        return Change(
            subject=subject if subject != self.mail.subject else None,
            body=body if body != _lines(self.mail.body) else None,
            drop_attachments=frozenset(
                a.index
                for a in self.mail.attachments
                if str(a.index) not in given.get("keep_attachments", [])
            ),
            remove_recipients=frozenset(
                r.id
                for r in self.mail.recipients
                if r.status == "waiting" and str(r.id) not in given["keep_recipients"]
            ),
            add_recipients=tuple(word for word in re.split(r"[\s,;]+", given["add_recipients"]) if word),
        )


def _lines(text: str) -> str:
    """Return `text` with the line ends of the form, so that only real changes count."""
    return "\n".join(text.splitlines()).rstrip()
