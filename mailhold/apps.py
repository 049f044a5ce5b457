"""The Django app `mailhold`."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from mailhold import checks


class MailholdConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold"
    label = "mailhold"
    verbose_name = _("Mailhold")

    def ready(self) -> None:
        """Have the settings looked at before a command starts."""
        for check in checks.ALL:
            register(check)
