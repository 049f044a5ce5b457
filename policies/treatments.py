"""Adding treatments up: what several policies ask for at once is the strictest of each."""

from policies.reference import Rules
from policies.verdict import Approvers, Disposition, Stage, Treatment

MINUTE = 60
RISK_DEADLINE = 24 * 3600

_STRICTNESS = {disposition: rank for rank, disposition in enumerate(Disposition)}


def stricter(first: Treatment, second: Treatment) -> Treatment:
    """Return the treatment that does all that `first` and `second` ask for."""
    return Treatment(
        disposition=max(first.disposition, second.disposition, key=_STRICTNESS.__getitem__),
        delay_seconds=max(first.delay_seconds, second.delay_seconds),
        sender_may_cancel=first.sender_may_cancel and second.sender_may_cancel,
        sender_may_send_now=_may_send_now(first, second),
        self_check=first.self_check or second.self_check,
        reason_required=first.reason_required or second.reason_required,
        stages=_union(first.stages, second.stages),
        deadline_seconds=_earlier(first.deadline_seconds, second.deadline_seconds),
        link_level=max(first.link_level, second.link_level),
        return_text=first.return_text or second.return_text,
        urgent=first.urgent or second.urgent,
        risk=first.risk + second.risk,
        headers=_together(first.headers, second.headers),
        tags=_together(first.tags, second.tags),
        cc=_together(first.cc, second.cc),
        bcc=_together(first.bcc, second.bcc),
        notify=tuple(sorted({*first.notify, *second.notify})),
    )


def settle(treatment: Treatment) -> Treatment:
    """Return `treatment` without what its disposition leaves no room for, so that equal ones compare equal."""
    match treatment.disposition:
        case Disposition.HOLD:
            return treatment
        case Disposition.RETURN:
            return Treatment(
                disposition=Disposition.RETURN, return_text=treatment.return_text, notify=treatment.notify
            )
        case Disposition.RELEASE:
            return Treatment(
                headers=treatment.headers,
                tags=treatment.tags,
                cc=treatment.cc,
                bcc=treatment.bcc,
                notify=treatment.notify,
            )
        case _:
            return Treatment(disposition=treatment.disposition, notify=treatment.notify)


def friction(points: int, rules: Rules) -> Treatment:
    """Return what mail with so many points of risk must go through."""
    if points >= rules.manager:
        return _approval(Approvers.MANAGER)
    if points >= rules.peer:
        return _approval(Approvers.PEERS)
    if points >= rules.check:
        return Treatment(
            disposition=Disposition.HOLD,
            delay_seconds=5 * MINUTE,
            self_check=True,
            deadline_seconds=RISK_DEADLINE,
        )
    if points >= rules.wait:
        return Treatment(disposition=Disposition.HOLD, delay_seconds=MINUTE)
    return Treatment()


def _approval(approvers: Approvers) -> Treatment:
    stage = Stage(approvers=approvers)
    return Treatment(disposition=Disposition.HOLD, stages=(stage,), deadline_seconds=RISK_DEADLINE)


def _together(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _may_send_now(first: Treatment, second: Treatment) -> bool:
    """Cutting the delay short takes the leave of every policy that asks for a delay."""
    if first.delay_seconds and second.delay_seconds:
        return first.sender_may_send_now and second.sender_may_send_now
    return first.sender_may_send_now if first.delay_seconds else second.sender_may_send_now


def _earlier(first: int, second: int) -> int:
    return min(first, second) if first and second else first or second


def _union(first: tuple[Stage, ...], second: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Return the stages of both in order; stages of the same people become one, as strict as the stricter."""
    if not first or not second:
        return first or second
    stages = {(stage.approvers, stage.ids): stage for stage in first}
    for stage in second:
        known = stages.get((stage.approvers, stage.ids))
        stages[stage.approvers, stage.ids] = stage if known is None else _merged(known, stage)
    return tuple(stages.values())


def _merged(first: Stage, second: Stage) -> Stage:
    return Stage(
        approvers=first.approvers,
        ids=first.ids,
        needed=max(first.needed, second.needed),
        allow_self=first.allow_self and second.allow_self,
    )
