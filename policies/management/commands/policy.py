"""`mailhold policy`: policies as a file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.record import Actor
from policies import files
from policies.documents import Problem
from policies.languages import in_active_language

STANDARD = "-"


class Command(BaseCommand):
    """Checks, applies and exports policies from scripts. Exit code 1 where a file cannot be used."""

    help = "Check, apply or export policies as a YAML file (docs/policies.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the three actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        for name, explanation in (
            ("check", "Say what is wrong with a file; change nothing."),
            ("apply", "Make the policies those of the file, all of them or none."),
            ("export", "Write the policies into a file."),
        ):
            action = actions.add_parser(name, help=explanation)
            action.add_argument(
                "file", metavar="FILE.yaml", nargs="?" if name == "export" else None, default=STANDARD
            )

    def handle(self, *args: Any, action: str, file: str, **options: Any) -> None:
        """Run one action."""
        {"check": self._check, "apply": self._apply, "export": self._export}[action](file)

    def _check(self, file: str) -> None:
        self._refuse(file, files.check(_read(file)))
        self.stdout.write(_("%(file)s can be applied.") % {"file": file})

    def _apply(self, file: str) -> None:
        result = files.apply(_read(file), Actor(channel="command"))
        self._refuse(file, result.problems)
        for label, keys in (
            (_("created"), result.created),
            (_("changed"), result.changed),
            (_("removed"), result.removed),
        ):
            for key in keys:
                self.stdout.write(f"{label}: {key}")
        self.stdout.write(_("The policies are now version %(number)d.") % {"number": result.version})

    def _export(self, file: str) -> None:
        text = files.export()
        if file == STANDARD:
            self.stdout.write(text, ending="")
            return
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(why)s.") % {"file": file, "why": error.strerror}
            ) from error
        self.stdout.write(_("The policies were written to %(file)s.") % {"file": file})

    def _refuse(self, file: str, problems: list[Problem]) -> None:
        if not problems:
            return
        for problem in problems:
            self.stderr.write(
                _("%(file)s, line %(line)d: %(text)s")
                % {"file": file, "line": problem.line, "text": in_active_language(problem.text)}
            )
        raise CommandError(_("Problems: %(count)d. Nothing was changed.") % {"count": len(problems)})


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(_("%(file)s is not UTF-8 text.") % {"file": file}) from error
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(why)s.") % {"file": file, "why": error.strerror}
        ) from error
