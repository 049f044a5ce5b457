"""What people and administrators do to their entries; pages call these, one flow a request."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from mailhold.directory.models import ApplicationPassword, Person


def change_profile(person: Person, *, language: str, time_zone: str) -> None:
    """Keep the language and the time zone in which `person` sees pages and mail."""
    Person.objects.filter(pk=person.pk).update(language=language, time_zone=time_zone)


def change_language(person: Person, language: str) -> None:
    """Keep the language in which `person` sees pages and mail."""
    Person.objects.filter(pk=person.pk).update(language=language)


def revoke_application_password(person: Person, pk: int) -> bool:
    """Make one of the person's own application passwords useless at once; False where there is none such (any more)."""
    deleted, _rows = ApplicationPassword.objects.filter(person=person, pk=pk).delete()
    return bool(deleted)


def forget_former_addresses(person: Person) -> None:
    """Take from the account every address but the person's main one.

    allauth remembers with which address somebody signed in; once that address is another person's, it must not open
    this account any more.
    """
    EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()


def sign_in(request: HttpRequest, person: Person) -> None:
    """Sign `person` in without a password, after a proof that was as good."""
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
