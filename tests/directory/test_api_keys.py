"""Bearer keys."""

from datetime import UTC, datetime, timedelta

import pytest

from mailhold.directory import api_keys
from mailhold.directory.models import ApiKey, Person

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_key_acts_as_its_person(alice, mallory):
    assert api_keys.person_for(api_keys.create(alice, "script")) == alice


def test_a_key_can_be_recognised_and_only_its_hash_is_kept(alice):
    key = api_keys.create(alice, "script")
    assert key.startswith("mh_")
    assert len(key) > 40
    assert key not in str(ApiKey.objects.values().get())


@pytest.mark.parametrize("wrong", ["", "mh_", "mh_wrong", "wrong", "mh_\0", "mh_\ud800"])
def test_an_unknown_key_acts_as_nobody(alice, wrong):
    api_keys.create(alice, "script")
    assert api_keys.person_for(wrong) is None


def test_the_hash_itself_is_no_key(alice):
    api_keys.create(alice, "script")
    assert api_keys.person_for("mh_" + ApiKey.objects.get().key_hash) is None


def test_the_key_of_somebody_who_left_is_refused(alice):
    key = api_keys.create(alice, "script")
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert api_keys.person_for(key) is None


def test_a_revoked_key_is_refused(alice):
    key = api_keys.create(alice, "script")
    ApiKey.objects.all().delete()
    assert api_keys.person_for(key) is None


@pytest.mark.parametrize(("seconds", "written"), [(59, False), (61, True)])
def test_use_is_written_at_most_once_a_minute(alice, seconds, written):
    api_keys.create(alice, "script")
    ApiKey.objects.update(used_at=NOW)
    later = NOW + timedelta(seconds=seconds)
    api_keys.note_use(ApiKey.objects.get(), later)
    assert ApiKey.objects.get().used_at == (later if written else NOW)


def test_the_first_use_is_written(alice):
    api_keys.person_for(api_keys.create(alice, "script"))
    assert ApiKey.objects.get().used_at is not None
