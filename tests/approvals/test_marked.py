"""Texts cut into runs and passages: nothing is lost, nothing stands twice, and marks are where they were asked for."""

import pytest
from hypothesis import given, strategies as st

from approvals.marked import Excerpt, Run, Span, excerpt, passages, runs, shows


@st.composite
def spans(draw, longest=60):
    start = draw(st.integers(-3, longest))
    return Span(draw(st.integers(1, 4)), start, start + draw(st.integers(-1, 15)))


@given(st.text(max_size=60), st.lists(spans(), max_size=12))
def test_runs_put_together_are_the_text_and_each_sign_has_the_numbers_of_its_marks(text, given_spans):
    found = runs(text, given_spans)
    assert "".join(run.text for run in found) == text
    wanted = [
        tuple(
            sorted(
                {
                    span.number
                    for span in given_spans
                    if 0 <= span.start < span.end <= len(text) and span.start <= at < span.end
                }
            )
        )
        for at in range(len(text))
    ]
    assert [run.numbers for run in found for _ in run.text] == wanted
    # Each reason has one first mark.
    firsts = [number for run in found for number in run.first]
    assert sorted(firsts) == sorted({number for numbers in wanted for number in numbers})
    assert all(set(run.ends) <= set(run.numbers) and set(run.first) <= set(run.numbers) for run in found)


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        ([], [Run("abcdef")]),
        ([Span(1, 0, 6)], [Run("abcdef", (1,), (1,), (1,))]),
        ([Span(1, 1, 3), Span(1, 3, 4)], [Run("a"), Run("bcd", (1,), (1,), (1,)), Run("ef")]),
        (
            [Span(1, 0, 4), Span(2, 2, 6)],
            [Run("ab", (1,), (1,), ()), Run("cd", (1, 2), (2,), (1,)), Run("ef", (2,), (), (2,))],
        ),
        (
            [Span(2, 0, 2), Span(1, 0, 2), Span(1, 4, 5)],
            [Run("ab", (1, 2), (1, 2), (1, 2)), Run("cd"), Run("e", (1,), (), (1,)), Run("f")],
        ),
        ([Span(1, 4, 9), Span(1, -1, 2), Span(1, 3, 3)], [Run("abcdef")]),
    ],
)
def test_marks_that_touch_are_one_and_those_of_other_reasons_overlap(given_spans, expected):
    assert list(runs("abcdef", given_spans)) == expected


def test_the_first_mark_of_a_reason_can_have_been_in_another_text():
    assert [run.first for run in runs("ab", [Span(1, 0, 1), Span(2, 1, 2)], already=[1])] == [(), (2,)]


def test_a_short_text_is_shown_whole_and_one_without_marks_not_at_all():
    (passage,) = passages("one\ntwo", [Span(1, 4, 7)])
    assert ("".join(run.text for run in passage.runs), passage.line) == ("one\ntwo", 1)
    assert (passage.cut_before, passage.cut_after) == (False, False)
    assert passages("one\ntwo", []) == ()


def test_of_a_long_text_the_lines_around_the_marks_are_shown():
    lines = [f"line {n}" for n in range(1, 1001)]
    lines[500] = ""
    text = "\n".join(lines)
    marked = [
        Span(1, at, at + 6)
        for at in (text.index("line 3\n"), text.index("line 50\n"), text.index("line 502"))
    ]
    shown = [("".join(run.text for run in passage.runs), passage.line) for passage in passages(text, marked)]
    assert shown == [
        ("line 2\nline 3\nline 4", 2),
        ("line 49\nline 50\nline 51", 49),
        ("line 500\n\nline 502\nline 503", 500),
    ]


@given(st.text(st.sampled_from("ab \n"), max_size=40), st.lists(spans(3_000), max_size=12))
def test_every_mark_is_in_one_passage_whatever_the_lines_are(piece, given_spans):
    text = (piece + "x" * 70) * 40
    wanted = sum(len(run.text) for run in runs(text, given_spans) if run.numbers)
    found = passages(text, given_spans)
    assert sum(len(run.text) for passage in found for run in passage.runs if run.numbers) == wanted
    assert all("".join(run.text for run in passage.runs) in text for passage in found)
    assert [passage.line for passage in found] == sorted(passage.line for passage in found)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("この資料は社外秘です。", "社外秘", Excerpt("この資料は", "社外秘", "です。")),
        ("前の行\n社外秘\t次\n後の行", "社外秘", Excerpt("", "社外秘", " 次")),
        ("x" * 50 + "秘" + "y" * 50, "秘", Excerpt("…" + "x" * 30, "秘", "y" * 30 + "…")),
        ("a\nb", "a\nb", Excerpt("", "a b", "")),
        ("z" * 100, "z" * 100, Excerpt("", "z" * 59 + "…", "")),
    ],
)
def test_an_excerpt_stands_on_one_line(text, word, expected):
    at = text.index(word)
    assert excerpt(text, Span(1, at, at + len(word))) == expected


@pytest.mark.parametrize(
    ("text", "word", "before", "after"),
    [
        ("If anything at all is missing, please call Jane", "Jane", "…all is missing, please call ", ""),
        ("If anything is missing, please call Jane", "Jane", "…is missing, please call ", ""),
        ("Jane is to be called whenever something", "Jane", "", " is to be called whenever…"),
    ],
)
def test_an_excerpt_is_cut_between_words(text, word, before, after):
    at = text.index(word)

    assert excerpt(text, Span(1, at, at + len(word))) == Excerpt(before, word, after)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane, phone 5550101", True),
        ("Jane, of whom nothing more is known, phone 5550101", False),
        ("Jane\n5550101", False),
    ],
)
def test_one_excerpt_shows_a_mark_close_behind_on_its_line(text, expected):
    at = text.index("5550101")

    assert shows(text, Span(1, 0, 4), Span(1, at, at + 7)) is expected


def test_a_second_mark_within_an_excerpt_is_marked_too():
    text = "担当は山本 彩(電話 03-0000-0101)です。\n次の行 03-0000-0102"
    spans = [
        Span(1, text.index(word), text.index(word) + len(word))
        for word in ("山本 彩", "03-0000-0101", "03-0000-0102")
    ]

    shown = excerpt(text, spans[0], spans)

    assert shown.after_runs == (Run("(電話 "), Run("03-0000-0101", (1,), (1,), (1,)), Run(")です。"))
