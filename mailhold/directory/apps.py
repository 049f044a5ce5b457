"""The Django app `directory`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold.directory"
    label = "directory"
    verbose_name = _("People")
