"""Failed logins, counted where all processes see them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoginFailure(models.Model):
    """How often a login failed lately, for one account or from one client address."""

    key = models.CharField(_("account or address"), max_length=340, unique=True)
    failures = models.PositiveIntegerField(_("failures"))
    window_started_at = models.DateTimeField(_("first failure at"), db_index=True)
    blocked_until = models.DateTimeField(_("blocked until"), null=True)

    class Meta:
        verbose_name = _("failed logins")
        verbose_name_plural = _("failed logins")

    def __str__(self) -> str:
        return self.key
