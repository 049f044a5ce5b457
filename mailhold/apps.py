"""The Django app `mailhold`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailholdConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold"
    label = "mailhold"
    verbose_name = _("Mailhold")
