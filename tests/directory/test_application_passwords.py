"""Application passwords: verified, remembered for a minute, revoked at once."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import check_password

from mailhold.directory import application_passwords
from mailhold.directory.application_passwords import (
    SIGNS,
    VerifiedPasswords,
    create,
    generate,
    note_use,
    verify,
)
from mailhold.directory.exceptions import PasswordTooShort, TooManyPasswords
from mailhold.directory.models import Address, ApplicationPassword, Person

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(application_passwords, "_verified", VerifiedPasswords())


@pytest.fixture
def hashings(monkeypatch):
    """Counts how often a password is hashed to be compared, or hashed in vain."""
    counted = []

    def counting(real):
        def call(*args):
            counted.append(args)
            return real(*args)

        return call

    for name in ("check_password", "make_password"):
        monkeypatch.setattr(application_passwords, name, counting(getattr(application_passwords, name)))
    return counted


def test_a_generated_password_has_at_least_100_bits_and_groups_to_type():
    password = generate()
    assert [len(group) for group in password.split("-")] == [4] * 6
    assert 24 * math.log2(len(set(SIGNS))) > 100
    assert generate() != password


def test_the_password_is_verified_with_the_main_and_a_further_address(alice):
    Address.objects.create(person=alice, address="sales@example.test")
    password = create(alice, "phone")
    assert verify("Alice@Example.Test", password) == alice
    assert verify("sales@example.test", password) == alice


def test_each_of_several_passwords_works(alice):
    passwords = [create(alice, "phone"), create(alice, "desk", "a chosen password")]
    assert [verify(alice.email, password) for password in passwords] == [alice, alice]


@pytest.mark.parametrize("wrong", ["", "wrong", "correct horse battery", "x\0y", "\ud800", "x" * 5000])
def test_a_wrong_password_is_refused_and_so_is_the_one_for_the_pages(alice, wrong):
    create(alice, "phone")
    assert verify(alice.email, wrong) is None


def test_a_password_is_no_use_for_another_person(alice, mallory):
    password = create(mallory, "phone")
    assert verify(alice.email, password) is None


def test_only_a_hash_is_kept(alice):
    password = create(alice, "phone")
    kept = ApplicationPassword.objects.get().password_hash
    assert password not in kept
    assert check_password(password, kept)


@pytest.mark.real_hasher
def test_the_hash_is_scrypt(alice):
    create(alice, "phone")
    assert ApplicationPassword.objects.get().password_hash.startswith("scrypt$")


def test_an_unknown_address_costs_a_hashing_like_a_wrong_password(alice, hashings):
    create(alice, "phone")
    hashings.clear()
    assert verify("nobody@example.test", "wrong password") is None
    assert len(hashings) == 1
    assert verify(alice.email, "wrong password") is None
    assert len(hashings) == 2


def test_a_verified_password_is_not_hashed_again_within_a_minute(alice, hashings):
    password = create(alice, "phone")
    hashings.clear()
    assert [verify(alice.email, password) for _time in range(5)] == [alice] * 5
    assert len(hashings) == 1


def test_what_was_verified_is_forgotten_after_a_minute(alice):
    remembered = VerifiedPasswords()
    row = ApplicationPassword(pk=1, password_hash="x")
    remembered.remember(row, "secret", now=100.0)
    assert remembered.knows(row, "secret", now=159.9)
    assert not remembered.knows(row, "secret", now=160.0)


def test_remembering_is_bound_to_row_hash_and_password():
    remembered = VerifiedPasswords()
    remembered.remember(ApplicationPassword(pk=1, password_hash="x"), "secret", now=0.0)
    assert not remembered.knows(ApplicationPassword(pk=2, password_hash="x"), "secret", now=0.0)
    assert not remembered.knows(ApplicationPassword(pk=1, password_hash="y"), "secret", now=0.0)
    assert not remembered.knows(ApplicationPassword(pk=1, password_hash="x"), "other", now=0.0)


def test_no_more_is_remembered_than_allowed():
    remembered = VerifiedPasswords(limit=2)
    rows = [ApplicationPassword(pk=number, password_hash="x") for number in range(4)]
    for row in rows[:3]:
        remembered.remember(row, "secret", now=0.0)
    assert [remembered.knows(row, "secret", now=1.0) for row in rows[:3]] == [True, True, False]
    remembered.remember(rows[3], "secret", now=61.0)
    assert remembered.knows(rows[3], "secret", now=62.0)


def test_a_revoked_password_is_refused_at_once_although_it_was_remembered(alice):
    password = create(alice, "phone")
    assert verify(alice.email, password) == alice
    ApplicationPassword.objects.all().delete()
    assert verify(alice.email, password) is None


def test_a_changed_password_is_refused_at_once_although_it_was_remembered(alice):
    password = create(alice, "phone")
    assert verify(alice.email, password) == alice
    other = create(alice, "desk")
    desk = ApplicationPassword.objects.get(label="desk")
    ApplicationPassword.objects.filter(label="phone").update(password_hash=desk.password_hash)
    assert verify(alice.email, password) is None
    assert verify(alice.email, other) == alice


def test_somebody_who_left_is_refused_at_once_although_the_password_was_remembered(alice):
    password = create(alice, "phone")
    assert verify(alice.email, password) == alice
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert verify(alice.email, password) is None


def test_when_it_was_used_is_kept(alice):
    password = create(alice, "phone")
    assert ApplicationPassword.objects.get().used_at is None
    verify(alice.email, password)
    assert ApplicationPassword.objects.get().used_at is not None


@pytest.mark.parametrize(("seconds", "written"), [(59, False), (60, False), (61, True)])
def test_use_is_written_at_most_once_a_minute(alice, seconds, written):
    create(alice, "phone")
    ApplicationPassword.objects.update(used_at=NOW)
    later = NOW + timedelta(seconds=seconds)
    note_use(ApplicationPassword.objects.get(), later)
    assert ApplicationPassword.objects.get().used_at == (later if written else NOW)


def test_a_use_that_another_process_noted_first_is_left(alice):
    create(alice, "phone")
    stale = ApplicationPassword.objects.get()
    ApplicationPassword.objects.update(used_at=NOW)
    note_use(stale, NOW + timedelta(seconds=1))
    assert ApplicationPassword.objects.get().used_at == NOW


@pytest.mark.parametrize("chosen", ["", "short", "x" * 5, "x" * 201, "has a \0 in it", "has a \ud800 in it"])
def test_a_chosen_password_that_is_too_weak_or_no_text_is_refused(alice, chosen):
    with pytest.raises(PasswordTooShort):
        create(alice, "phone", chosen)
    assert not ApplicationPassword.objects.exists()


def test_there_is_an_end_to_the_number_of_passwords(alice):
    for _number in range(application_passwords.MOST_PER_PERSON):
        create(alice, "phone")
    with pytest.raises(TooManyPasswords):
        create(alice, "one more")
