"""A replay as people read it: its figures, the differences first, in the language and time zone of the moment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from approvals.figures import Day, Figures, Group as ShownGroup, Sample, Share, shortened
from approvals.models import Gate, Hold
from approvals.replay.models import Replay, ReplaySample
from approvals.replay.tally import Group, Tally
from mailhold.directory.models import Person
from mailhold.mailstore.models import Message
from policies.actions.kind import Names
from policies.actions.registry import action_kind
from policies.languages import in_active_language
from policies.models import Policy
from policies.spec import Action
from policies.verdict import Approvers, Text

PEOPLE_SHOWN = 50
# Differences first; what is held neither time is only counted.
_ORDER = (Group.NEWLY, Group.NO_LONGER, Group.OTHERWISE, Group.HELD, Group.SAME, Group.FREE)


def _titles(*, compared: bool) -> dict[Group, str]:
    return {
        Group.NEWLY: _("Newly held"),
        Group.NO_LONGER: _("No longer held"),
        Group.OTHERWISE: _("Held otherwise: other checks, approvers or times"),
        Group.SAME: _("Held as in fact"),
        Group.FREE: _("Sent at once, as in fact") if compared else _("Sent at once"),
        Group.HELD: _("Would be held"),
    }


def figures_of(replay: Replay) -> Figures:
    """Return what a replay has found so far."""
    samples: dict[str, list[Sample]] = {}
    for group, sample in _samples(replay):
        samples.setdefault(group, []).append(sample)
    return figures_of_tally(Tally.of(replay.counters), samples)


def figures_of_tally(
    tally: Tally, samples: Mapping[str, Sequence[Sample]], *, compared: bool = True
) -> Figures:
    """Return the figures of a tally; where nothing is `compared`, without what happened in fact."""
    titles = _titles(compared=compared)
    shown = [group for group in _ORDER if tally.groups.get(group) or _expected(group, compared=compared)]
    return Figures(
        messages=tally.messages,
        held=tally.held[0],
        in_fact=tally.held[1] if compared else None,
        days=_days(tally, compared=compared),
        approvers=_approvers(tally, compared=compared),
        policies=_policies(tally, compared=compared),
        groups=tuple(
            ShownGroup(
                title=titles[group],
                count=tally.groups.get(group, 0),
                samples=tuple(samples.get(group, ())),
            )
            for group in shown
        ),
    )


def _expected(group: Group, *, compared: bool) -> bool:
    """Tell whether a group is shown with a zero: that nothing would change is worth knowing."""
    return compared and group in {Group.NEWLY, Group.NO_LONGER}


def _days(tally: Tally, *, compared: bool) -> tuple[Day, ...]:
    return tuple(
        Day(date=date.fromisoformat(day), messages=all_, held=held, in_fact=fact if compared else None)
        for day, (all_, held, fact) in sorted(tally.days.items(), reverse=True)
    )


def _approvers(tally: Tally, *, compared: bool) -> tuple[Share, ...]:
    """Return who is asked how often; where many are, those who are asked the most."""
    names = {
        str(pk): str(person) for pk, person in Person.objects.in_bulk(list(map(int, tally.approvers))).items()
    }
    shares = _shares(
        tally.approvers, lambda key: names.get(key, _("somebody who is gone")), compared=compared
    )
    return shares[:PEOPLE_SHOWN]


def _policies(tally: Tally, *, compared: bool) -> tuple[Share, ...]:
    return _shares(
        tally.policies,
        lambda key: in_active_language(Text(tally.names[key]["ja"], tally.names[key]["en"])),
        compared=compared,
    )


def _shares(
    pairs: Mapping[str, Sequence[int]], name: Callable[[str], str], *, compared: bool
) -> tuple[Share, ...]:
    ordered = sorted(pairs.items(), key=lambda pair: (-max(pair[1]), pair[0]))
    return tuple(
        Share(name=name(key), count=would, in_fact=fact if compared else None)
        for key, (would, fact) in ordered
    )


def remarks(tally: Tally) -> list[str]:
    """Return sentences about mail that was not judged like the rest."""
    found = []
    if tally.not_inspected:
        found.append(
            ngettext(
                "%(count)d message could not be inspected and would be held for a person.",
                "%(count)d messages could not be inspected and would be held for a person.",
                tally.not_inspected,
            )
            % {"count": tally.not_inspected}
        )
    if tally.gone:
        found.append(
            ngettext(
                "%(count)d message was left out: its content has been deleted.",
                "%(count)d messages were left out: their content has been deleted.",
                tally.gone,
            )
            % {"count": tally.gone}
        )
    if tally.unreadable:
        found.append(
            ngettext(
                "%(count)d message was left out: its content cannot be opened.",
                "%(count)d messages were left out: their content cannot be opened.",
                tally.unreadable,
            )
            % {"count": tally.unreadable}
        )
    return found


def problem_of(replay: Replay) -> str:
    """Return why a replay failed, "" where it did not."""
    return in_active_language(Text(**replay.problem)) if replay.problem else ""


def about(replay: Replay) -> str:
    """Return in a few words which draft it was."""
    if file := replay.about.get("file"):
        return _("the file %(name)s") % {"name": file}
    if replay.about.get("waiting"):
        return _("the change that waited for a second administrator")
    keys: dict[str, bool] = replay.about.get("switched", {})
    if not keys:
        return _("the policies as they stood, version %(number)d") % {"number": replay.policy_version}
    names = {row.key: Text(row.name_ja, row.name_en) for row in Policy.objects.filter(key__in=keys)}
    parts = [
        (_("%(name)s on") if to_on else _("%(name)s off"))
        % {"name": in_active_language(names[key]) if key in names else key}
        for key, to_on in sorted(keys.items())
    ]
    return _("; ").join(parts)


def _samples(replay: Replay) -> Iterable[tuple[str, Sample]]:
    rows = list(replay.samples.select_related("message").order_by("-message_id"))
    holds = _holds([row.message_id for row in rows])
    names = names_in(hold for each in holds.values() for hold in each)
    for row in rows:
        yield row.group, _sample(row, row.message, holds.get(row.message_id, []), names)


def _holds(message_ids: Sequence[Any]) -> dict[Any, list[Hold]]:
    found: dict[Any, list[Hold]] = {}
    for hold in (
        Hold.objects.filter(message__in=message_ids).prefetch_related("gates__approvers").order_by("pk")
    ):
        found.setdefault(hold.message_id, []).append(hold)
    return found


def _sample(row: ReplaySample, message: Message, holds: Sequence[Hold], names: Names) -> Sample:
    return Sample(
        received_at=message.received_at,
        sender=message.reverse_path,
        subject=holds[0].subject if holds else "",
        recipients=shortened(list(message.recipients.order_by("pk").values_list("address", flat=True))),
        would=tuple(in_active_language(Text(each["ja"], each["en"])) for each in row.would),
        happened=tuple(dict.fromkeys(part for hold in holds for part in happened(hold, names))),
        reasons=tuple(
            f"{in_active_language(Text(**each['policy']))}: {in_active_language(Text(**each['text']))}"
            for each in row.reasons
        ),
        url=reverse("approvals:message", args=[holds[0].pk]) if holds else "",
    )


def names_in(holds: Iterable[Hold]) -> Names:
    """Return what those are called who are asked about `holds`."""
    people = {
        approver.person_id for hold in holds for gate in hold.gates.all() for approver in gate.approvers.all()
    }
    return Names(persons={pk: str(person) for pk, person in Person.objects.in_bulk(people).items()})


def happened(hold: Hold, names: Names) -> list[str]:
    """Return what a hold went through, in the words of what policies ask for, and where it is now."""
    asked = []
    if hold.not_before is not None and hold.not_before > hold.created_at:
        asked.append(Action(kind="hold", seconds=round((hold.not_before - hold.created_at).total_seconds())))
    for gate in sorted(hold.gates.all(), key=lambda gate: gate.ordinal):
        if gate.kind == Gate.Kind.SELF_CHECK:
            asked.append(Action(kind="require_reason" if hold.reason_required else "self_check"))
            continue
        ids = tuple(sorted(approver.person_id for approver in gate.approvers.all()))
        asked.append(Action(kind="approval", approvers=Approvers.PERSONS, ids=ids, needed=gate.needed))
    texts = [in_active_language(action_kind(each.kind).sentence(each, names)) for each in asked]
    return [*texts, hold.get_state_display()]
