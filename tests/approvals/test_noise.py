"""When a policy is called noise, by a table and for any numbers."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, strategies as st

from approvals.noise import DAYS, Noise, Record, noises

QUIET = Record(watching=False, conditional=True, days=30, messages=1000, matched=500, no_effect=10)
NEVER = replace(QUIET, messages=200, matched=0, no_effect=0)
ALWAYS = replace(QUIET, messages=100, matched=100, days=7)
APPROVED = replace(QUIET, approvals=20)
NO_EFFECT = replace(QUIET, days=7, matched=20, no_effect=20)
FORGOTTEN = replace(QUIET, watching=True)


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (QUIET, ()),
        (NEVER, (Noise.NEVER,)),
        (ALWAYS, (Noise.ALWAYS,)),
        (APPROVED, (Noise.APPROVED,)),
        (NO_EFFECT, (Noise.NO_EFFECT,)),
        (FORGOTTEN, (Noise.FORGOTTEN,)),
        (replace(NEVER, watching=True), (Noise.NEVER, Noise.FORGOTTEN)),
        (replace(NO_EFFECT, watching=True), (Noise.NO_EFFECT,)),
    ],
)
def test_a_policy_is_noise_from_these_numbers_on(record, found):
    assert noises(record) == found


@pytest.mark.parametrize(
    "record",
    [
        replace(NEVER, messages=199),
        replace(NEVER, days=29),
        replace(NEVER, matched=1),
        replace(ALWAYS, messages=99, matched=99),
        replace(ALWAYS, days=6),
        replace(ALWAYS, matched=99),
        replace(ALWAYS, conditional=False),
        replace(APPROVED, approvals=19),
        replace(APPROVED, others=True),
        replace(APPROVED, watching=True, days=29),
        replace(NO_EFFECT, matched=19, no_effect=19),
        replace(NO_EFFECT, no_effect=19),
        replace(NO_EFFECT, days=6),
        replace(FORGOTTEN, days=29),
    ],
)
def test_a_step_below_any_of_them_nothing_is_said(record):
    assert noises(record) == ()


RECORDS = st.builds(
    Record,
    watching=st.booleans(),
    conditional=st.booleans(),
    days=st.integers(0, DAYS),
    messages=st.integers(0, 2000),
    matched=st.integers(0, 2000),
    no_effect=st.integers(0, 2000),
    approvals=st.integers(0, 50),
    others=st.booleans(),
)


@given(RECORDS)
def test_what_never_matches_is_not_called_anything_that_a_match_would_show(record):
    found = set(noises(record))
    if Noise.NEVER in found:
        assert found <= {Noise.NEVER, Noise.APPROVED, Noise.FORGOTTEN}


@given(RECORDS, st.sampled_from([each.name for each in fields(Record) if each.name in {"days", "messages"}]))
def test_less_time_never_makes_a_policy_noise(record, name):
    assert set(noises(replace(record, days=0))) <= {Noise.APPROVED}
    assert Noise.NEVER not in noises(replace(record, **{name: 0}))
    assert Noise.ALWAYS not in noises(replace(record, **{name: 0}))
