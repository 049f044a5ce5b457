"""`mailhold smtp`: the gateway wired to submit."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from approvals.flows.submit import submit
from mailhold.gateway.exceptions import WrongBindError, WrongCertificateError
from mailhold.gateway.server import run_gateway
from mailhold.heartbeats import beat


class Command(BaseCommand):
    """Runs until it is told to stop."""

    help = "Takes mail by SMTP; several may share one port."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the gateway; SIGTERM and SIGINT end it after the running transactions."""
        try:
            run_gateway(submit, binds=settings.SMTP_BIND, heartbeat=lambda: beat("smtp", timezone.now()))
        except (WrongBindError, WrongCertificateError) as error:
            raise CommandError(str(error)) from error
