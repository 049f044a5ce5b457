"""Measures a replay on SQLite, in a folder that is gone afterwards: `python bench/replay_sqlite.py`.

On PostgreSQL it is a part of the bench: `make bench PARTS=replay`.
"""

import os
import tempfile
from importlib import import_module

import django

from bench.report import as_text


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mailhold-bench-") as folder:
        for name in [name for name in os.environ if name.startswith("MAILHOLD_") or name == "DATABASE_URL"]:
            del os.environ[name]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "mailhold.settings",
            "MAILHOLD_DATA_DIR": folder,
            "MAILHOLD_DOMAINS": "example.test",
            "MAILHOLD_LOG_LEVEL": "WARNING",
        }
        django.setup()
        import_module("mailhold.startup").prepare(lambda _line: None)
        print(as_text([import_module("bench.replay").measure(None)]))


if __name__ == "__main__":
    main()
