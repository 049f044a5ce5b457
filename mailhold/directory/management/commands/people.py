"""`mailhold people`: import a CSV file, list people, give a mail program its password."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.record import Actor
from mailhold.directory import application_passwords
from mailhold.directory.exceptions import DirectoryError, ImportRefused
from mailhold.directory.importing import import_people
from mailhold.directory.models import Person
from mailhold.directory.people import person_by_address
from mailhold.directory.texts import counts_sentence


class Command(BaseCommand):
    """Works on the directory from scripts."""

    help = "Import people from a CSV file, list them, or make a password for a mail program."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the three actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        importing = actions.add_parser(
            "import", help="Import a CSV file: all of it or nothing (docs/people.md)."
        )
        importing.add_argument("file", metavar="FILE.csv", type=Path)
        importing.add_argument("--check", action="store_true", help="Only say what would change.")
        importing.add_argument(
            "--deactivate-missing",
            action="store_true",
            help="Deactivate people who are not in the file; administrators stay.",
        )
        password = actions.add_parser("app-password", help="Print a new password for a mail program, once.")
        password.add_argument("address", metavar="ADDRESS")
        password.add_argument("--label", default="command line", help="Where it is used.")
        password.add_argument(
            "--stdin", action="store_true", help="Take the password from the first line of standard input."
        )
        actions.add_parser("list", help="List people: address, name, department, manager, active.")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Run one action."""
        {"import": self._import, "app-password": self._app_password, "list": self._list}[action](options)

    def _import(self, options: dict[str, Any]) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        try:
            counts = import_people(
                content,
                now=timezone.now(),
                actor=Actor(channel="command"),
                deactivate_missing=options["deactivate_missing"],
                check_only=options["check"],
            )
        except ImportRefused as refused:
            raise CommandError(f"{refused}\n" + _("Nothing was changed.")) from refused
        self.stdout.write(counts_sentence(counts))
        if options["check"]:
            self.stdout.write(_("This was a check: nothing was changed."))

    def _app_password(self, options: dict[str, Any]) -> None:
        person = person_by_address(options["address"])
        if person is None:
            raise CommandError(
                _("There is nobody with the address %(address)s.") % {"address": options["address"]}
            )
        given = sys.stdin.readline().rstrip("\r\n") if options["stdin"] else None
        try:
            password = application_passwords.create(person, options["label"], given)
        except DirectoryError as error:
            raise CommandError(str(error)) from error
        if given is None:
            self.stdout.write(password)
        elif len(given) < application_passwords.RECOMMENDED:
            self.stderr.write(_("This password is short: a generated one cannot be guessed."))

    def _list(self, options: dict[str, Any]) -> None:
        for person in Person.objects.select_related("department", "manager"):
            department = person.department.name if person.department else ""
            manager = person.manager.email if person.manager else ""
            active = "yes" if person.is_active else "no"
            self.stdout.write(f"{person.email}\t{person.name}\t{department}\t{manager}\t{active}")
