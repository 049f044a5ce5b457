"""The policies that a new installation starts with."""

from pathlib import Path

from django.db import transaction

from audit.record import SYSTEM
from policies.files import apply
from policies.models import Policy, PolicyVersion

DEFAULTS = Path(__file__).with_name("defaults.yaml")


@transaction.atomic
def install_defaults() -> None:
    """Write the default policies where there are none and never were any; raises ValueError for a broken file."""
    if Policy.objects.exists() or PolicyVersion.objects.exists():
        return
    result = apply(DEFAULTS.read_text(encoding="utf-8"), SYSTEM)
    if result.problems:
        raise ValueError(f"{DEFAULTS.name}: line {result.problems[0].line}: {result.problems[0].text.en}")
