import time

from mailhold.ids import uuid7


def test_identifiers_are_of_version_7_and_variant_rfc():
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_identifiers_carry_the_time():
    before = time.time_ns() // 1_000_000
    milliseconds = uuid7().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_identifiers_sort_by_the_time_at_which_they_were_made():
    made = []
    for _ in range(200):
        made.append(uuid7())
        start = time.time_ns()
        while time.time_ns() - start < 1000:  # the fraction counts steps of 244 nanoseconds
            pass
    assert made == sorted(made)
    assert len(set(made)) == len(made)
