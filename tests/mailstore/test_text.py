import pytest
from hypothesis import given, strategies as st

from mailhold.mailstore.text import storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("a\0b", "ab"),
        ("見積書\0", "見積書"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("\udce3\udc81 raw bytes", "\ufffd\ufffd raw bytes"),
        ("🍣", "🍣"),
    ],
)
def test_what_a_database_refuses_is_taken_out(text, stored):
    assert storable(text) == stored


@given(st.text(st.characters(codec=None)), st.integers(0, 20))
def test_any_text_becomes_utf8_without_nul_and_within_the_limit(text, limit):
    stored = storable(text, limit)
    assert b"\0" not in stored.encode()
    assert len(stored) <= limit
