"""The Django app `mailhold`."""

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
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


class AdministrationConfig(AdminConfig):
    """Django's administration with the pages that are ours to give."""

    # Tasks run what they name, and addresses belong to the people of the directory: their libraries' pages are taken out.
    not_by_hand = ("django_q", "account")

    def ready(self) -> None:
        """Find the pages of all apps, and take out those that nobody may edit by hand.

        Here and not where addresses are given out: those are read late, perhaps while somebody walks through the pages.
        """
        super().ready()
        foreign = [model for label in self.not_by_hand for model in apps.get_app_config(label).get_models()]
        admin.site.unregister(filter(admin.site.is_registered, foreign))
