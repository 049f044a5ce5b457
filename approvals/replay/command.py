"""`mailhold policy replay`: a draft against the mail of some days, or against a folder of messages."""

import json
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.clock import database_now
from approvals.figures import Figures, Sample
from approvals.replay import running, showing
from approvals.replay.drafts import DraftUnusable, as_they_stand, completed, draft_of
from approvals.replay.folder import FolderReplay, messages_in
from approvals.replay.models import Replay
from approvals.replay.tally import Tally
from audit.record import Actor
from mailhold.directory.models import Person
from policies.documents import Problem

SLICE_SECONDS = 1.0
# Where progress goes into a file, a line is written so often.
LINE_SECONDS = 10.0
SAMPLES_PRINTED = 5
INTERRUPTED = 130


def add_arguments(parser: ArgumentParser) -> None:
    """Name what it takes."""
    parser.add_argument(
        "file", metavar="FILE.yaml", nargs="?", help="The draft; without one, the policies as they stand."
    )
    mail = parser.add_mutually_exclusive_group(required=True)
    mail.add_argument(
        "--days", metavar="N", type=_days, help=f"Mail of the last N days, 1 to {running.MOST_DAYS}."
    )
    mail.add_argument("--folder", metavar="DIR", type=Path, help="The .eml files in a folder and below it.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")


def _days(text: str) -> int:
    """Return a number of days; raises ValueError, which argparse puts into words."""
    days = int(text)
    if not 1 <= days <= running.MOST_DAYS:
        raise ValueError
    return days


@dataclass
class Command:
    """One run of the command. `read` gives the text of a file, `refuse` says what is wrong with it and ends."""

    stdout: OutputWrapper
    stderr: OutputWrapper
    read: Callable[[str], str]
    refuse: Callable[[str, Sequence[Problem]], None]
    stop: Event = field(default_factory=Event)
    begun_at: float = field(default_factory=time.monotonic)
    said_at: float = float("-inf")

    def run(self, *, file: str | None, days: int | None, folder: Path | None, as_json: bool) -> None:
        """Work it off with progress on stderr, and print what came out. Ctrl-C ends it, with exit code 130."""
        draft = self._draft(file)
        with _interrupts(self.stop):
            result = (
                self._folder(draft, folder) if folder is not None else self._stored(draft, file, days or 1)
            )
        self._say("\n" if self.stderr.isatty() else "")
        self.stdout.write(_as_json(result) if as_json else _as_text(result))
        if self.stop.is_set():
            raise CommandError(_("It was interrupted; these are the figures so far."), returncode=INTERRUPTED)
        if result.problem:
            raise CommandError(result.problem)

    def _draft(self, file: str | None) -> str:
        if file is None:
            return as_they_stand()
        try:
            return completed(self.read(file))
        except DraftUnusable as error:
            self.refuse(file, error.problems)
            raise

    def _stored(self, draft: str, file: str | None, days: int) -> "_Result":
        replay = running.begin(
            draft,
            {"file": Path(file).name} if file else {},
            days,
            Actor(channel="command"),
            database_now(),
            by_command=True,
        )
        while replay.is_open:
            if self.stop.is_set():
                running.cancel(replay.pk)
            else:
                running.work(replay.pk, rings=False, seconds=SLICE_SECONDS, stopped=self.stop.is_set)
            replay.refresh_from_db()
            self._progress(replay.done, replay.total)
        return _Result(
            state=replay.state,
            total=replay.total,
            done=replay.done,
            tally=Tally.of(replay.counters),
            figures=showing.figures_of(replay),
            problem=showing.problem_of(replay),
            replay=str(replay.pk),
        )

    def _folder(self, draft: str, folder: Path) -> "_Result":
        try:
            files = messages_in(folder)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(why)s.") % {"file": folder, "why": error.strerror}
            ) from error
        found = FolderReplay(draft_of(draft), files)
        for done in found.run(timezone.now(), self.stop.is_set):
            self._progress(done, len(files))
        for skipped in found.skipped:
            self._say(_("%(file)s was left out: no message with recipients.") % {"file": skipped} + "\n")
        return _Result(
            state=Replay.State.CANCELED if self.stop.is_set() else Replay.State.DONE,
            total=len(files),
            done=found.done,
            tally=found.tally,
            figures=showing.figures_of_tally(found.tally, found.samples, compared=False),
        )

    def _progress(self, done: int, total: int) -> None:
        now, on_screen = time.monotonic(), self.stderr.isatty()
        if done < total and now - self.said_at < (0.2 if on_screen else LINE_SECONDS):
            return
        self.said_at = now
        left = timedelta(seconds=round((now - self.begun_at) * (total - done) / done)) if done else "-"
        line = _("%(done)d of %(total)d messages, %(left)s left") % {
            "done": done,
            "total": total,
            "left": left,
        }
        self._say(f"\r{line}\x1b[K" if on_screen else f"{line}\n")

    def _say(self, text: str) -> None:
        self.stderr.write(text, ending="")
        self.stderr.flush()


@contextmanager
def _interrupts(stop: Event) -> Iterator[None]:
    """Have SIGINT and SIGTERM set `stop` while the block runs, so that what is under way ends in order."""

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What came out, however it was worked off. `replay` is the number of the rows, where there are any."""

    state: str
    total: int
    done: int
    tally: Tally
    figures: Figures
    problem: str = ""
    replay: str = ""


def _as_text(result: _Result) -> str:
    figures = result.figures
    lines = [f"{_('Messages')}: {figures.messages}", f"{_('Would be held')}: {figures.held}"]
    if figures.in_fact is not None:
        lines.append(f"{_('Were held in fact')}: {figures.in_fact}")
    lines += showing.remarks(result.tally)
    for group in figures.groups:
        lines.append(f"{group.title}: {group.count}")
        lines += [line for sample in group.samples[:SAMPLES_PRINTED] for line in _sample(sample)]
    tables = (
        (_("Matches of each policy"), [(each.name, each.count, each.in_fact) for each in figures.policies]),
        (
            _("Messages for each approver"),
            [(each.name, each.count, each.in_fact) for each in figures.approvers],
        ),
        (_("Each day"), [(f"{each.date}", each.held, each.in_fact) for each in figures.days]),
    )
    for title, rows in tables:
        if rows:
            lines += ["", title]
            lines += [f"  {name}: {count}{_beside(fact)}" for name, count, fact in rows]
    return "\n".join(lines)


def _beside(fact: int | None) -> str:
    return "" if fact is None else " " + _("(in fact %(count)d)") % {"count": fact}


def _sample(sample: Sample) -> list[str]:
    at = timezone.localtime(sample.received_at)
    lines = [f"  {at:%Y-%m-%d %H:%M} {sample.sender or '<>'} → {sample.recipients}: {sample.subject}"]
    lines.append(f"    {_('Would happen')}: {_('; ').join(sample.would)}")
    if sample.happened:
        lines.append(f"    {_('Happened in fact')}: {_('; ').join(sample.happened)}")
    return [*lines, *(f"    {reason}" for reason in sample.reasons)]


def _as_json(result: _Result) -> str:
    tally, compared = result.tally, result.figures.compared
    people = Person.objects.in_bulk(list(map(int, tally.approvers)))

    def pair(values: Sequence[int]) -> dict[str, int]:
        return {"held": values[0], "in_fact": values[1]} if compared else {"held": values[0]}

    content: dict[str, Any] = {
        "state": result.state,
        "total": result.total,
        "done": result.done,
        "messages": tally.messages,
        **pair(tally.held),
        "groups": tally.groups,
        "not_inspected": tally.not_inspected,
        "content_deleted": tally.gone,
        "content_unreadable": tally.unreadable,
        "days": [
            {"date": day, "messages": values[0], **pair(values[1:])}
            for day, values in sorted(tally.days.items())
        ],
        "approvers": [
            {"address": people[int(key)].email if int(key) in people else None, **pair(values)}
            for key, values in tally.approvers.items()
        ],
        "policies": [
            {"key": key, "name": tally.names[key], **pair(values)} for key, values in tally.policies.items()
        ],
    }
    if result.replay:
        content["replay"] = result.replay
    return json.dumps(content, ensure_ascii=False, indent=2)
