"""What every page of the administration says of a change of the policies that waits."""

from typing import Any

from django import template
from django.conf import settings

from mailhold.directory.models import Person
from policies.proposals import authors_of, is_author, why_not_agree
from policies.proposing import waiting_proposal

register = template.Library()


@register.inclusion_tag("policies/_waiting.html", takes_context=True)
def change_that_waits(context: dict[str, Any]) -> dict[str, Any]:
    """Return the change that waits, and what whoever is signed in has to do with it; nothing where it does not concern them."""
    request = context.get("request")
    person = getattr(request, "user", None)
    if not isinstance(person, Person) or not person.has_perm("policies.view_policy"):
        return {}
    proposal = waiting_proposal()
    if proposal is None:
        return {}
    return {
        "proposal": proposal,
        "who": authors_of(proposal),
        "own": is_author(proposal, person),
        "may_agree": not why_not_agree(proposal, person),
        "second_needed": settings.POLICY_SECOND_ADMINISTRATOR,
        "on_its_page": "proposal" in context,
    }
