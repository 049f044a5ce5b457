"""What `mailhold doctor` looks at in the policies; each returns a problem as a sentence, or None."""

from django.conf import settings

from policies.proposals import administrators, why_not_agree
from policies.proposing import waiting_proposal


def second_administrator() -> str | None:
    """Where changes of the policies need a second administrator, there is one."""
    if not settings.POLICY_SECOND_ADMINISTRATOR:
        return None
    people = administrators()
    if len(people) < 2:
        return (
            "MAILHOLD_POLICY_SECOND_ADMINISTRATOR is on, and there are fewer than two active administrators who may "
            "change policies: no change can come into force. Make a second administrator."
        )
    proposal = waiting_proposal()
    if proposal is None or any(not why_not_agree(proposal, person) for person in people):
        return None
    return (
        "A change of the policies waits, and every administrator had a part in it: nobody can agree. "
        "Withdraw it and let one of them make it again."
    )
