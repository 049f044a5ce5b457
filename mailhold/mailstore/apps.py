"""The Django app `mailstore`."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from mailhold.mailstore import checks


class MailstoreConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold.mailstore"
    label = "mailstore"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Have the key ring looked at before a command starts."""
        register(checks.sealing_keys)
