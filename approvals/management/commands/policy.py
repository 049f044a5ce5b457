"""`mailhold policy`: policies as a file."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import figures_command
from approvals.replay import command as replay
from approvals.trying import Attempt, attempt, failures, said, trial_of
from audit.record import Actor
from mailhold.directory.people import person_by_address
from policies import files
from policies.differences import Change
from policies.documents import Problem
from policies.files import ApplyResult
from policies.languages import in_active_language
from policies.loading import active_policies
from policies.models import PolicyVersion
from policies.naming import addresses
from policies.proposals import agree_alone, authors_of
from policies.proposing import must_wait, waiting_proposal
from policies.refusals import ProposalRefused
from policies.rights import may_administer
from policies.sentences import sentence
from policies.sets import set_names, set_text
from policies.telling import told
from policies.verdict import Reason
from policies.versions import newest_version

STANDARD = "-"


# What `diff` answers with: as of diff(1), 0 is no difference.
DIFFERENT = 1
TROUBLE = 2


class Command(BaseCommand):
    """Compares, checks, applies, exports and rolls back policies from scripts. Exit code 1 where that cannot be done."""

    help = (
        "Check, compare, apply or export policies as a YAML file, or go back to a version (docs/policies.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        for name, explanation in (
            ("check", "Say what is wrong with a file; change nothing."),
            (
                "diff",
                "Say what applying a file would change. Exit code 0: nothing, 1: something, 2: wrong file.",
            ),
            ("test", "Run the tests in a file against the policies of that file; change nothing."),
            ("apply", "Make the policies those of the file, all of them or none."),
            ("export", "Write the policies into a file."),
        ):
            action = actions.add_parser(name, help=explanation)
            action.add_argument(
                "file",
                metavar="FILE.yaml",
                nargs="?" if name in {"export", "apply"} else None,
                default=None if name == "apply" else STANDARD,
            )
            if name == "apply":
                action.add_argument(
                    "--set", dest="ready", choices=set_names(), help="Add a ready set; other policies stay."
                )
                action.add_argument(
                    "--skip-tests", action="store_true", help="Apply it whatever the tests in the file say."
                )
                _add_by(action)
            if name == "export":
                action.add_argument(
                    "--in-force",
                    action="store_true",
                    help="Without a change that waits for a second administrator.",
                )
        trial = actions.add_parser(
            "try", help="Say what the policies would do with a message; change nothing."
        )
        trial.add_argument("file", metavar="FILE.eml")
        trial.add_argument(
            "--from", dest="sender", metavar="ADDRESS", help="The sender, where it is not the author."
        )
        trial.add_argument(
            "--to",
            dest="recipients",
            metavar="ADDRESS",
            action="extend",
            nargs="+",
            help="The recipients, where they are not those of To, Cc and Bcc.",
        )
        replay.add_arguments(
            actions.add_parser(
                "replay",
                help="Say what a draft would have done to mail of the record, or would do to messages in a folder; "
                "change nothing.",
            )
        )
        figures_command.add_arguments(
            actions.add_parser("figures", help="Say what each policy did to the mail of the last days.")
        )
        actions.add_parser("sets", help="List the ready sets of policies.")
        actions.add_parser("versions", help="List the versions of the policies, the newest first.")
        rollback = actions.add_parser("rollback", help="Make the policies those of an earlier version again.")
        rollback.add_argument("number", metavar="NUMBER", type=int)
        _add_by(rollback)
        actions.add_parser("waiting", help="Say which change waits for a second administrator.")
        alone = actions.add_parser(
            "agree-alone",
            help="In an emergency: put the change that waits in force without a second administrator. It is recorded.",
        )
        alone.add_argument("--reason", metavar="TEXT", required=True, help="Why, for the record.")
        _add_by(alone)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one action."""
        try:
            self._run(**options)
        except ProposalRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _run(self, action: str, **options: Any) -> None:
        match action:
            case "versions":
                self._versions()
            case "rollback":
                self._rollback(options["number"], _actor(options["by"]))
            case "waiting":
                self._waiting()
            case "agree-alone":
                self._agree_alone(_actor(options["by"], needed=True), options["reason"])
            case "sets":
                self._sets()
            case "apply" if options["ready"]:
                self._report(files.add(set_text(options["ready"]), _actor(options["by"])))
            case "apply":
                self._apply(options["file"], _actor(options["by"]), skip_tests=options["skip_tests"])
            case "export":
                self._export(options["file"], in_force=options["in_force"])
            case "try":
                self._try(options["file"], options["sender"], options["recipients"])
            case _:
                run: dict[str, Callable[[str], None]] = {
                    "check": self._check,
                    "diff": self._diff,
                    "test": self._test,
                    "replay": lambda file: self._replay(file, options),
                    "figures": lambda _file: self._figures(options),
                }
                run[action](options.get("file", STANDARD))

    def _check(self, file: str) -> None:
        self._refuse(file, files.check(_read(file)))
        self.stdout.write(_("%(file)s can be applied.") % {"file": file})

    def _test(self, file: str) -> None:
        text = _read(file)
        self._refuse(file, list(failures(text, timezone.now())))
        self.stdout.write(_("Tests passed: %(count)d.") % {"count": len(files.read(text).tests)})

    def _apply(self, file: str | None, actor: Actor, *, skip_tests: bool) -> None:
        if file is None:
            raise CommandError(_("Name a file, or a ready set with --set."))
        text = _read(file)
        if not skip_tests:
            self._refuse(file, list(failures(text, timezone.now())))
        result = files.apply(text, actor)
        self._refuse(file, result.problems)
        self._report(result)

    def _report(self, result: ApplyResult) -> None:
        for label, keys in (
            (_("created"), result.created),
            (_("changed"), result.changed),
            (_("removed"), result.removed),
        ):
            for key in keys:
                self.stdout.write(f"{label}: {key}")
        if result.waits:
            self.stdout.write(
                _("A change waits for another administrator; version %(number)d stays in force until then.")
                % {"number": result.version}
            )
            return
        self.stdout.write(_("The policies are now version %(number)d.") % {"number": result.version})

    def _waiting(self) -> None:
        proposal = waiting_proposal()
        if proposal is None:
            self.stdout.write(_("No change waits."))
            return
        at = timezone.localtime(proposal.changed_at)
        self.stdout.write(f"{at:%Y-%m-%d %H:%M:%S %z}\t{authors_of(proposal) or '-'}")
        for each in told(proposal.changes):
            self.stdout.write(f"{each.word}: {each.name}")
            for line in (*(f"- {line}" for line in each.before), *(f"+ {line}" for line in each.after)):
                self.stdout.write(f"  {line}")

    def _agree_alone(self, actor: Actor, reason: str) -> None:
        version = agree_alone(actor, timezone.now(), reason)
        self.stdout.write(_("The policies are now version %(number)d.") % {"number": version.number})

    def _diff(self, file: str) -> None:
        found = files.compare(_read(file))
        self._refuse(file, list(found.problems), TROUBLE)
        for each in found.differences:
            self.stdout.write(f"{_change(each.change)}: {in_active_language(each.name)}")
            for sign, lines in (("-", each.before), ("+", each.after)):
                for line in lines:
                    self.stdout.write(f"  {sign} {in_active_language(line)}")
        if found.differences:
            sys.exit(DIFFERENT)
        self.stdout.write(_("Applying %(file)s would change nothing.") % {"file": file})

    def _try(self, file: str, sender: str | None, recipients: list[str] | None) -> None:
        trial = trial_of(_read_bytes(file), sender, recipients or (), timezone.now())
        if not trial.recipients:
            raise CommandError(_("The message names no recipient; give some with --to."))
        found = attempt(trial)
        names = addresses(active_policies())
        for entry in found.recipients:
            what = ", ".join(map(in_active_language, said(entry.treatment, names)))
            self.stdout.write(f"{entry.address}: {what}")
            for reason in entry.reasons:
                self.stdout.write(f"  {_reason(reason)}")
        for reason in found.watched:
            self.stdout.write(_("watching only: %(reason)s") % {"reason": _reason(reason)})
        self.stdout.write(_looked_into(found))
        self.stdout.write(_("It took %(number).0f ms.") % {"number": found.seconds * 1000})

    def _replay(self, file: str | None, options: dict[str, Any]) -> None:
        replay.Command(
            self.stdout, self.stderr, read=_read, refuse=lambda file, found: self._refuse(file, list(found))
        ).run(file=file, days=options["days"], folder=options["folder"], as_json=options["json"])

    def _figures(self, options: dict[str, Any]) -> None:
        self.stdout.write(figures_command.printed(options["days"], timezone.now(), as_json=options["json"]))

    def _sets(self) -> None:
        for name in set_names():
            self.stdout.write(name)
            for policy in files.read(set_text(name)).policies:
                self.stdout.write(f"  {in_active_language(sentence(policy, addresses([policy])))}")

    def _versions(self) -> None:
        columns = ("number", "made_at", "made_by", "agreed_by")
        for version in PolicyVersion.objects.only(*columns).iterator():
            made_at = timezone.localtime(version.made_at)
            who = version.made_by or "-"
            self.stdout.write(
                f"{version.number}\t{made_at:%Y-%m-%d %H:%M:%S %z}\t{who}\t{version.agreed_by or '-'}"
            )

    def _rollback(self, number: int, actor: Actor) -> None:
        try:
            result = files.roll_back(number, actor)
        except PolicyVersion.DoesNotExist as error:
            raise CommandError(
                _("There is no version %(number)d of the policies.") % {"number": number}
            ) from error
        self._refuse(_("version %(number)d") % {"number": number}, result.problems)
        self._report(result)

    def _export(self, file: str, *, in_force: bool) -> None:
        text = files.export(in_force=in_force)
        if not in_force and waiting_proposal() is not None:
            self.stderr.write(_("The file has the change that waits for another administrator in it."))
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

    def _refuse(self, file: str, problems: list[Problem], code: int = 1) -> None:
        if not problems:
            return
        for problem in problems:
            self.stderr.write(
                _("%(file)s, line %(line)d: %(text)s")
                % {"file": file, "line": problem.line, "text": in_active_language(problem.text)}
            )
        raise CommandError(
            _("Problems: %(count)d. Nothing was changed.") % {"count": len(problems)}, returncode=code
        )


def _add_by(parser: CommandParser) -> None:
    parser.add_argument(
        "--by", metavar="ADDRESS", help="The administrator who does it, where a second one must agree."
    )


def _actor(address: str | None, *, needed: bool = False) -> Actor:
    """Return who acts. A change that waits is somebody's: nobody may agree to his own."""
    if address is None:
        if needed or must_wait(newest_version()):
            raise CommandError(
                _("Changes of the policies wait for a second administrator: name the first one with --by.")
            )
        return Actor(channel="command")
    person = person_by_address(address)
    if person is None or not may_administer(person):
        raise CommandError(
            _("%(address)s is no active administrator who may change policies.") % {"address": address}
        )
    return Actor(address=person.email, channel="command")


def _change(change: Change) -> str:
    return {Change.CREATED: _("created"), Change.CHANGED: _("changed"), Change.REMOVED: _("removed")}[change]


def _reason(reason: Reason) -> str:
    return f"{in_active_language(reason.policy)}: {in_active_language(reason.text)}"


def _looked_into(found: Attempt) -> str:
    if found.inspected:
        return _("Everything in it could be inspected.")
    names = ", ".join(found.uninspected)
    return _("Not everything in it could be inspected: %(names)s") % {"names": names or found.problem or "-"}


def _read(file: str) -> str:
    try:
        return _read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(_("%(file)s is not UTF-8 text.") % {"file": file}) from error


def _read_bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(why)s.") % {"file": file, "why": error.strerror}
        ) from error
