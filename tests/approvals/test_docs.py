"""The documents for users and scripts name what is really there."""

import re

import polib
import pytest
from django.conf import settings

DOCS = settings.BASE_DIR / "docs"
CATALOGUES = [
    polib.pofile(str(path)) for path in sorted(settings.BASE_DIR.glob("*/locale/ja/LC_MESSAGES/django.po"))
]
ENGLISH = {entry.msgid for catalogue in CATALOGUES for entry in catalogue}
JAPANESE = {entry.msgstr for catalogue in CATALOGUES for entry in catalogue}


def is_there(name, texts):
    # Names of notices begin their subjects.
    return name in texts or (name[0] in "[【" and any(text.startswith(name) for text in texts))


@pytest.mark.parametrize("page", ["users/sender.md", "users/approver.md"])
def test_every_button_of_the_english_pages_exists(page):
    named = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", (DOCS / page).read_text(encoding="utf-8"))

    assert len(named) > 8
    assert [name for name in named if not is_there(name, ENGLISH)] == []


@pytest.mark.parametrize("page", ["users/sender.ja.md", "users/approver.ja.md"])
def test_every_button_of_the_japanese_pages_exists(page):
    named = re.findall("「([^」]+)」", (DOCS / page).read_text(encoding="utf-8"))

    assert len(named) > 8
    assert [name for name in named if not is_there(name, JAPANESE)] == []


@pytest.mark.parametrize("page", ["api.md", "api.ja.md"])
def test_every_operation_is_documented_and_nothing_else(page, client):
    document = client.get("/api/v1/openapi.json").json()
    there = {
        f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations
    }
    text = (DOCS / page).read_text(encoding="utf-8")
    shown_by_command = {"GET /api/v1/me", "GET /api/v1/policies"}

    assert set(re.findall(r"`((?:GET|POST|PUT) /[^`?]+)`", text)) == there - shown_by_command
    assert "$MAILHOLD/api/v1/me" in text
    assert "$MAILHOLD/api/v1/policies -o" in text


@pytest.mark.parametrize("page", ["api.md", "api.ja.md"])
def test_every_code_of_a_problem_is_documented(page):
    source = (settings.BASE_DIR / "approvals" / "api.py").read_text() + (
        settings.BASE_DIR / "approvals" / "exceptions.py"
    ).read_text()
    codes = set(re.findall(r'^    code = "(\w+)"', source, re.MULTILINE)) | set(
        re.findall(r'_problem\(\w+(?:\.\w+)?, [^\n]+, "(\w+)"\)', source)
    )
    text = (DOCS / page).read_text(encoding="utf-8")

    assert {"too_large", "edited", "unauthorized"} <= codes
    assert [code for code in codes - {"refused"} if f"`{code}`" not in text] == []
