from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from mailhold.mime.pieces import InspectedFile, Inspection, Piece
from policies.wire import WireError, decode, encode

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
PIECES = st.builds(
    Piece,
    where=TEXT,
    path=st.lists(TEXT, max_size=3).map(tuple),
    text=TEXT,
    rows=st.lists(st.lists(TEXT, max_size=3).map(tuple), max_size=3).map(tuple),
    hidden=st.booleans(),
)
FILES = st.builds(
    InspectedFile,
    path=st.lists(TEXT, max_size=3).map(tuple),
    declared_type=TEXT,
    detected_type=TEXT,
    size=st.integers(0, 2**40),
    encrypted=st.booleans(),
    problem=TEXT,
)
INSPECTIONS = st.builds(
    Inspection,
    pieces=st.lists(PIECES, max_size=3).map(tuple),
    files=st.lists(FILES, max_size=3).map(tuple),
    inspected=st.booleans(),
    problems=st.lists(TEXT, max_size=3).map(tuple),
)


@given(INSPECTIONS)
def test_an_inspection_comes_back_as_it_was(inspection):
    assert decode(Inspection, encode(inspection)) == inspection


@dataclass(frozen=True)
class Sample:
    number: int
    share: float = 0.0
    words: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    inner: "Piece | None" = None


@pytest.mark.parametrize(
    "value",
    [
        Sample(1),
        Sample(2, 0.5, frozenset({"a", "b"}), {"k": "v"}, Piece(where="body", path=())),
        Sample(3, words=frozenset({"\ud800"})),
    ],
)
def test_sets_mappings_and_optional_parts_come_back(value):
    assert decode(Sample, encode(value)) == value


@pytest.mark.parametrize(
    "wire", [b"", b"nonsense", b"[]", b"{}", b'{"number":"1"}', b'{"number":1,"share":[]}', b"[" * 100_000]
)
def test_what_is_not_what_was_promised_is_refused(wire):
    with pytest.raises(WireError):
        decode(Sample, wire)
