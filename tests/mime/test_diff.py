"""What changed between two texts, exact and in bounded time."""

import random
import time

import pytest
from hypothesis import given, strategies as st

from mailhold.mime.diff import Kind, Segment, diff_text

TEXTS = st.lists(st.text(alphabet="abあい \n", max_size=12), max_size=12).map("\n".join)


def side(rows, name):
    lines = [(getattr(row, f"{name}_number"), "".join(s.text for s in getattr(row, name))) for row in rows]
    return [(number, line) for number, line in lines if number]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off_the_rows(old, new):
    rows = diff_text(old, new)
    assert side(rows, "old") == list(enumerate(old.splitlines(), 1))
    assert side(rows, "new") == list(enumerate(new.splitlines(), 1))


@given(TEXTS)
def test_equal_texts_have_no_change(text):
    assert {row.kind for row in diff_text(text, text)} <= {Kind.SAME}


@given(TEXTS, TEXTS)
def test_a_changed_line_marks_exactly_what_differs(old, new):
    for row in diff_text(old, new):
        if row.kind is Kind.CHANGED:
            assert [s.text for s in row.old if not s.changed] == [
                s.text for s in row.new if not s.changed
            ] or (
                "".join(s.text for s in row.old if not s.changed)
                == "".join(s.text for s in row.new if not s.changed)
            )


def test_a_changed_word_is_marked_within_its_line():
    (row,) = diff_text("The price is 100 yen.", "The price is 200 yen.")
    assert row.kind is Kind.CHANGED
    assert row.old == (Segment("The price is "), Segment("100", True), Segment(" yen."))
    assert row.new == (Segment("The price is "), Segment("200", True), Segment(" yen."))


def test_japanese_is_compared_by_characters():
    (row,) = diff_text("会議は月曜日です。", "会議は火曜日です。")
    assert [s.text for s in row.old + row.new if s.changed] == ["月", "火"]


def test_lines_without_much_in_common_are_removed_and_added():
    assert [row.kind for row in diff_text("abc def", "xyz uvw")] == [Kind.REMOVED, Kind.ADDED]


def japanese(characters, line, seed):
    source = random.Random(seed)
    letters = "日本語の文章をここに書きますがよろしくお願いします会議件名重要見積書"
    return "\n".join("".join(source.choices(letters, k=line)) for _ in range(characters // line))


@pytest.mark.parametrize("line", [20, 40, 100, 500, 900, 12_000])
def test_a_long_japanese_text_is_compared_at_once(line):
    old, new = japanese(12_000, line, 1), japanese(12_000, line, 2)
    started = time.process_time()
    diff_text(old, new)
    assert time.process_time() - started < 0.5


def test_a_text_of_lines_that_repeat_is_compared_in_bounded_time():
    source = random.Random(3)
    old, new = ("\n".join(source.choices("ab", k=50_000)) for _ in range(2))
    started = time.process_time()
    diff_text(old, new)
    assert time.process_time() - started < 3
