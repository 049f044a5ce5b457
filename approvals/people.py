"""Who somebody is to a hold: its sender, one who may open its current gate, an administrator."""

from django.utils.translation import gettext as _

from approvals.exceptions import NotAllowed, NotApprover, OwnMail
from approvals.models import Gate, Hold
from mailhold.directory.models import Person, fold_address
from mailhold.mime.headers import parse_addresses


def is_sender(hold: Hold, person: Person) -> bool:
    """Say whether `hold` is this person's own mail: as account, by the envelope sender, or by anybody in From."""
    if hold.sender_id is not None and hold.sender_id == person.pk:
        return True
    addresses = person.addresses()
    mine = {fold_address(hold.sender_address), fold_address(hold.message.reverse_path), hold.author_address}
    return bool(addresses & mine) or any(
        fold_address(mailbox.address) in addresses for mailbox in parse_addresses(hold.author)
    )


def current_gate(hold: Hold) -> Gate | None:
    """Return the gate that `hold` waits for, None where only the clock is missing or it waits no longer."""
    if not hold.stage or hold.state != Hold.State.HELD:
        return None
    return hold.gates.get(ordinal=hold.stage)


def may_decide(hold: Hold, person: Person) -> bool:
    """Say whether this person may approve or reject `hold` now."""
    gate = current_gate(hold)
    return gate is not None and refusal_to_decide(hold, gate, person) is None


def refusal_to_decide(hold: Hold, gate: Gate, person: Person) -> OwnMail | NotApprover | None:
    """Return why this person may not open `gate`, or None. Nobody approves his own mail (invariant 8)."""
    if not person.is_active or gate.kind != Gate.Kind.APPROVAL:
        return NotApprover()
    if is_sender(hold, person) and not gate.allow_self:
        return OwnMail()
    if not gate.approvers.filter(person=person).exists():
        return NotApprover()
    return None


def has_decided(hold: Hold, ordinal: int, person: Person) -> bool:
    """Say whether a decision of this person about this stage of the current revision stands."""
    return hold.decisions.filter(
        revision_id=hold.revision_id, ordinal=ordinal, person=person, undone_at__isnull=True
    ).exists()


def is_administrator(person: Person) -> bool:
    """Say whether this person administers mailhold."""
    return person.is_active and (person.is_superuser or person.is_staff)


def may_see(hold: Hold, person: Person) -> bool:
    """Say whether this person may see the mail: its sender, those asked about it, administrators."""
    return (
        is_sender(hold, person)
        or is_administrator(person)
        or hold.gates.filter(approvers__person=person).exists()
    )


def may_edit(hold: Hold, person: Person) -> bool:
    """Say whether this person may change the mail while it is held: its sender and those who decide on it."""
    return hold.state == Hold.State.HELD and (is_sender(hold, person) or may_decide(hold, person))


def require_administrator(person: Person) -> None:
    """Raise NotAllowed for anybody else."""
    if not is_administrator(person):
        raise NotAllowed(_("Only administrators can do this."))
