"""Replays: asked for, worked off in short slices, canceled, deleted after a time. They write their own rows and no others.

Mail always comes first. A slice lasts seconds and ends at once where a ring of the queue waits beside it; only one replay
is worked off at a time, by one worker; and the dispatcher rings for the next slice only while the queue is empty.
The rows are the truth: a slice that was lost, with its worker or its ring, is begun again when its lease is over.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from approvals import bell
from approvals.clock import database_now
from approvals.judging import reasons_as_json
from approvals.leases import kept
from approvals.replay.drafts import Draft, DraftUnusable, draft_of
from approvals.replay.judging import BATCH, Bench, Case, Judged, in_fact, load
from approvals.replay.models import Replay, ReplaySample
from approvals.replay.tally import Outcome, Tally
from approvals.trying import said
from audit.record import Actor, Entry, record
from audit.tags import Tag
from mailhold.mailstore.models import Message
from policies.loading import current_version

logger = logging.getLogger(__name__)

MOST_DAYS = 90
SLICE_SECONDS = 3.0
# How often a slice looks whether mail waits, and how long the replay rests then.
LOOK_SECONDS = 0.25
REST = timedelta(seconds=1)
KEPT_FOR = timedelta(days=30)
# A slice that was begun so often and never kept: from then on each message is kept by itself, then the next one is
# counted unread, since it broke its process; and a replay that gets no further at all has failed.
CAREFUL_AFTER = 2
UNREAD_AFTER = 3
FAILED_AFTER = 10

_DRAFT_GONE = {
    "ja": "下書きが使えなくなりました。名前の出てくる人、部署、一覧がなくなっています。",
    "en": "The draft can no longer be used: a person, department or list that it names is gone.",
}
_BROKEN = {
    "ja": "処理が何度も途中で止まったため、やめました。ログを確かめてください。",
    "en": "It was given up, because it broke again and again. The log says more.",
}


@transaction.atomic
def begin(
    draft: str,
    about: Mapping[str, Any],
    days: int,
    actor: Actor,
    now: datetime,
    *,
    by_command: bool = False,
) -> Replay:
    """Ask for a replay of `draft`, a whole policy file, on the mail of the last `days`; its event says who did.

    The dispatcher has workers take it up, or the command that asked works it off. Raises DraftUnusable.
    """
    draft_of(draft)
    since = now - timedelta(days=days)
    replay = Replay.objects.create(
        made_at=now,
        made_by=actor.address,
        draft=draft,
        about=dict(about),
        policy_version=current_version(),
        since=since,
        until=now,
        time_zone=timezone.get_current_timezone_name(),
        total=_screened(since, now),
        next_at=now + _lease() if by_command else now,
    )
    details = {"replay": str(replay.pk), "days": days, "messages": replay.total, **about}
    record(Entry(tag=Tag.POLICY_REPLAYED, at=now, actor=actor, details=details))
    return replay


def _screened(since: datetime, until: datetime) -> int:
    return Message.objects.filter(
        status=Message.Status.SCREENED, received_at__gte=since, received_at__lt=until
    ).count()


def cancel(replay_id: UUID) -> bool:
    """End a replay; what was counted stays. Return whether it was open."""
    return _end(replay_id, Replay.State.CANCELED)


def _end(replay_id: UUID, state: Replay.State, problem: Mapping[str, str] | None = None) -> bool:
    open_ = Replay.objects.filter(pk=replay_id, state__in=Replay.OPEN)
    return (
        open_.update(
            state=state, ended_at=database_now(), problem=problem, lease_token=None, leased_until=None
        )
        == 1
    )


def ring_due(now: datetime) -> bool:
    """Ring for the oldest open replay where its time has come and no mail waits; return whether that was so."""
    oldest = Replay.objects.filter(state__in=Replay.OPEN).order_by("made_at", "pk").first()
    if oldest is None or oldest.next_at > now or bell.waiting_rings():
        return False
    with transaction.atomic():
        # The next ring is a lease away, so that each is rung for once in that time.
        due = Replay.objects.filter(pk=oldest.pk, state__in=Replay.OPEN, next_at=oldest.next_at)
        if not due.update(next_at=now + _lease()):
            return False
        bell.ring_replay(oldest.pk)
    return True


def delete_old(now: datetime) -> int:
    """Delete the replays that ended long ago; return how many rows went with them."""
    return Replay.objects.filter(ended_at__lte=now - KEPT_FOR).delete()[0]


def work(
    replay_id: UUID,
    *,
    rings: bool = True,
    seconds: float = SLICE_SECONDS,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Do one slice of a replay, unless it is in other hands or has ended; return whether it was done and kept.

    With `rings`, that of a worker, the slice ends where mail waits, and the next one is rung for. Once it is `stopped`,
    nothing of it is kept.
    """
    replay = _claim(replay_id)
    if replay is None:
        return False
    if replay.attempts > FAILED_AFTER:
        return _end(replay_id, Replay.State.FAILED, _BROKEN)
    try:
        bench = _Benches.of(replay)
    except DraftUnusable:
        return _end(replay_id, Replay.State.FAILED, _DRAFT_GONE)
    with kept(replay.lease_token or uuid4(), _renew):
        ends_at = time.monotonic() + seconds
        return _Slice(replay, bench, rings=rings, ends_at=ends_at, stopped=stopped).work()


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def _claim(replay_id: UUID) -> Replay | None:
    """Take the lease of a replay that nobody has in hand, and count that it is begun before anything is read."""
    now, token = database_now(), uuid4()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    mine = Replay.objects.filter(free, pk=replay_id, state__in=Replay.OPEN).update(
        state=Replay.State.RUNNING,
        lease_token=token,
        leased_until=now + _lease(),
        next_at=now + _lease(),
        attempts=F("attempts") + 1,
    )
    return Replay.objects.get(pk=replay_id, lease_token=token) if mine else None


def _renew(token: UUID) -> int:
    until = database_now() + _lease()
    return Replay.objects.filter(lease_token=token, state=Replay.State.RUNNING).update(
        leased_until=until, next_at=until
    )


class _Benches:
    """The draft that this process judged by last, read and ready: slices of one replay follow each other."""

    last: tuple[UUID, Bench] | None = None

    @classmethod
    def of(cls, replay: Replay) -> Bench:
        if cls.last is None or cls.last[0] != replay.pk:
            cls.last = replay.pk, Bench(draft_of(replay.draft))
        return cls.last[1]


class _Overtaken(Exception):
    """The replay was canceled, or its lease went to somebody else: what this slice found is not kept."""


@dataclass
class _Slice:
    """One turn of work on a replay."""

    replay: Replay
    bench: Bench
    rings: bool
    ends_at: float
    stopped: Callable[[], bool]
    tally: Tally = field(init=False)
    samples: list[ReplaySample] = field(default_factory=list)
    looked_at: float = field(default_factory=time.monotonic)
    resting: bool = False

    def __post_init__(self) -> None:
        self.tally = Tally.of(self.replay.counters)

    def work(self) -> bool:
        """Judge until the time is over, mail waits or there is no more; keep what was found. False: it was overtaken."""
        careful = self.replay.attempts > CAREFUL_AFTER
        unread = self.replay.attempts > UNREAD_AFTER
        try:
            while True:
                cases = load(
                    self.replay.since, self.replay.until, self.replay.position, 1 if careful else BATCH
                )
                facts = in_fact(cases)
                self._count(cases, facts, unread=unread)
                over = not cases or self._is_over()
                if over or careful:
                    self._keep(over=over, finished=not cases, careful=careful)
                if over:
                    return True
                unread = False
        except _Overtaken:
            return False

    def _is_over(self) -> bool:
        return self.resting or self.stopped() or time.monotonic() >= self.ends_at

    def _count(self, cases: list[Case], facts: Mapping[UUID, Outcome], *, unread: bool) -> None:
        """Count the cases, one after the other; those that are left when the time is over are loaded again."""
        judged = self.bench.judge_all(cases)
        for case in cases:
            if unread and case.content is not None:
                self._add(case, self.bench.judge_unread(case), facts[case.message.pk])
            elif case.content is not None:
                self._add(case, next(judged)[1], facts[case.message.pk])
            elif case.gone:
                self.tally.gone += 1
            else:
                self.tally.unreadable += 1
            self.replay.done += 1
            self.replay.position = case.message.pk
            self.resting = self.rings and self._mail_waits()
            if self._is_over():
                return

    def _mail_waits(self) -> bool:
        if time.monotonic() - self.looked_at < LOOK_SECONDS:
            return False
        self.looked_at = time.monotonic()
        return bell.others_ring()

    def _add(self, case: Case, judged: Judged, fact: Outcome) -> None:
        day = case.message.received_at.astimezone(ZoneInfo(self.replay.time_zone)).date()
        group = self.tally.add(day, judged.outcome, fact, inspected=not judged.problem)
        if self.tally.wants_sample(group):
            self.samples.append(_sample(self.replay, case, judged, group, self.bench.draft))

    @transaction.atomic
    def _keep(self, *, over: bool, finished: bool, careful: bool) -> None:
        """Write what was found, if the replay is still ours; with the last of it, or with the ring for the next slice."""
        if self.stopped():
            raise _Overtaken
        now = database_now()
        values: dict[str, Any] = {
            "done": self.replay.done,
            "position": self.replay.position,
            "counters": self.tally.as_json(),
            # Once careful, a replay stays so: the message that broke it may not have come yet. The next one is begun.
            "attempts": (CAREFUL_AFTER if over else CAREFUL_AFTER + 1) if careful else 0,
            "next_at": now + (REST if self.resting else _lease()),
        }
        if over:
            values |= {"lease_token": None, "leased_until": None}
        if finished:
            values |= {"state": Replay.State.DONE, "ended_at": now}
        mine = Replay.objects.filter(
            pk=self.replay.pk, lease_token=self.replay.lease_token, state=Replay.State.RUNNING
        )
        if not mine.update(**values):
            raise _Overtaken
        ReplaySample.objects.bulk_create(self.samples)
        self.samples = []
        if over and self.rings and not finished and not self.resting:
            bell.ring_replay(self.replay.pk)


def _sample(replay: Replay, case: Case, judged: Judged, group: str, draft: Draft) -> ReplaySample:
    would = dict.fromkeys(text for each in judged.treatments for text in said(each, draft.names))
    return ReplaySample(
        replay=replay,
        message=case.message,
        group=group,
        would=[{"ja": text.ja, "en": text.en} for text in would],
        reasons=reasons_as_json(judged.reasons),
    )
