import pytest

from mailhold.directory.application_passwords import create
from mailhold.directory.models import Address
from mailhold.gateway.accounts import authenticate, current_addresses


@pytest.mark.django_db
def test_application_password_signs_in_with_all_addresses(alice):
    Address.objects.create(person=alice, address="sales@example.test")
    password = create(alice, "Thunderbird")

    signed_in = authenticate("sales@example.test", password)

    assert signed_in.person_id == alice.pk
    assert signed_in.addresses == {"alice@example.test", "sales@example.test"}


@pytest.mark.django_db
def test_password_of_the_pages_does_not_sign_in(alice):
    assert authenticate("alice@example.test", "correct horse battery") is None


@pytest.mark.django_db
def test_somebody_who_left_has_no_address(alice):
    assert current_addresses(alice.pk) == {"alice@example.test"}
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert current_addresses(alice.pk) == frozenset()
