"""People: who sends, who approves, and which domains are our own."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def fold_address(address: str) -> str:
    """Return `address` in the form in which addresses are compared: no outer space, lower case."""
    return address.strip().lower()


class Department(models.Model):
    """A department, possibly below another one."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent department"),
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class OwnDomain(models.Model):
    """A mail domain of the organisation, beside those in MAILHOLD_DOMAINS: its recipients are internal."""

    name = models.CharField(_("domain"), max_length=253, unique=True)

    class Meta:
        verbose_name = _("own domain")
        verbose_name_plural = _("own domains")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Makes persons; Django and allauth ask for these names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Return a new person; without a password nobody can sign in as that person until one is set."""
        person = self.model(email=fold_address(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Return a new administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """A person of the organisation, who is also the account that signs in."""

    class Language(models.TextChoices):
        """Languages of pages and mail."""

        JAPANESE = "ja", "日本語"
        ENGLISH = "en", "English"

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    department = models.ForeignKey(
        Department,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("department"),
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("manager")
    )
    language = models.CharField(
        _("language"), max_length=2, choices=Language.choices, default=Language.JAPANESE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Somebody who left: cannot sign in, send, or be asked to approve."),
    )
    is_staff = models.BooleanField(
        _("administrator"), default=False, help_text=_("May open the administration pages.")
    )
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("email",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("pk")),
                name="person_is_not_own_manager",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address in the form in which addresses are compared."""
        self.email = fold_address(self.email)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Return what pages and mail call this person."""
        return str(self)

    def addresses(self) -> frozenset[str]:
        """Return every address of this person, folded: the main one and the further ones."""
        return frozenset({self.email, *(further.address for further in self.further_addresses.all())})


class Address(models.Model):
    """A further address (alias) of a person: mail from it is that person's mail."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="further_addresses", verbose_name=_("person")
    )
    address = models.EmailField(_("address"), max_length=254, unique=True)

    class Meta:
        verbose_name = _("further address")
        verbose_name_plural = _("further addresses")

    def __str__(self) -> str:
        return self.address

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address in the form in which addresses are compared."""
        self.address = fold_address(self.address)
        super().save(*args, **kwargs)


class ApplicationPassword(models.Model):
    """A password for a mail program, beside the one for the pages; only its hash is kept."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="application_passwords", verbose_name=_("person")
    )
    label = models.CharField(
        _("label"), max_length=100, help_text=_("Where it is used, such as “Thunderbird, office”.")
    )
    password_hash = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    class Meta:
        verbose_name = _("application password")
        verbose_name_plural = _("application passwords")

    def __str__(self) -> str:
        return self.label


class ApiKey(models.Model):
    """A bearer key for the HTTP API, acting as its person; only the SHA-256 of it is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="api_keys", verbose_name=_("person"))
    label = models.CharField(_("label"), max_length=100)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.label


class SetupLink(models.Model):
    """A one-time link with which the first administrator is made; only the SHA-256 of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
