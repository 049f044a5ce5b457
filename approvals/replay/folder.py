"""A draft against a folder of messages (.eml): judged like mail of the record, with nothing beside it and nothing written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from approvals.figures import Sample, shortened
from approvals.judging import read_gist
from approvals.replay.drafts import Draft
from approvals.replay.judging import Bench, Case, Judged
from approvals.replay.tally import Tally
from approvals.trying import said, trial_of
from mailhold.directory.people import person_by_address
from mailhold.ids import uuid7
from mailhold.mailstore.models import Message, Recipient
from mailhold.mime.headers import header_values
from policies.languages import in_active_language


@dataclass
class FolderReplay:
    """What has been found so far; `skipped` are files that are no message with recipients, or cannot be read."""

    draft: Draft
    files: list[Path]
    done: int = 0
    tally: Tally = field(default_factory=Tally)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    skipped: list[Path] = field(default_factory=list)

    def run(self, now: datetime, stopped: Callable[[], bool]) -> Iterator[int]:
        """Judge the files one after the other; yields after each how many are done."""
        bench = Bench(self.draft)
        for file in self.files:
            case = _case(file, now)
            if stopped():
                return
            if case is None:
                self.skipped.append(file)
            else:
                for _case_again, judged in bench.judge_all([case]):
                    # What a signal broke says nothing about the message.
                    if stopped():
                        return
                    self._add(case, judged)
            self.done += 1
            yield self.done

    def _add(self, case: Case, judged: Judged) -> None:
        day = timezone.localtime(case.message.received_at).date()
        group = self.tally.add(day, judged.outcome, None, inspected=not judged.problem)
        if self.tally.wants_sample(group):
            self.samples.setdefault(group, []).append(_sample(case, judged, self.draft))


def messages_in(folder: Path) -> list[Path]:
    """Return the messages in a folder and those below it, in the order of their names; raises OSError."""
    if not folder.is_dir():
        raise NotADirectoryError(20, "it is no folder", str(folder))
    return sorted(path for path in folder.rglob("*.eml") if path.is_file())


def _case(file: Path, now: datetime) -> Case | None:
    try:
        if file.stat().st_size > settings.SMTP_MAX_BYTES:
            return None
        content = file.read_bytes()
    except OSError:
        return None
    trial = trial_of(content, None, (), _sent_at(content, now))
    if not trial.recipients:
        return None
    message = Message(
        id=uuid7(),
        received_at=trial.at,
        reverse_path=trial.sender,
        submitter=person_by_address(trial.sender) if trial.sender else None,
    )
    recipients = tuple(
        Recipient(message=message, address=address, domain=address.rpartition("@")[2].lower())
        for address in trial.recipients
    )
    return Case(message=message, recipients=recipients, content=content)


def _sent_at(content: bytes, now: datetime) -> datetime:
    """Return the time in the Date field, `now` where there is none that can be read or it is still to come."""
    try:
        found = parsedate_to_datetime(header_values(content, ("date",)).get("date", ""))
    except (ValueError, OverflowError):
        return now
    at = found if found.tzinfo else timezone.make_aware(found)
    return min(at, now)


def _sample(case: Case, judged: Judged, draft: Draft) -> Sample:
    would = dict.fromkeys(text for each in judged.treatments for text in said(each, draft.names))
    return Sample(
        received_at=case.message.received_at,
        sender=case.message.reverse_path,
        subject=read_gist(case.content or b"").subject,
        recipients=shortened([recipient.address for recipient in case.recipients]),
        would=tuple(map(in_active_language, would)),
        reasons=tuple(
            f"{in_active_language(each.policy)}: {in_active_language(each.text)}" for each in judged.reasons
        ),
    )
