"""Windows hold all speech once, and map their times back to the recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio.spans import Span
from diarist.transcription.windows import LONGEST_S, Window, plan_windows


@st.composite
def speech_spans(draw: st.DrawFn) -> list[Span]:
    """Speech of a chunk, as the detector gives it: sorted, apart from each other."""
    spans: list[Span] = []
    at_s = draw(st.floats(0.0, 3.0))
    for _ in range(draw(st.integers(1, 12))):
        length_s = draw(st.floats(0.1, 40.0))
        spans.append(Span(at_s, at_s + length_s))
        at_s += length_s + draw(st.floats(0.05, 12.0))
    return spans


def silent_samples(spans: list[Span]) -> np.ndarray:
    return np.zeros(int((spans[-1].end_s + 1.0) * 16_000), np.float32)


@given(spans=speech_spans())
@settings(deadline=None, max_examples=60)
def test_windows_hold_all_speech_once_and_none_is_too_long(spans: list[Span]) -> None:
    windows = plan_windows(spans, silent_samples(spans))

    pieces = [piece for window in windows for piece in window.pieces]
    assert all(window.duration_s <= LONGEST_S + 1e-6 for window in windows)
    for span in spans:
        covered_s = sum(piece.overlap_s(span) for piece in pieces)
        assert covered_s == pytest.approx(span.duration_s, abs=1e-4)


@given(spans=speech_spans(), share=st.floats(0.0, 1.0))
@settings(deadline=None, max_examples=60)
def test_a_time_in_a_window_lies_in_one_of_its_pieces(spans: list[Span], share: float) -> None:
    window = plan_windows(spans, silent_samples(spans))[0]

    at_s = window.source_s(share * window.duration_s)

    assert any(p.start_s - 1e-6 <= at_s <= p.end_s + 1e-6 for p in window.pieces)


def test_a_time_at_a_joint_belongs_to_the_side_that_was_asked_for() -> None:
    window = Window((Span(10.0, 12.0), Span(20.0, 21.0)))

    assert window.source_s(2.0, is_end=True) == pytest.approx(12.0)
    assert window.source_s(2.0) == pytest.approx(20.0)


def test_a_long_silence_is_shortened_and_a_short_one_is_kept() -> None:
    spans = [Span(1.0, 3.0), Span(3.6, 5.0), Span(15.0, 17.0)]

    (window,) = plan_windows(spans, silent_samples(spans))

    assert [tuple(piece) for piece in window.pieces] == [
        pytest.approx((0.8, 5.5)),
        pytest.approx((14.5, 17.2)),
    ]


def test_speech_without_a_silence_is_cut_where_it_is_quietest() -> None:
    samples = np.full(40 * 16_000, 0.3, np.float32)
    samples[int(25.0 * 16_000) : int(25.2 * 16_000)] = 0.0

    first, second = plan_windows([Span(0.0, 40.0)], samples)

    assert first.pieces[-1].end_s == pytest.approx(25.1, abs=0.35)
    assert second.pieces[0].start_s == pytest.approx(25.1, abs=0.35)


def test_the_samples_of_a_window_are_those_of_its_pieces() -> None:
    samples = np.arange(32_000, dtype=np.float32)
    window = Window((Span(0.0, 0.5), Span(1.0, 1.25)))

    taken = window.samples_of(samples)

    assert np.array_equal(taken, np.concatenate([samples[:8000], samples[16_000:20_000]]))


def test_no_speech_makes_no_window() -> None:
    assert plan_windows([], np.zeros(16_000, np.float32)) == []
