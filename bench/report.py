"""What a measurement returns, and how it is printed."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from unicodedata import east_asian_width

import psycopg

from mailhold.version import VERSION


@dataclass
class Table:
    """One part of the results. `note` says what exactly was measured."""

    title: str
    heads: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""

    def add(self, *cells: str) -> None:
        self.rows.append(cells)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie; the largest for 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rate(values: Sequence[float]) -> str:
    """The median of some rates."""
    return f"{statistics.median(values):,.0f}" if values else "-"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The median of the ratios of the rounds, and their range."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=False)]
    if not ratios:
        return "-"
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def milliseconds(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def as_text(tables: Sequence[Table]) -> str:
    return "\n".join(_text(table) for table in tables)


def _text(table: Table) -> str:
    lines = [table.heads, *table.rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(table.heads))]
    body = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    body.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(["", table.title, *body, *([table.note] if table.note else [])])


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def as_markdown(tables: Sequence[Table], facts: Sequence[tuple[str, str]]) -> str:
    lines = [f"- {name}: {value}" for name, value in facts]
    for table in tables:
        lines += ["", f"### {table.title}", "", _line(table.heads), _line(["---"] * len(table.heads))]
        lines += [_line(row) for row in table.rows]
        lines += ["", table.note] if table.note else []
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def facts(database_url: str, folder: Path, postfix: str) -> list[tuple[str, str]]:
    """When and where this was measured."""
    return [
        ("date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("mailhold", f"{VERSION} ({_commit()})"),
        (
            "machine",
            f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB, {platform.system()} {platform.release()}",
        ),
        ("disk", f"fdatasync of 4 KiB {milliseconds(_fdatasync(folder))} ms (median)"),
        ("load before the start", " ".join(f"{load:.1f}" for load in os.getloadavg())),
        ("PostgreSQL", _postgresql(database_url)),
        ("Postfix", postfix),
        (
            "Python",
            f"{platform.python_version()}, "
            + ", ".join(_versions("Django", "aiosmtpd", "psycopg", "django-q2", "uvloop")),
        ),
    ]


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "not a git checkout"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _fdatasync(folder: Path) -> float:
    times = []
    path = folder / "fdatasync"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(100):
        os.write(descriptor, b"x" * 4096)
        begun = time.perf_counter()
        os.fdatasync(descriptor)
        times.append(time.perf_counter() - begun)
    os.close(descriptor)
    path.unlink()
    return statistics.median(times)


def _postgresql(url: str) -> str:
    with psycopg.connect(url) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        }
    release = shown.pop("server_version")
    return f"{release} ({', '.join(f'{name} {value}' for name, value in shown.items())})"


def _versions(*packages: str) -> list[str]:
    return [f"{package} {version(package)}" for package in packages]
