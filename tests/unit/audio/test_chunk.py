"""Chunks hold everything once and in order, and no cut falls into speech."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio.chunk import Chunk, chunk_stream, cut_in_silence, quietest_s
from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.options import ChunkingOptions, SpeechOptions
from diarist.audio.spans import Span, total_s
from diarist.audio.speech import BLOCK_SAMPLES, FRAME_S, FRAME_SAMPLES
from support.detectors import LoudnessSession, talk
from support.media import EVENING, Sound, silence, speech, tone

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SHORT = ChunkingOptions(first_target_s=1.0, target_s=2.0, longest_s=4.0, clear_silence_s=0.5)
IN_ONE = ChunkingOptions(first_target_s=200.0, target_s=200.0, longest_s=300.0)
AS_IT_IS = SpeechOptions(pad_s=0.0)
MIN_SPEECH = math.ceil(AS_IT_IS.min_speech_s / FRAME_S)
MIN_SILENCE = math.ceil(AS_IT_IS.min_silence_s / FRAME_S)

# Speech and silence in turns, each long enough to be told from the other, up to twice `longest_s`.
turns = st.lists(
    st.tuples(
        st.booleans(),
        st.one_of(st.integers(MIN_SILENCE, 40), st.integers(MIN_SILENCE, 270)),
    ),
    max_size=25,
)


def chunks_of(
    sound: Sound,
    options: ChunkingOptions = SHORT,
    speech_options: SpeechOptions = AS_IT_IS,
    block: int = 5_000,
) -> list[Chunk]:
    blocks = (sound[at : at + block] for at in range(0, len(sound), block))
    return list(chunk_stream(blocks, speech_options, options, LoudnessSession()))


def spoken_frames(turns: list[tuple[bool, int]]) -> list[tuple[int, int]]:
    """Where speech is, in frames; turns of speech that follow each other are one."""
    ends = list(accumulate(length for _, length in turns))
    spoken: list[tuple[int, int]] = []
    for (is_speech, length), end in zip(turns, ends, strict=True):
        if is_speech and spoken and spoken[-1][1] == end - length:
            spoken[-1] = (spoken[-1][0], end)
        elif is_speech:
            spoken.append((end - length, end))
    return spoken


@given(turns=turns, extra=st.integers(0, FRAME_SAMPLES - 1))
@settings(deadline=None, max_examples=60)
def test_chunks_hold_every_sample_once_and_in_order(
    turns: list[tuple[bool, int]], extra: int
) -> None:
    sound = np.concatenate([talk(*turns), silence(extra / SAMPLE_RATE)])
    sound += np.linspace(0, 0.01, len(sound), dtype=np.float32)  # no two samples alike

    chunks = chunks_of(sound)

    assert np.array_equal(np.concatenate([silence(0.0), *(c.samples for c in chunks)]), sound)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    for chunk, following in pairwise(chunks):
        assert following.start_s == pytest.approx(chunk.end_s)


@given(turns=turns)
@settings(deadline=None, max_examples=60)
def test_no_chunk_is_longer_than_the_limit(turns: list[tuple[bool, int]]) -> None:
    assert all(0 < chunk.duration_s <= SHORT.longest_s for chunk in chunks_of(talk(*turns)))


@given(turns=turns, pad_s=st.sampled_from([0.0, 0.2, 1.0]))
@settings(deadline=None, max_examples=100)
def test_a_cut_never_falls_into_speech_that_would_fit_into_a_chunk(
    turns: list[tuple[bool, int]], pad_s: float
) -> None:
    chunks = chunks_of(talk(*turns), speech_options=SpeechOptions(pad_s=pad_s))

    cuts = [round(chunk.start_s / FRAME_S) for chunk in chunks[1:]]
    for start, end in spoken_frames(turns):
        if (end - start) * FRAME_S <= SHORT.longest_s:
            assert not [cut for cut in cuts if start < cut < end]


@given(turns=turns)
@settings(deadline=None, max_examples=60)
def test_the_speech_of_the_chunks_is_the_speech_of_the_recording(
    turns: list[tuple[bool, int]],
) -> None:
    spoken = spoken_frames(turns)
    fitting = [(a, b) for a, b in spoken if (b - a) * FRAME_S <= SHORT.longest_s]

    chunks = chunks_of(talk(*turns))

    found = [span.shifted(chunk.start_s) for chunk in chunks for span in chunk.speech]
    assert set(fitting) <= {
        (round(span.start_s / FRAME_S), round(span.end_s / FRAME_S)) for span in found
    }
    assert total_s(found) <= sum(b - a for a, b in spoken) * FRAME_S + 1e-6


@given(turns=turns, block=st.integers(200, 300_000))
@settings(deadline=None, max_examples=40)
def test_the_lengths_of_the_blocks_make_no_difference(
    turns: list[tuple[bool, int]], block: int
) -> None:
    sound = talk(*turns)

    one, other = chunks_of(sound), chunks_of(sound, block=block)

    assert [(c.start_s, c.end_s, c.speech) for c in one] == [
        (c.start_s, c.end_s, c.speech) for c in other
    ]


def test_nothing_gives_no_chunk() -> None:
    assert chunks_of(silence(0.0)) == []
    assert list(chunk_stream([], detector=LoudnessSession())) == []


def test_a_recording_shorter_than_the_target_is_one_chunk() -> None:
    sound = talk((False, 10), (True, 15), (False, 5))

    (chunk,) = chunks_of(sound)

    assert (chunk.number, chunk.start_s) == (0, 0.0)
    assert [*chunk.speech[0]] == pytest.approx([10 * FRAME_S, 25 * FRAME_S])


def test_the_first_chunk_is_cut_early_so_that_text_appears_soon() -> None:
    turns = [(True, 20), (False, 20)] * 20  # 0.64 s each

    first, second, *_ = chunks_of(talk(*turns))

    assert first.duration_s == pytest.approx(SHORT.first_target_s, abs=0.6)
    assert second.duration_s == pytest.approx(SHORT.target_s, abs=0.6)


def test_without_a_clear_silence_the_longest_one_in_the_second_half_is_cut() -> None:
    turns = [(True, 30), (False, 14), (True, 40), (False, 12), (True, 20), (False, 8), (True, 30)]
    assert sum(length for _, length in turns) * FRAME_S > SHORT.longest_s

    first, *_ = chunks_of(talk(*turns))

    assert round(first.end_s / FRAME_S) == 30 + 14 + 40 + 12 // 2


def test_a_silence_in_the_first_half_is_cut_rather_than_speech() -> None:
    turns = [(True, 30), (False, 8), (True, 120), (False, 40)]

    first, *_ = chunks_of(talk(*turns))

    assert round(first.end_s / FRAME_S) == 34


def test_a_silence_that_padding_hides_is_cut_rather_than_speech() -> None:
    turns = [(True, 60), (False, 8), (True, 90), (False, 8), (True, 60)]

    first, *_ = chunks_of(talk(*turns), speech_options=SpeechOptions(pad_s=0.2))

    assert round(first.end_s / FRAME_S) == 64


@pytest.mark.parametrize("before", [0, 30])
def test_speech_that_just_fits_into_a_chunk_is_not_cut(before: int) -> None:
    longest = round(SHORT.longest_s / FRAME_S)
    turns = [(False, before), (True, longest), (False, 30)]

    chunks = chunks_of(talk(*turns))

    assert max(total_s(chunk.speech) for chunk in chunks) == pytest.approx(SHORT.longest_s)


def test_a_silence_that_a_chunk_begins_with_is_cut_off_in_one_piece() -> None:
    turns = [(False, 28), (True, 120), (False, 30)]

    first, second, *_ = chunks_of(talk(*turns))

    assert round(first.end_s / FRAME_S) == 28
    assert total_s(second.speech) == pytest.approx(120 * FRAME_S)


def test_a_break_within_a_word_is_no_silence_only_because_nothing_more_was_heard_yet() -> None:
    options = ChunkingOptions(first_target_s=5.0, target_s=5.0, longest_s=249 * FRAME_S)
    heard_first = [(False, 125), (True, 123), (False, 2)]
    assert sum(length for _, length in heard_first) * FRAME_SAMPLES == BLOCK_SAMPLES

    first, *_ = chunks_of(talk(*heard_first, (False, 2), (True, 48), (False, 300)), options)

    assert round(first.end_s / FRAME_S) == 125


@pytest.mark.parametrize("block", [1_000, BLOCK_SAMPLES, 10 * BLOCK_SAMPLES])
def test_a_silence_that_goes_on_is_cut_at_the_same_place_in_large_and_small_blocks(
    block: int,
) -> None:
    options = ChunkingOptions(first_target_s=5.0, target_s=5.0, longest_s=20.0)
    sound = talk((True, 180), (False, 400), (True, 300))

    first, *_ = chunks_of(sound, options, block=block)

    assert first.end_s == pytest.approx((180 * FRAME_S + 8.0 - 1.5) / 2, abs=FRAME_S)


def test_speech_without_end_is_cut_where_it_is_quietest() -> None:
    sound = talk((True, 400))
    quiet = round(3.1 * SAMPLE_RATE)
    sound[quiet : quiet + 480] *= 0.8

    first, *_ = chunks_of(sound)

    assert first.end_s == pytest.approx(3.115, abs=FRAME_S)


def test_real_speech_is_cut_only_where_nobody_speaks(detector: InferenceSession) -> None:
    options = ChunkingOptions(first_target_s=5.0, target_s=10.0, longest_s=20.0)
    memo = speech(60.0, path=EVENING)

    chunks = list(chunk_stream([memo], SpeechOptions(), options, detector))

    (whole,) = chunk_stream([memo], SpeechOptions(), IN_ONE, detector)
    assert len(chunks) > 3
    for cut_s in (chunk.start_s for chunk in chunks[1:]):
        around = memo[round((cut_s - 0.05) * SAMPLE_RATE) : round((cut_s + 0.05) * SAMPLE_RATE)]
        assert np.abs(around).max() < 0.02
        assert not [span for span in whole.speech if span.start_s < cut_s < span.end_s]


def hours(count: int) -> Iterator[Sound]:
    """Somebody speaks now and then, for hours."""
    minute = np.tile(talk((True, 85), (False, 40)), 15)
    for _ in range(count * 60):
        yield from np.array_split(minute, 120)


def test_hours_of_audio_are_never_held_as_a_whole() -> None:
    longest_s = total_s_of_chunks = 0.0
    whole_bytes = 2 * 3600 * SAMPLE_RATE * 4

    tracemalloc.start()
    try:
        for chunk in chunk_stream(hours(2), detector=LoudnessSession()):
            longest_s = max(longest_s, chunk.duration_s)
            total_s_of_chunks += chunk.duration_s
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert total_s_of_chunks == pytest.approx(7200.0)
    assert longest_s <= ChunkingOptions().longest_s
    assert peak_bytes < whole_bytes / 5


def test_a_chunk_comes_before_the_stream_has_ended() -> None:
    taken_s = 0.0

    def counted() -> Iterator[Sound]:
        nonlocal taken_s
        for block in hours(1):
            taken_s += len(block) / SAMPLE_RATE
            yield block

    next(chunk_stream(counted(), detector=LoudnessSession()))

    assert taken_s < 60.0


@pytest.mark.parametrize(
    ("spans", "settled_s", "cut_s"),
    [
        ([Span(0, 50)], 90.0, pytest.approx(70.0)),
        ([Span(0, 100)], 99.0, None),
        ([Span(0, 50), Span(50.5, 90)], 90.0, None),
        ([Span(0, 44), Span(46, 90)], 90.0, pytest.approx(45.5)),
        ([Span(0, 40), Span(45.2, 90)], 90.0, pytest.approx(42.6)),
        ([Span(0, 20), Span(30, 90)], 90.0, None),
        ([Span(0, 44)], 45.5, pytest.approx(44.75)),
        ([Span(0, 44)], 44.5, None),
        ([], 44.0, None),
        ([], 46.0, pytest.approx(45.5)),
        ([Span(0, 299.5), Span(310, 400)], 400.0, None),
    ],
)
def test_a_chunk_ends_in_the_first_clear_silence_that_reaches_past_the_target(
    spans: list[Span], settled_s: float, cut_s: float | None
) -> None:
    assert cut_in_silence(spans, settled_s, 45.0, ChunkingOptions()) == cut_s


def test_the_quietest_place_is_looked_for_only_within_reach() -> None:
    sound = tone(30.0)
    for quiet_s, level in ((5.0, 0.0), (15.0, 0.1), (29.0, 0.0)):
        start = round(quiet_s * SAMPLE_RATE)
        sound[start : start + 1_600] *= level

    assert quietest_s(sound, before_s=20.0, reach_s=10.0) == pytest.approx(15.05, abs=0.05)


def test_of_next_to_nothing_the_end_is_the_quietest_place() -> None:
    assert quietest_s(silence(0.02), before_s=20.0) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("first_target_s", "target_s", "longest_s"), [(0, 1, 2), (2, 1, 3), (1, 2, 2), (1, 3, 2)]
)
def test_lengths_that_do_not_rise_are_refused(
    first_target_s: float, target_s: float, longest_s: float
) -> None:
    with pytest.raises(ValueError, match="lengths must rise"):
        ChunkingOptions(first_target_s, target_s, longest_s)
