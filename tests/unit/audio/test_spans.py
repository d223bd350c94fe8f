"""Stretches of time and what lies between them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio.spans import Span, gaps, total_s

marks = st.lists(st.integers(0, 1_000), unique=True, max_size=20).map(sorted)


def spans_of(points: list[int]) -> list[Span]:
    """Every other stretch between the points."""
    return [Span(float(a), float(b)) for a, b in list(pairwise(points))[::2]]


@pytest.mark.parametrize(
    ("one", "other", "overlap_s"),
    [
        (Span(0, 2), Span(1, 3), 1.0),
        (Span(0, 4), Span(1, 3), 2.0),
        (Span(0, 1), Span(1, 2), 0.0),
        (Span(0, 1), Span(5, 6), 0.0),
    ],
)
def test_overlap_is_how_long_both_last_at_once(one: Span, other: Span, overlap_s: float) -> None:
    assert one.overlap_s(other) == other.overlap_s(one) == overlap_s


def test_a_shifted_span_keeps_its_duration() -> None:
    assert Span(1.0, 3.5).shifted(10.0) == Span(11.0, 13.5)


def test_the_total_of_no_spans_is_zero() -> None:
    assert total_s([]) == 0


@pytest.mark.parametrize(
    ("spans", "within", "expected"),
    [
        ([], Span(0, 5), [Span(0, 5)]),
        ([Span(1, 2)], Span(0, 5), [Span(0, 1), Span(2, 5)]),
        ([Span(0, 5)], Span(0, 5), []),
        ([Span(0, 2), Span(2, 3)], Span(0, 3), []),
        ([Span(0, 10), Span(12, 20)], Span(0, 5), []),
        ([Span(1, 2), Span(7, 8)], Span(0, 5), [Span(0, 1), Span(2, 5)]),
        ([Span(0, 1), Span(2, 9)], Span(3, 5), []),
        ([], Span(0, 0), []),
    ],
)
def test_gaps_are_what_no_span_covers(
    spans: list[Span], within: Span, expected: list[Span]
) -> None:
    assert list(gaps(spans, within)) == expected


@given(points=marks, start=st.integers(0, 1_000), length=st.integers(0, 1_000))
@settings(deadline=None, max_examples=100)
def test_spans_and_gaps_together_fill_the_whole(points: list[int], start: int, length: int) -> None:
    spans, within = spans_of(points), Span(float(start), float(start + length))

    found = list(gaps(spans, within))

    assert all(gap.duration_s > 0 and gap.overlap_s(within) == gap.duration_s for gap in found)
    assert all(gap.overlap_s(span) == 0 for gap in found for span in spans)
    covered_s = sum(span.overlap_s(within) for span in spans)
    assert total_s(found) + covered_s == within.duration_s
