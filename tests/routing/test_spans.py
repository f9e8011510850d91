"""Sets of spans: merged, laid over each other, run together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.spans import Spans, merged, overlaid, runs

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda each: (each[0], sum(each))))


def test_spans_that_touch_or_overlap_become_one_and_empty_ones_vanish() -> None:
    assert merged([(5, 7), (1, 3), (3, 4), (6, 9), (20, 20), (30, 25)]) == Spans((1, 5), (4, 9))


@given(PAIRS)
def test_what_any_span_covers_the_merged_ones_cover(pairs: list[tuple[int, int]]) -> None:
    together = merged(pairs)
    for at in range(-1, 45):
        assert together.covers(at) == any(start <= at < end for start, end in pairs)


@given(PAIRS)
def test_the_last_span_given_lies_on_top(pairs: list[tuple[int, int]]) -> None:
    layer = overlaid(pairs)
    for at in range(-1, 45):
        covering = [index for index, (start, end) in enumerate(pairs) if start <= at < end]
        assert layer.top_at(at) == max(covering, default=-1)


def test_equal_neighbours_run_together_and_others_do_not() -> None:
    assert runs([(0, 1, "a"), (1, 2, "a"), (2, 3, "b"), (4, 5, "b")]) == [
        (0, 2, "a"),
        (2, 3, "b"),
        (4, 5, "b"),
    ]
