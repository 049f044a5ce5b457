from itertools import product

import pytest

from approvals.models import Hold
from approvals.states import ARROWS, ENDED_STATES, FIRST_STATES, RECIPIENT_STATUSES, HoldState, sources
from approvals.transitions import move
from mailhold.mailstore.models import FINAL_RECIPIENT_STATUSES


def test_every_state_has_its_arrows_and_its_recipient_statuses():
    assert set(ARROWS) == set(HoldState)
    assert set(RECIPIENT_STATUSES) == set(HoldState)


def test_what_is_ended_stays_ended_but_for_sending_again():
    assert {state: ARROWS[state] for state in ENDED_STATES} == {
        HoldState.DONE: {HoldState.QUEUED},
        HoldState.CANCELED: set(),
        HoldState.REJECTED: set(),
        HoldState.RETURNED: set(),
        HoldState.DISCARDED: set(),
    }


def test_the_recipients_of_ended_holds_have_ended():
    for state in ENDED_STATES:
        assert RECIPIENT_STATUSES[state] <= FINAL_RECIPIENT_STATUSES


def test_every_state_can_be_reached():
    reached = set(FIRST_STATES)
    for _ in HoldState:
        reached |= {target for state in reached for target in ARROWS[state]}
    assert reached == set(HoldState)


@pytest.mark.parametrize(("start", "target"), list(product(HoldState, HoldState)))
def test_a_move_happens_exactly_where_an_arrow_leads(start, target, needs_manager, now):
    # Constraints speak of more than the state; a row fit for every state lets the arrows alone decide.
    Hold.objects.filter(pk=needs_manager.pk).update(
        stage=0, next_attempt_at=now, lease_token=needs_manager.pk, state=start
    )
    allowed = target in ARROWS[start]

    moved = move(needs_manager.pk, target, now)

    needs_manager.refresh_from_db()
    assert moved is allowed
    assert needs_manager.state == (target if allowed else start)
    assert (start in sources(target)) is allowed
    Hold.objects.filter(pk=needs_manager.pk).update(state=HoldState.HELD)
