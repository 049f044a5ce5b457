"""`mailhold init`: prepares an installation by command, as the set-up pages do by mouse."""

import getpass
import sys
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from mailhold import env, startup
from mailhold.directory.exceptions import DirectoryError
from mailhold.directory.models import OwnDomain, Person
from mailhold.directory.setup import create_setup_link, use_setup_link


@dataclass(frozen=True)
class Administrator:
    """The first administrator, as given; an empty address means that a link is wanted instead."""

    address: str
    name: str
    password: str
    language: str


class Command(BaseCommand):
    """Makes tables, first policies, own domains, and the first administrator or a link to become one."""

    help = (
        "Prepares the database and the first administrator. Asks only on a terminal, and only for what neither options "
        "nor MAILHOLD_ADMIN_ADDRESS, MAILHOLD_ADMIN_NAME and MAILHOLD_ADMIN_PASSWORD give. May be run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take everything that could be asked for."""
        parser.add_argument("--admin-address", default=env.text("MAILHOLD_ADMIN_ADDRESS"), metavar="ADDRESS")
        parser.add_argument("--admin-name", default=env.text("MAILHOLD_ADMIN_NAME"), metavar="NAME")
        parser.add_argument(
            "--admin-password-stdin", action="store_true", help="Read the password from standard input."
        )
        parser.add_argument(
            "--language", choices=("ja", "en"), default=settings.LANGUAGE_CODE, help="The administrator's."
        )
        parser.add_argument(
            "--domain",
            action="append",
            default=[],
            metavar="DOMAIN",
            help="An own domain beside MAILHOLD_DOMAINS; repeatable.",
        )
        parser.add_argument(
            "--demo", action="store_true", default=settings.DEMO, help="Fill in demo people and mail."
        )
        parser.add_argument("--no-input", action="store_true", help="Never ask, also on a terminal.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then make the administrator or say where to become one."""
        startup.prepare(self.stdout.write)
        for domain in options["domain"]:
            OwnDomain.objects.get_or_create(name=domain.strip().lower())
        if options["demo"]:
            startup.run_steps(settings.DEMO_STEPS)
        if Person.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write("There is an administrator already; nothing to do.")
            return
        self._first_administrator(self._administrator(options))

    def _administrator(self, options: dict[str, Any]) -> Administrator:
        address, name = options["admin_address"], options["admin_name"]
        password = (
            sys.stdin.readline().rstrip("\r\n")
            if options["admin_password_stdin"]
            else env.text("MAILHOLD_ADMIN_PASSWORD")
        )
        if sys.stdin.isatty() and not options["no_input"]:
            address = (
                address
                or input("Address of the first administrator (empty: print a set-up link instead): ").strip()
            )
            if address:
                name = name or input("Name: ").strip()
                password = password or ask_for_password()
        return Administrator(address, name, password, options["language"])

    def _first_administrator(self, given: Administrator) -> None:
        if not (given.address and given.password):
            self.stdout.write(f"Make the first administrator here (works once): {startup.setup_address()}")
            return
        check(given)
        now = timezone.now()
        try:
            use_setup_link(
                create_setup_link(now),
                now=now,
                address=given.address,
                name=given.name,
                password=given.password,
                language=given.language,
            )
        except DirectoryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{given.address} is the administrator. Sign in at {settings.BASE_URL}/accounts/login/"
        )


def check(given: Administrator) -> None:
    """Raise CommandError where the address is none or the password too weak."""
    try:
        validate_email(given.address)
        validate_password(given.password, Person(email=given.address, name=given.name))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def ask_for_password() -> str:
    """Return a password that was typed the same way twice."""
    while True:
        password = getpass.getpass("Password: ")
        if password == getpass.getpass("Once more: "):
            return password
        sys.stderr.write("The two are not the same.\n")
