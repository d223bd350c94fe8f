"""Speech is found where somebody speaks, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.options import SpeechOptions
from diarist.audio.spans import Span, total_s
from diarist.audio.speech import FRAME_S, FRAME_SAMPLES, SpeechProbability, speech_spans
from support.detectors import LoudnessSession, Numbers
from support.media import DIMANCHE, EVENING, NOTA, Sound, noise, silence, speech, tone

if TYPE_CHECKING:
    from pathlib import Path

    from onnxruntime import InferenceSession

AS_IT_IS = SpeechOptions(pad_s=0.0)


def probabilities(detector: InferenceSession, *blocks: Sound) -> Sound:
    listener = SpeechProbability(detector)
    pushed = [listener.push(block) for block in blocks]
    return np.concatenate([*pushed, listener.finish()])


def spans_in(detector: InferenceSession, sound: Sound) -> list[Span]:
    duration_s = len(sound) / SAMPLE_RATE
    return speech_spans(probabilities(detector, sound), SpeechOptions(), duration_s)


def clicks(seconds: float) -> Sound:
    sound = silence(seconds)
    sound[:: SAMPLE_RATE // 2] = 0.9
    return sound


NOT_SPEECH = {
    "nothing at all": silence(20.0),
    "a constant": np.full(20 * SAMPLE_RATE, 0.3, np.float32),
    "a tone": tone(20.0),
    "a high tone": tone(20.0, 3_000),
    "mains hum": tone(20.0, 50.0, level=0.1),
    "noise": noise(20.0),
    "noise that can hardly be heard": noise(20.0, level=0.001),
    "loud noise": noise(20.0, level=0.3),
    "clicks": clicks(20.0),
    "a single sample": np.full(1, 0.5, np.float32),
}


@pytest.mark.parametrize("sound", NOT_SPEECH.values(), ids=NOT_SPEECH)
def test_what_nobody_said_is_not_speech(detector: InferenceSession, sound: Sound) -> None:
    assert spans_in(detector, sound) == []


def loud_edges_s(sound: Sound) -> tuple[float, float]:
    """Where 30 ms are first and last louder than -40 dBFS."""
    step = SAMPLE_RATE * 30 // 1000
    pieces = sound[: len(sound) - len(sound) % step].reshape(-1, step)
    loud = np.flatnonzero(np.sqrt(np.mean(np.square(pieces), axis=1)) > 0.01)
    return float(loud[0] * step / SAMPLE_RATE), float((loud[-1] + 1) * step / SAMPLE_RATE)


@pytest.mark.parametrize("path", [EVENING, DIMANCHE, NOTA], ids=["English", "French", "Spanish"])
def test_speech_between_silences_is_found_where_it_begins_and_ends(
    detector: InferenceSession, path: Path
) -> None:
    said = speech(9.0, start_s=7.4, path=path)
    start_s, end_s = loud_edges_s(said)

    spans = spans_in(detector, np.concatenate([silence(4.0), said, silence(4.0)]))

    assert spans[0].start_s == pytest.approx(4.0 + start_s, abs=0.3)
    assert spans[-1].end_s == pytest.approx(4.0 + end_s, abs=0.3)
    assert total_s(spans) > 0.6 * (end_s - start_s)


@pytest.mark.parametrize("gain", [0.0003, 0.003, 0.03, 0.3, 2.0])
def test_speech_is_found_however_loud_it_is(detector: InferenceSession, gain: float) -> None:
    said = speech(9.0, start_s=7.4)
    normal = spans_in(detector, said)

    found = spans_in(detector, np.clip(said * np.float32(gain), -1, 1))

    shared_s = sum(one.overlap_s(other) for one in normal for other in found)
    assert shared_s > 0.95 * total_s(normal)


def test_a_constant_offset_hides_no_speech(detector: InferenceSession) -> None:
    said = speech(9.0, start_s=7.4) * np.float32(0.05)

    found = spans_in(detector, said + np.float32(0.4))

    assert total_s(found) > 0.9 * total_s(spans_in(detector, said))


def test_a_short_word_said_alone_is_found(detector: InferenceSession) -> None:
    said = speech(9.0, start_s=7.4)
    first = spans_in(detector, said)[0]
    middle = round((first.start_s + first.end_s) / 2 * SAMPLE_RATE)
    word = said[middle - SAMPLE_RATE // 4 : middle + SAMPLE_RATE // 4]

    found = spans_in(detector, np.concatenate([silence(2.0), word, silence(2.0)]))

    assert len(found) == 1
    assert found[0].overlap_s(Span(2.0, 2.5)) > 0.2


@pytest.fixture(scope="session")
def twenty_seconds() -> Sound:
    return speech(20.0, start_s=5.0)


@given(cuts=st.lists(st.integers(0, 20 * SAMPLE_RATE), max_size=12))
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_same_audio_gives_the_same_probabilities_however_it_is_cut(
    detector: InferenceSession, twenty_seconds: Sound, cuts: list[int]
) -> None:
    whole = probabilities(detector, twenty_seconds)

    in_pieces = probabilities(detector, *np.split(twenty_seconds, sorted(cuts)))

    assert np.array_equal(in_pieces, whole)


@given(lengths=st.lists(st.integers(0, 200_000), max_size=6))
@settings(deadline=None, max_examples=50)
def test_there_is_one_probability_for_each_frame_that_was_begun(lengths: list[int]) -> None:
    found = probabilities(LoudnessSession(), *(silence(n / SAMPLE_RATE) for n in lengths))

    assert len(found) == -(-sum(lengths) // FRAME_SAMPLES)


def test_probabilities_come_while_the_stream_goes_on() -> None:
    listener = SpeechProbability(LoudnessSession())

    found = [len(listener.push(silence(1.0))) for _ in range(60)]

    assert sum(found) * FRAME_S > 50.0


def test_what_was_said_last_is_not_forgotten_at_the_end() -> None:
    listener = SpeechProbability(LoudnessSession())
    listener.push(np.tile(np.array([0.3, -0.3], np.float32), 400))

    assert listener.finish().tolist() == [1.0, 1.0]
    assert listener.finish().tolist() == []


class ObservedSession(LoudnessSession):
    """Keeps what it was given, and counts its calls in the state that it gives back."""

    def __init__(self) -> None:
        self.inputs: list[Numbers] = []
        self.states: list[float] = []

    def run(self, _: None, feeds: dict[str, Numbers]) -> tuple[Numbers, Numbers, Numbers]:
        self.inputs.append(feeds["input"])
        self.states.append(float(feeds["h"].sum() + feeds["c"].sum()))
        probabilities, h, c = super().run(None, feeds)
        return probabilities, h + 1, c + 1


def test_the_model_sees_the_end_of_the_frame_before_each_frame() -> None:
    sound = noise(30.0, level=0.3)
    session = ObservedSession()

    probabilities(session, sound)

    seen = np.concatenate(session.inputs)
    context = seen.shape[1] - FRAME_SAMPLES
    assert np.array_equal(seen[1:, :context], seen[:-1, -context:])
    assert not seen[0, :context].any()


def test_the_model_goes_on_from_the_state_that_it_was_in() -> None:
    session = ObservedSession()

    probabilities(session, silence(30.0))

    assert len(session.states) > 2
    assert session.states == sorted(set(session.states))
    assert session.states[0] == 0.0


# From probabilities to spans


def frames(*runs: tuple[float, int]) -> Sound:
    return np.concatenate([np.full(n, p, np.float32) for p, n in runs])


def as_frames(spans: list[Span]) -> list[tuple[int, int]]:
    return [(round(s.start_s / FRAME_S), round(s.end_s / FRAME_S)) for s in spans]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], []),
        ([(0.1, 50)], []),
        ([(0.9, 50)], [(0, 50)]),
        ([(0.1, 20), (0.9, 30), (0.1, 20)], [(20, 50)]),
        ([(0.1, 20), (0.5, 30), (0.1, 20)], [(20, 50)]),
        ([(0.1, 20), (0.49, 30), (0.1, 20)], []),
        ([(0.1, 20), (0.9, 10), (0.4, 20), (0.1, 20)], [(20, 50)]),
        ([(0.1, 20), (0.4, 20), (0.9, 10), (0.1, 20)], [(40, 50)]),
        ([(0.9, 20), (0.1, 6), (0.9, 20)], [(0, 46)]),
        ([(0.9, 20), (0.1, 7), (0.9, 20)], [(0, 20), (27, 47)]),
        ([(0.1, 18), (0.58, 3), (0.1, 7)], [(18, 21)]),
        ([(0.1, 20), (0.9, 2), (0.1, 20)], []),
        ([(0.1, 20), (0.9, 2), (0.1, 3), (0.9, 2), (0.1, 20)], [(20, 27)]),
    ],
    ids=[
        "no frames",
        "silence",
        "speech throughout",
        "speech between silences",
        "just likely enough",
        "not quite likely enough",
        "less likely at its end",
        "less likely before it",
        "a short break",
        "a longer break",
        "three frames of one word",
        "two frames of music",
        "two clicks that together are long enough",
    ],
)
def test_speech_is_what_is_likely_for_long_enough(
    runs: list[tuple[float, int]], expected: list[tuple[int, int]]
) -> None:
    likely = frames((0.0, 0), *runs)

    assert as_frames(speech_spans(likely, AS_IT_IS, len(likely) * FRAME_S)) == expected


def test_the_shortest_speech_does_not_depend_on_where_it_lies() -> None:
    for before in range(200):
        likely = frames((0.0, before), (0.9, 3), (0.0, 20))
        assert len(speech_spans(likely, SpeechOptions(min_speech_s=3 * FRAME_S), 60.0)) == 1


def test_speech_is_widened_at_both_ends_but_not_beyond_the_audio() -> None:
    likely = frames((0.0, 2), (0.9, 20), (0.0, 50), (0.9, 20))

    first, last = speech_spans(likely, SpeechOptions(pad_s=0.2), 92 * FRAME_S - 0.01)

    assert [*first, *last] == pytest.approx(
        [0.0, 22 * FRAME_S + 0.2, 72 * FRAME_S - 0.2, 92 * FRAME_S - 0.01]
    )


def test_widened_neighbours_meet_in_the_middle_of_the_silence_between_them() -> None:
    likely = frames((0.9, 20), (0.0, 8), (0.9, 20))

    first, second = speech_spans(likely, SpeechOptions(pad_s=1.0), 48 * FRAME_S)

    assert first.end_s == second.start_s == pytest.approx(24 * FRAME_S)


probability_runs = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.integers(1, 40)), max_size=20
).map(lambda runs: frames((0.0, 0), *runs))


@given(likely=probability_runs, pad_s=st.floats(0, 2), tail_s=st.floats(0, FRAME_S / 2))
@settings(deadline=None, max_examples=100)
def test_spans_are_sorted_within_the_audio_and_never_overlap(
    likely: Sound, pad_s: float, tail_s: float
) -> None:
    duration_s = max(0.0, len(likely) * FRAME_S - tail_s)

    spans = speech_spans(likely, SpeechOptions(pad_s=pad_s), duration_s)

    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0.0 <= edge <= duration_s for edge in edges)
