"""Since when a policy is as it is."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.record import Actor
from policies import files
from policies.lasting import unchanged_since
from policies.loading import policies_in_force
from policies.models import PolicyVersion

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)
TEXT = """
format: 1
policies:
  - key: wait
    name: {ja: 待つ, en: Wait}
    priority: 10
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: hold, for: 5m}]
"""
MORE = """
  - key: more
    name: {ja: もっと, en: More}
    actions: [{kind: hold, for: 1m}]
"""


@pytest.fixture
def applied(db):
    """Apply a file so many days before now."""

    def applied(text, days):
        number = files.apply(text, Actor(channel="test")).version
        PolicyVersion.objects.filter(number=number).update(made_at=NOW - timedelta(days=days))

    return applied


def found(back_to=LONG_AGO):
    policies = policies_in_force().policies
    since = unchanged_since(policies, back_to)
    return {policy.key: (NOW - since[policy.id]).days for policy in policies if policy.id in since}


def test_a_policy_lasts_from_the_version_that_made_it(applied):
    applied(TEXT, 40)
    applied(TEXT + MORE, 10)
    assert found() == {"wait": 40, "more": 10}


@pytest.mark.parametrize(
    ("old", "new", "days"),
    [
        ("for: 5m", "for: 6m", 10),
        ("choice: external", "choice: internal", 10),
        ("priority: 10", "mode: watch", 10),
        ("priority: 10", "priority: 20", 40),
        ("en: Wait", "en: Wait a little", 40),
    ],
)
def test_what_a_policy_says_counts_and_not_its_name_or_place(applied, old, new, days):
    applied(TEXT, 40)
    applied(TEXT.replace(old, new), 10)
    assert found() == {"wait": days}


def test_what_was_changed_back_begins_anew(applied):
    applied(TEXT, 40)
    applied(TEXT.replace("5m", "6m"), 20)
    applied(TEXT, 10)
    assert found() == {"wait": 10}


def test_no_further_is_looked_than_asked(applied):
    applied(TEXT, 40)
    applied(TEXT + MORE, 20)
    applied(TEXT, 10)
    assert found(NOW - timedelta(days=15)) == {"wait": 20}


def test_versions_that_kept_no_numbers_tell_nothing(applied):
    applied(TEXT, 40)
    frozen = PolicyVersion.objects.get().frozen
    PolicyVersion.objects.update(frozen="")
    assert found() == {}
    PolicyVersion.objects.update(frozen=frozen)
    assert found() == {"wait": 40}
