"""Who may sign in to send: the directory's people, as the gateway sees them."""

from mailhold.directory.application_passwords import verify
from mailhold.directory.models import Person
from mailhold.directory.people import sending_addresses
from mailhold.gateway.sign_in import SignedIn


def authenticate(address: str, password: str) -> SignedIn | None:
    """Return the person whose application password this is, or None."""
    person = verify(address, password)
    return None if person is None else SignedIn(person.pk, sending_addresses(person))


def current_addresses(person_id: int) -> frozenset[str]:
    """Return the addresses, folded, that a person may send from now; none for somebody who left."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    return frozenset() if person is None else sending_addresses(person)
