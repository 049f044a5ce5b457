import pytest

from mailhold.delivery.retry import RetrySchedule


@pytest.mark.parametrize(
    ("attempts_made", "wait"),
    [(-1, 0), (0, 0), (1, 60), (2, 300), (3, 900), (4, None), (5, None), (1_000_000, None)],
)
def test_the_schedule_says_how_long_to_wait_and_when_to_give_up(attempts_made, wait):
    assert RetrySchedule((60, 300, 900)).next_attempt(attempts_made) == wait


def test_an_empty_schedule_gives_up_after_the_first_attempt():
    assert RetrySchedule(()).next_attempt(1) is None
