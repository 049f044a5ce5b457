"""What can be wrong when people are looked up, imported or set up; each exception is a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file of people: the line it was found on (the header is line 1), and a sentence."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return gettext("Line %(line)d: %(sentence)s") % {"line": self.line, "sentence": self.sentence}


class DirectoryError(Exception):
    """Something about people cannot be done; its text may be shown to whoever asked for it."""

    sentence: str | Promise = _("This cannot be done.")

    def __str__(self) -> str:
        return str(self.sentence)


class UnknownApproverKind(DirectoryError):
    """A policy names a kind of approver that does not exist."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.sentence = f"There is no kind of approver called {kind!r}."


class ImportRefused(DirectoryError):
    """A file of people has problems; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class PasswordTooShort(DirectoryError):
    """An application password that somebody chose is too easy to guess."""

    sentence = _("An application password needs at least 6 characters, and at most 200.")


class TooManyPasswords(DirectoryError):
    """A person has as many application passwords as are allowed."""

    sentence = _("There are already 20 application passwords. Revoke one that is no longer used first.")


class SetupLinkUnusable(DirectoryError):
    """A set-up link does not lead anywhere (any more)."""

    sentence = _("This set-up link is not known.")


class SetupLinkExpired(SetupLinkUnusable):
    """A set-up link was opened too late."""

    sentence = _("This set-up link has expired.")


class SetupLinkUsed(SetupLinkUnusable):
    """A set-up link was used before."""

    sentence = _("This set-up link has already been used.")


class AddressTaken(DirectoryError):
    """An address belongs to somebody else."""

    sentence = _("This address already belongs to somebody else.")
