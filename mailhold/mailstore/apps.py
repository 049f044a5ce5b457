"""The Django app `mailstore`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailstoreConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold.mailstore"
    label = "mailstore"
    verbose_name = _("Messages")
