"""Drafts stand beside what is in force, also while a change waits for a second administrator and the tables hold that."""

import json

import pytest

from approvals.replay.drafts import (
    DraftUnusable,
    as_they_stand,
    as_they_wait,
    completed,
    draft_of,
    with_switches,
)
from policies.drafts import with_draft
from policies.loading import policies_in_force
from policies.proposing import waiting_proposal
from policies.reference import Rules
from policies.rows import stored_policies, stored_reference

LISTED = {
    "key": "listed",
    "name": {"ja": "名簿", "en": "Listed"},
    "conditions": [{"kind": "recipient_list", "values": ["customers"]}],
    "actions": [{"kind": "hold", "for": "5m"}],
}
WAIT = {"key": "wait", "name": {"ja": "待つ", "en": "Wait"}, "actions": [{"kind": "hold", "for": "5m"}]}
OFFICE = {"name": "office", "hours": {"monday": "09:00-17:00"}}


def file(*policies, **more):
    return json.dumps({"format": 1, "policies": list(policies), **more})


def customers(*entries, name="customers"):
    return [{"name": name, "entries": list(entries)}]


def lists_of(reference):
    return {name: tuple(each.entries) for name, each in reference.lists.items()}


@pytest.fixture
def change(policies, settings):
    """Put one file in force, and let another wait for a second administrator."""

    def change(in_force, waiting):
        policies(in_force)
        settings.POLICY_SECOND_ADMINISTRATOR = True
        policies(waiting)
        assert waiting_proposal() is not None

    return change


def test_a_file_that_says_nothing_of_lists_and_rules_gets_those_in_force(change):
    change(
        file(WAIT, lists=customers("old.example"), calendars=[OFFICE], rules={"choose": "first"}),
        file(WAIT, lists=customers("new.example"), calendars=[], rules={"choose": "strictest"}),
    )

    for text in (file(LISTED), completed(file(LISTED))):
        draft = draft_of(text)
        assert lists_of(draft.reference) == {"customers": ("old.example",)}
        assert list(draft.reference.calendars) == ["office"]
        assert draft.reference.rules == Rules(first_only=True)


def test_what_a_file_says_itself_is_kept(change):
    change(file(WAIT, lists=customers("old.example")), file(WAIT, lists=customers("new.example")))

    draft = draft_of(completed(file(LISTED, lists=customers("own.example"))))

    assert lists_of(draft.reference) == {"customers": ("own.example",)}


def test_a_file_cannot_name_a_list_that_only_the_waiting_change_has(change):
    change(file(WAIT), file(WAIT, lists=customers("new.example")))

    with pytest.raises(DraftUnusable, match="1 problem"):
        draft_of(file(LISTED))


def test_a_file_may_name_a_list_that_the_waiting_change_takes_away(change):
    change(file(WAIT, lists=customers("old.example")), file(WAIT, lists=[]))

    assert lists_of(draft_of(completed(file(LISTED))).reference) == {"customers": ("old.example",)}


def test_where_nothing_is_in_force_beside_the_policies_a_waiting_change_adds_nothing(change):
    change(
        file(WAIT),
        file(WAIT, lists=customers("new.example"), calendars=[OFFICE], rules={"choose": "first"}),
    )

    for text in (as_they_stand(), with_switches(["wait"]), completed(file(WAIT))):
        reference = draft_of(text).reference
        assert (dict(reference.lists), dict(reference.calendars)) == ({}, {})
        assert not (reference.rules or Rules()).first_only


def test_the_draft_of_the_waiting_change_has_nothing_of_what_it_takes_away(change):
    change(
        file(WAIT, lists=customers("old.example"), calendars=[OFFICE], rules={"choose": "first"}),
        file(WAIT, lists=[], calendars=[], rules={"choose": "strictest"}),
    )

    reference = draft_of(as_they_wait()).reference

    assert (dict(reference.lists), dict(reference.calendars)) == ({}, {})
    assert not reference.rules.first_only
    assert lists_of(policies_in_force().reference) == {"customers": ("old.example",)}


def test_a_policy_of_a_form_is_tried_beside_the_tables_that_the_form_shows(change):
    change(file(WAIT, lists=customers("old.example")), file(WAIT, lists=[]))

    draft = draft_of(with_draft(stored_policies()[0]))

    assert dict(draft.reference.lists) == dict(stored_reference().lists) == {}


def test_a_draft_written_down_stays_what_it_is_when_the_change_comes_into_force(change, settings, policies):
    change(file(WAIT), file(WAIT, lists=customers("new.example")))
    kept = as_they_stand()
    waiting_proposal().delete()
    settings.POLICY_SECOND_ADMINISTRATOR = False
    policies(file(WAIT, lists=customers("newer.example")))

    assert dict(draft_of(kept).reference.lists) == {}
