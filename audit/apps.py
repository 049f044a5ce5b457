"""The Django app `audit`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "audit"
    label = "audit"
    verbose_name = _("Record")
