"""The documents keep step with the code."""

import re
from pathlib import Path

import pytest

from mailhold.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
# Set by one of our processes for another, never by people.
INTERNAL = {"MAILHOLD_PARENT_PID", "MAILHOLD_PULSE_FD"}
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def variables_in_the_code():
    packages = ("mailhold", "approvals", "policies", "audit")
    sources = [path.read_text() for package in packages for path in (ROOT / package).rglob("*.py")]
    return {
        name for text in sources for name in re.findall(r'"(MAILHOLD_[A-Z_]+|DATABASE_URL)"', text)
    } - INTERNAL


def test_every_setting_is_in_the_document_of_the_settings():
    documented = set(
        re.findall(r"`(MAILHOLD_[A-Z_]+|DATABASE_URL)`", (ROOT / "docs" / "configuration.md").read_text())
    )
    assert documented == variables_in_the_code()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    text = document.read_text()
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r'<img src="([^"]+)"', text)
    missing = [
        target for target in targets if "://" not in target and not (document.parent / target).exists()
    ]
    assert missing == []


def test_the_changelog_names_this_version():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
