"""Keeps the Japanese catalogues in step with the code: each app's strings, those in `templates/<app>/` among them.

`python tests/catalogues.py` extracts, merges and compiles; `--check` changes nothing and fails where something is missing.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
# Innermost first: the strings of an app inside `mailhold` belong to that app.
APPS = (
    *(f"mailhold/{name}" for name in ("directory", "mailstore", "gateway", "delivery")),
    "mailhold",
    "approvals",
    "policies",
    "audit",
)
INNER = {"directory", "mailstore", "gateway", "delivery", "locale", "__pycache__"}
# Folders of templates/ that belong to no app by their name.
TEMPLATES = {
    "approvals": ("approvals", "mail"),
    "mailhold": ("", "account", "mfa", "admin", "allauth", "crispy"),
}


def catalogue(app):
    """The catalogue of `app`."""
    return ROOT / app / "locale" / "ja" / "LC_MESSAGES" / "django.po"


def extract(app, folder):
    """Return the message identifiers of `app` as its sources say them; works in the empty `folder`."""
    ignored = shutil.ignore_patterns(*(INNER if app == "mailhold" else {"locale", "__pycache__"}))
    shutil.copytree(ROOT / app, folder / "app", ignore=ignored)
    name = app.rpartition("/")[2]
    for part in TEMPLATES.get(name, (name,)):
        source = ROOT / "templates" / part
        if part:
            if source.is_dir():
                shutil.copytree(source, folder / "templates" / part)
        else:
            (folder / "templates").mkdir(exist_ok=True)
            for page in source.glob("*.*"):
                shutil.copy(page, folder / "templates")
    (folder / "locale").mkdir()
    command = [
        sys.executable,
        "-m",
        "django",
        "makemessages",
        "-l",
        "ja",
        "-e",
        "html,txt,py",
        "-v0",
        "--no-location",
    ]
    subprocess.run(command, cwd=folder, check=True, env={"PATH": "/usr/bin:/bin:/usr/local/bin"})
    made = folder / "locale" / "ja" / "LC_MESSAGES" / "django.po"
    return polib.pofile(str(made)) if made.exists() else polib.POFile()


def problems(app):
    """Say what is wrong with the catalogue of `app`."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {entry.msgid_with_context for entry in extract(app, Path(folder))}
    path = catalogue(app)
    if not path.exists():
        return [f"{app} has {len(wanted)} strings and no catalogue"] if wanted else []
    entries = {entry.msgid_with_context: entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    compiled = {
        entry.msgid_with_context: (entry.msgstr, entry.msgstr_plural)
        for entry in polib.mofile(str(path.with_suffix(".mo")))
    }
    translated = {
        key: (entry.msgstr, entry.msgstr_plural) for key, entry in entries.items() if entry.translated()
    }
    return [
        *(f"{app}: not in the catalogue: {key!r}" for key in sorted(wanted - entries.keys())),
        *(f"{app}: not translated: {key!r}" for key in sorted(wanted & entries.keys() - translated.keys())),
        *([] if compiled == translated else [f"{app}: the .mo file is not the compiled .po file"]),
    ]


def update(app):
    """Merge the strings of the sources into the catalogue of `app`, and compile it."""
    with tempfile.TemporaryDirectory() as folder:
        found = extract(app, Path(folder))
    path = catalogue(app)
    if not found:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    merged = polib.pofile(str(path), wrapwidth=110) if path.exists() else found
    merged.merge(found)
    for entry in merged:
        entry.msgstr_plural.pop(1, None)  # Japanese has one form
    merged.save(str(path))
    merged.save_as_mofile(str(path.with_suffix(".mo")))


def main():
    """Check or update all catalogues."""
    if "--check" not in sys.argv:
        for app in APPS:
            update(app)
        return
    if shutil.which("xgettext") is None:
        print("The catalogues are not checked: xgettext (package gettext) is not here.")
        return
    found = [problem for app in APPS for problem in problems(app)]
    # An empty text would end with 1 as well.
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
