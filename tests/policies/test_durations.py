import pytest
from hypothesis import given, strategies

from policies.durations import format_duration, parse_duration, say_duration
from policies.verdict import Text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("24h", 86400),
        ("7d", 604800),
        ("300", 300),
        (" 5 M ", 300),
        ("5分", 300),
        ("24時間", 86400),
        ("１時間３０分", 5400),
        ("", None),
        ("5x", None),
        ("m5", None),
        ("-5m", None),
        ("5m1h", None),
    ],
)
def test_a_duration_is_read_as_people_write_it(text, seconds):
    assert parse_duration(text) == seconds


@given(strategies.integers(0, 366 * 86400))
def test_what_is_written_is_read_back(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


def test_a_day_is_said_as_24_hours():
    assert format_duration(86400) == "24h"
    assert say_duration(86400) == Text("24時間", "24 hours")
    assert say_duration(3660) == Text("1時間1分", "1 hour 1 minute")
    assert say_duration(3 * 86400) == Text("3日", "3 days")
