"""The Django app `approvals`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "approvals"
    label = "approvals"
    verbose_name = _("Approvals")
