"""`mailhold key`: bearer keys for the HTTP API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from mailhold.directory import api_keys
from mailhold.directory.models import ApiKey
from mailhold.directory.people import person_by_address


class Command(BaseCommand):
    """Makes, lists and revokes keys."""

    help = "Make, list or revoke bearer keys for the HTTP API."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the three actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="Print a new key that acts as a person, once.")
        create.add_argument("address", metavar="ADDRESS")
        create.add_argument("--label", default="command line", help="What it is for.")
        actions.add_parser("list", help="List keys: id, person, label, last used at.")
        revoke = actions.add_parser("revoke", help="Make a key useless at once.")
        revoke.add_argument("id", metavar="ID", type=int)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Run one action."""
        {"create": self._create, "list": self._list, "revoke": self._revoke}[action](options)

    def _create(self, options: dict[str, Any]) -> None:
        person = person_by_address(options["address"])
        if person is None:
            raise CommandError(
                _("There is nobody with the address %(address)s.") % {"address": options["address"]}
            )
        self.stdout.write(api_keys.create(person, options["label"]))

    def _list(self, options: dict[str, Any]) -> None:
        for row in ApiKey.objects.select_related("person").order_by("pk"):
            used = row.used_at.isoformat(timespec="minutes") if row.used_at else "-"
            self.stdout.write(f"{row.pk}\t{row.person.email}\t{row.label}\t{used}")

    def _revoke(self, options: dict[str, Any]) -> None:
        deleted, _rows = ApiKey.objects.filter(pk=options["id"]).delete()
        if not deleted:
            raise CommandError(_("There is no key with the number %(id)d.") % {"id": options["id"]})
