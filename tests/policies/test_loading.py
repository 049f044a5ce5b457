"""The set in force: read once, and again when it changed."""

import pytest

from audit.record import SYSTEM
from policies import files, loading
from policies.defaults import install_defaults
from policies.evaluate import evaluate
from policies.exceptions import PolicySetChangingError, UnknownKindError
from policies.models import Policy, PolicyCondition, PolicyVersion

EMPTY = "format: 1\npolicies: []\n"


def test_an_unchanged_set_costs_one_small_query(db, django_assert_num_queries):
    install_defaults()
    first = loading.active_policies()
    with django_assert_num_queries(1):
        assert loading.active_policies() is first


def test_a_change_is_seen_at_once(db):
    install_defaults()
    assert len(loading.active_policies()) == 2
    files.apply(EMPTY, SYSTEM)
    assert loading.active_policies() == ()
    assert loading.policies_in_force().version == loading.current_version() == 2


def test_a_number_that_was_given_again_does_not_show_the_old_set(db):
    install_defaults()
    loading.active_policies()
    number = loading.current_version()
    PolicyVersion.objects.all().delete()
    Policy.objects.all().delete()
    files.apply(EMPTY, SYSTEM)
    assert loading.current_version() == number
    assert loading.active_policies() == ()


def test_before_the_first_version_there_is_nothing_kept(db):
    assert loading.policies_in_force() == loading.PolicySet(version_id=None, version=0, policies=())
    Policy.objects.create(key="x", name_ja="x", name_en="x")
    assert [policy.key for policy in loading.active_policies()] == ["x"]


def test_a_change_in_the_middle_of_reading_is_read_again(db, monkeypatch):
    install_defaults()
    read = loading.stored_policies
    changes = iter([EMPTY])

    def reading():
        found = read()
        for text in changes:
            files.apply(text, SYSTEM)
        return found

    monkeypatch.setattr(loading, "stored_policies", reading)
    assert loading.policies_in_force() == loading.PolicySet(
        version_id=PolicyVersion.objects.get(number=2).pk, version=2, policies=()
    )


def test_a_set_that_never_stands_still_is_an_error(db, monkeypatch):
    versions = iter(range(1000))
    monkeypatch.setattr(loading, "_newest", lambda: (f"version {next(versions)}", 1))
    with pytest.raises(PolicySetChangingError):
        loading.active_policies()


def test_a_kind_of_another_version_of_mailhold_stops_the_judgement(db, facts_of):
    install_defaults()
    policy = Policy.objects.first()
    PolicyCondition.objects.create(policy=policy, kind="telepathy")
    PolicyVersion.objects.all().delete()
    facts, _ = facts_of("hanako@customer.example")
    with pytest.raises(UnknownKindError, match="telepathy"):
        evaluate(facts, loading.active_policies())
