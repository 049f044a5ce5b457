"""The Django app `policies`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "policies"
    label = "policies"
    verbose_name = _("Policies")
