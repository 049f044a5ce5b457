"""What a draft would do to mail of the record, and what happened to it. Reads and computes, writes nothing.

Messages are judged by the very functions that judge real mail, as of the time when they came.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from approvals.flows.screen import is_poison, open_content
from approvals.gathering import Past
from approvals.judging import (
    Gist,
    Judgement,
    Surroundings,
    judge,
    judge_unreadable,
    load_surroundings,
    read_gist,
)
from approvals.models import Gate, Hold
from approvals.opening import who_decides
from approvals.replay.drafts import Draft
from approvals.replay.tally import Outcome, Way
from audit.models import Event
from audit.tags import Tag
from mailhold.mailstore.models import Message, Recipient, Revision
from policies.models import Policy
from policies.verdict import Disposition, Reason, Stage, Text, Treatment

logger = logging.getLogger(__name__)

BATCH = 20
BATCH_BYTES = 8_000_000
_ENDS = {Disposition.RETURN: "returned", Disposition.DISCARD: "discarded"}
_STOPPED = {
    Tag.HOLD_HELD: "",
    Tag.HOLD_RETURNED: _ENDS[Disposition.RETURN],
    Tag.HOLD_DROPPED: _ENDS[Disposition.DISCARD],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message to be judged. `content` is None where there is none to judge; `gone` says that it was deleted."""

    message: Message
    recipients: tuple[Recipient, ...]
    content: bytes | None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the draft would do to a message."""

    outcome: Outcome
    treatments: tuple[Treatment, ...]
    reasons: tuple[Reason, ...]
    problem: str


@dataclass
class Bench:
    """Judges by one draft, and remembers what is asked for again and again: who approves whose mail."""

    draft: Draft
    past: Past | None = field(default_factory=Past)
    _asked: dict[tuple[object, ...], frozenset[int]] = field(default_factory=dict)

    def judge_all(self, cases: Sequence[Case]) -> Iterator[tuple[Case, Judged]]:
        """Judge the cases that have a content one after the other, as they are asked for."""
        readable = [(case, case.content) for case in cases if case.content is not None]
        gists = [_gist(case, content) for case, content in readable]
        around = load_surroundings([case.message for case, _ in readable], gists, self.draft.policies)
        around = replace(around, reference=self.draft.reference, past=self.past)
        for (case, content), gist in zip(readable, gists, strict=True):
            yield case, self._judged(case, _judge(case, content, gist, around))

    def judge_unread(self, case: Case) -> Judged:
        """Judge a message that broke process after process: as real mail is that does."""
        gist = read_gist(b"")
        around = load_surroundings([case.message], [gist], self.draft.policies)
        return self._judged(case, judge_unreadable(case.message, gist, case.recipients, around, "crashed"))

    def _judged(self, case: Case, judgement: Judgement) -> Judged:
        reasons = tuple(dict.fromkeys(reason for lot in judgement.lots for reason in lot.reasons))
        treatments = tuple(dict.fromkeys(lot.treatment for lot in judgement.lots))
        hold = _hold(case.message, judgement)
        ways = frozenset(
            self._way(each, hold) for each in treatments if each.disposition is not Disposition.RELEASE
        )
        policies = self.draft.keys
        matched = dict(
            (policies[reason.policy_id].key, reason.policy)
            if reason.policy_id in policies
            else (f"={reason.code}", reason.policy)
            for reason in (*reasons, *judgement.watched)
        )
        return Judged(
            outcome=Outcome(ways=ways, policies=matched),
            treatments=treatments,
            reasons=reasons,
            problem=judgement.problem,
        )

    def _way(self, treatment: Treatment, hold: Hold) -> Way:
        if treatment.disposition in _ENDS:
            return Way(end=_ENDS[treatment.disposition])
        people = [self._people(stage, hold) for stage in treatment.stages]
        return Way(
            self_check=treatment.self_check,
            stages=tuple(
                (asked, max(1, min(stage.needed, len(asked))))
                for stage, asked in zip(treatment.stages, people, strict=True)
            ),
            delay=treatment.delay_seconds,
        )

    def _people(self, stage: Stage, hold: Hold) -> frozenset[int]:
        key = (stage, hold.sender_id, hold.sender_address, hold.message.reverse_path, hold.author)
        if key not in self._asked:
            self._asked[key] = frozenset(person.pk for person in who_decides(stage, hold))
        return self._asked[key]


def _gist(case: Case, content: bytes) -> Gist:
    return read_gist(b"" if is_poison(case.message.screen_attempts) else content)


def _judge(case: Case, content: bytes, gist: Gist, around: Surroundings) -> Judgement:
    if is_poison(case.message.screen_attempts):
        return judge_unreadable(case.message, gist, case.recipients, around, "crashed")
    try:
        return judge(case.message, content, gist, case.recipients, around)
    except Exception:
        # As in screening: whatever a hostile message breaks in here, the others go on.
        logger.exception("inspection failed", extra={"message_id": str(case.message.pk)})
        return judge_unreadable(case.message, gist, case.recipients, around, "error")


def _hold(message: Message, judgement: Judgement) -> Hold:
    """Return the hold that there would be; it is never written."""
    return Hold(
        message=message,
        sender=judgement.sender,
        sender_address=judgement.sender_address,
        author=judgement.gist.author,
        author_address=judgement.gist.author_address,
    )


def load(since: datetime, until: datetime, before: UUID | None, most: int = BATCH) -> list[Case]:
    """Return the next messages of the span, the newest first, those before the message `before`; [] at the end."""
    span = Message.objects.filter(
        status=Message.Status.SCREENED, received_at__gte=since, received_at__lt=until
    ).select_related("submitter")
    messages = list((span if before is None else span.filter(pk__lt=before)).order_by("-pk")[:most])
    revisions = Revision.objects.filter(message__in=messages, number=0)
    sizes = dict(revisions.values_list("message_id", "size"))
    messages = _together(messages, sizes)
    contents = {
        revision.message_id: revision
        for revision in revisions.filter(message__in=messages, sealed_content__isnull=False).select_related(
            "sealed_content"
        )
    }
    recipients = _recipients(messages)
    return [
        Case(
            message=message,
            recipients=recipients[message.pk],
            content=open_content(message, contents[message.pk]) if message.pk in contents else None,
            gone=message.pk not in contents,
        )
        for message in messages
    ]


def _together(messages: Sequence[Message], sizes: Mapping[UUID, int]) -> list[Message]:
    """Return the first of `messages` that fit into memory together, one at least."""
    found: list[Message] = []
    size = 0
    for message in messages:
        size += sizes.get(message.pk, 0)
        if found and size > BATCH_BYTES:
            break
        found.append(message)
    return found


def _recipients(messages: Iterable[Message]) -> dict[UUID, tuple[Recipient, ...]]:
    """Return the recipients that each message came with: those that policies or people added later came after them."""
    events = Event.objects.filter(
        message_id__in=[message.pk for message in messages], tag=Tag.MESSAGE_ACCEPTED
    )
    came = {
        message_id: details.get("recipients")
        for message_id, details in events.values_list("message_id", "details")
    }
    found: dict[UUID, list[Recipient]] = defaultdict(list)
    for recipient in Recipient.objects.filter(message__in=messages).order_by("pk"):
        found[recipient.message_id].append(recipient)
    return {message.pk: tuple(found[message.pk][: came.get(message.pk)]) for message in messages}


def in_fact(cases: Iterable[Case]) -> dict[UUID, Outcome]:
    """Return what has happened to each message, by the record of events and the gates of its holds."""
    ids = [case.message.pk for case in cases]
    events = Event.objects.filter(
        message_id__in=ids, tag__in=[*_STOPPED, Tag.MESSAGE_SCREENED, Tag.MESSAGE_NOT_INSPECTED]
    )
    ends: dict[UUID, str] = {}  # of holds that were stopped
    watched: dict[UUID, set[int]] = defaultdict(set)
    for tag, message_id, hold_id, details in events.values_list("tag", "message_id", "hold_id", "details"):
        if message_id is None:
            continue
        if tag in _STOPPED and hold_id is not None:
            ends[hold_id] = _STOPPED[Tag(tag)]
        else:
            watched[message_id].update(details.get("watched", ()))
    holds: dict[UUID, list[Hold]] = defaultdict(list)
    for hold in (
        Hold.objects.filter(message__in=ids)
        .select_related("revision")
        .prefetch_related("gates__approvers")
        .order_by("pk")
    ):
        holds[hold.message_id].append(hold)
    names = {row.pk: (row.key, Text(row.name_ja, row.name_en)) for row in Policy.objects.all()}
    return {
        message_id: Outcome(
            ways=frozenset(_past_way(hold, ends[hold.pk]) for hold in holds[message_id] if hold.pk in ends),
            policies=dict(_matched(holds[message_id], watched[message_id], names)),
        )
        for message_id in ids
    }


def _past_way(hold: Hold, end: str) -> Way:
    if end:
        return Way(end=end)
    gates = sorted(hold.gates.all(), key=lambda gate: gate.ordinal)
    approvals = [gate for gate in gates if gate.kind == Gate.Kind.APPROVAL]
    # A delay that was ended early, or was set anew after a change of the mail, is not known any more.
    known = hold.not_before is not None and not hold.revision.number
    return Way(
        self_check=len(approvals) < len(gates),
        stages=tuple(
            (frozenset(approver.person_id for approver in gate.approvers.all()), gate.needed)
            for gate in approvals
        ),
        delay=round((hold.not_before - hold.created_at).total_seconds())
        if known and hold.not_before
        else None,
    )


def _matched(
    holds: Iterable[Hold], watched: Iterable[int], names: Mapping[int, tuple[str, Text]]
) -> Iterator[tuple[str, Text]]:
    """Return key and name of each policy that matched, one that only watched too; one that is gone has its number."""
    for hold in holds:
        for reason in hold.reasons:
            number, name = reason["policy_id"], Text(reason["policy"]["ja"], reason["policy"]["en"])
            yield names.get(number, (f"#{number}" if number else f"={reason['code']}", name))
    yield from (names[number] for number in watched if number in names)
