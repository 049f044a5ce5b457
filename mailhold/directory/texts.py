"""Sentences about the directory that pages and commands share."""

from dataclasses import asdict

from django.utils.translation import gettext as _

from mailhold.directory.importing import Counts


def counts_sentence(counts: Counts) -> str:
    """Return what an import did, or would do, in one line."""
    return _(
        "New: %(created)d, changed: %(changed)d, unchanged: %(unchanged)d, deactivated: %(deactivated)d, "
        "new departments: %(departments)d."
    ) % asdict(counts)
