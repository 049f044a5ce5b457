"""Trying a message: what the policies would do with it. By the way of real mail, and nothing is written.

The message and its recipients are rows that are never stored. What has passed so far counts as it stands: whether it
is somebody's first mail to an address is asked of the record as for real mail.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from time import perf_counter

from approvals.judging import load_surroundings, prepare, read_gist, weigh
from approvals.placing import Places, places_of
from mailhold.directory.models import Person
from mailhold.directory.people import person_by_address
from mailhold.ids import uuid7
from mailhold.mailstore.models import Message, Recipient
from mailhold.mailstore.text import storable
from policies import files
from policies.actions.kind import Names
from policies.actions.registry import action_kind
from policies.documents import Problem
from policies.file_tests import Expectation, PolicyTest, envelope_of, outcomes
from policies.loading import PolicySet, policies_in_force
from policies.marking import marks_of
from policies.rows import stored_policies, stored_reference
from policies.spec import Action, PolicySpec
from policies.verdict import Disposition, Reason, RecipientVerdict, Text, Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A message as if it came at `at`: from the person with the address `sender`, signed in, where there is one.

    `stored` is the message of the record that it is, where it is one; it does not count as earlier mail then.
    """

    content: bytes
    sender: str
    recipients: tuple[str, ...]
    at: datetime
    stored: Message | None = None


def trial_of(content: bytes, sender: str | None, recipients: Sequence[str], at: datetime) -> Trial:
    """Return the trial of a message from outside; sender and recipients are those of its header where none are given."""
    author, named = envelope_of(content)
    return Trial(
        content=content,
        sender=storable(author, 320) if sender is None else sender,
        recipients=tuple(recipients) or tuple(storable(address, 320) for address in named),
        at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What would happen, and where in the message the reasons are.

    `seconds` is what judging took; `uninspected` are files that nobody could look into. `problem` is the code for which a
    person would have to look, "" without one.
    """

    recipients: tuple[RecipientVerdict, ...]
    watched: tuple[Reason, ...]
    problem: str
    inspected: bool
    uninspected: tuple[str, ...]
    seconds: float
    places: Places


def attempt(trial: Trial, in_force: PolicySet | None = None) -> Attempt:
    """Return what the policies (those in force, unless others are given) would do with a message."""
    chosen = in_force or policies_in_force()
    message, recipients = _rows(trial)
    started = perf_counter()
    gist = read_gist(trial.content)
    around = load_surroundings([message], [gist], chosen.policies)
    around = replace(around, reference=chosen.reference)
    prepared = prepare(message, trial.content, gist, recipients, around)
    verdict = weigh(prepared, chosen.policies)
    seconds, problem = perf_counter() - started, prepared.reading.problem
    # Asked for the answer only: policies that look at neither are not judged by what would be found there.
    content, inspection = prepared.facts.content, prepared.facts.inspection
    return Attempt(
        recipients=verdict.recipients,
        watched=verdict.watched,
        problem=problem,
        inspected=content.inspected and inspection.inspected,
        uninspected=tuple("/".join(file.path) for file in inspection.files if not file.inspected),
        seconds=seconds,
        places=places_of(prepared.facts, marks_of(prepared.facts, chosen.policies, verdict)),
    )


def _rows(trial: Trial) -> tuple[Message, list[Recipient]]:
    message = Message(
        id=trial.stored.pk if trial.stored else uuid7(),
        received_at=trial.at,
        reverse_path=trial.sender,
        submitter=_submitter(trial),
    )
    recipients = [
        Recipient(message=message, address=address, domain=address.rpartition("@")[2].lower())
        for address in trial.recipients
    ]
    return message, recipients


def _submitter(trial: Trial) -> Person | None:
    if trial.stored is not None and trial.stored.reverse_path == trial.sender:
        return trial.stored.submitter
    return person_by_address(trial.sender) if trial.sender else None


def said(treatment: Treatment, names: Names) -> tuple[Text, ...]:
    """Return what `treatment` means for a recipient's copy, one sentence part a demand."""
    match treatment.disposition:
        case Disposition.RELEASE:
            return (Text("すぐに送る", "it is sent at once"), *_besides(treatment, names))
        case Disposition.RETURN:
            return (Text("送信者に戻す", "it goes back to the sender"),)
        case Disposition.DISCARD:
            return (Text("送らずに破棄する", "it is not sent but dropped"),)
    asked = [Action(kind="hold", seconds=treatment.delay_seconds)] if treatment.delay_seconds else []
    check = "require_reason" if treatment.reason_required else "self_check"
    asked += [Action(kind=check)] if treatment.self_check else []
    asked += [
        Action(kind="approval", approvers=stage.approvers, ids=stage.ids, needed=stage.needed)
        for stage in treatment.stages
    ]
    return (*_sentences(asked, names), *_besides(treatment, names))


def _besides(treatment: Treatment, names: Names) -> tuple[Text, ...]:
    """Return what is done to the copy, and because of it, besides holding it."""
    asked = [Action(kind="add_header", header=header) for header in treatment.headers]
    asked += [Action(kind="tag", tag=tag) for tag in treatment.tags]
    asked += [Action(kind="add_cc", address=address) for address in treatment.cc]
    asked += [Action(kind="add_bcc", address=address) for address in treatment.bcc]
    asked += [Action(kind="notify", ids=treatment.notify)] if treatment.notify else []
    asked += [Action(kind="urgent")] if treatment.urgent else []
    return _sentences(asked, names)


def _sentences(actions: Iterable[Action], names: Names) -> tuple[Text, ...]:
    return tuple(action_kind(action.kind).sentence(action, names) for action in actions)


def failures(text: str, now: datetime) -> tuple[Problem, ...]:
    """Return which tests of the policy file `text` fail under the policies of that file; its other problems first."""
    file = files.read(text)
    if file.problems or not file.tests:
        return file.problems
    stored = stored_policies()
    in_force = PolicySet(
        version_id=None,
        version=0,
        policies=numbered(file.policies, stored),
        reference=file.reference(stored_reference()),
    )
    return tuple(problem for test in file.tests for problem in _failures(test, in_force, now))


def numbered(policies: Iterable[PolicySpec], stored: Sequence[PolicySpec]) -> tuple[PolicySpec, ...]:
    """Return `policies` with the numbers that they have, or would get one after the other: reasons name them by that."""
    known = {policy.key: policy.id for policy in stored}
    fresh = count(max(known.values(), default=0) + 1)
    return tuple(replace(policy, id=known.get(policy.key) or next(fresh)) for policy in policies)


def _failures(test: PolicyTest, in_force: PolicySet, now: datetime) -> Iterator[Problem]:
    trial = Trial(content=test.content, sender=test.sender, recipients=test.recipients, at=now)
    keys = {policy.id: policy.key for policy in in_force.policies}
    for entry in attempt(trial, in_force).recipients:
        expected = test.expected_of(entry.address)
        matched = sorted({keys[reason.policy_id] for reason in entry.reasons if reason.policy_id in keys})
        if expected is not None and (wrong := _mismatch(expected, entry, matched)) is not None:
            yield Problem(
                test.line,
                Text(
                    f"テスト「{test.name}」、宛先 {entry.address}: {wrong.ja}",
                    f"Test “{test.name}”, recipient {entry.address}: {wrong.en}",
                ),
            )


def _mismatch(expected: Expectation, entry: RecipientVerdict, matched: Sequence[str]) -> Text | None:
    """Return how `entry`, for which the policies `matched`, is other than expected; None where it is not."""
    found = outcomes(entry.treatment)
    by = ", ".join(matched) or "-"
    if expected.outcome not in found:
        is_ = ", ".join(sorted(found))
        return Text(
            f"{expected.outcome} になるはずが {is_} でした(一致したポリシー: {by})。",
            f"{expected.outcome} is expected, but it is {is_} (matching policies: {by}).",
        )
    if (
        expected.by is None
        or (expected.by and set(expected.by) <= set(matched))
        or (not expected.by and not matched)
    ):
        return None
    wanted = ", ".join(expected.by) or "-"
    return Text(
        f"一致するはずのポリシーは {wanted} ですが、一致したのは {by} でした。",
        f"the policies {wanted} are expected to match, but {by} did.",
    )
