"""The Django app `gateway`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """Names the app; its parts are in the modules beside this one."""

    name = "mailhold.gateway"
    label = "gateway"
    verbose_name = _("SMTP gateway")
