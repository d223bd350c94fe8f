"""A whole recording through the pipeline, with an engine that only counts."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diarist.audio.options import ChunkingOptions
from diarist.audio.spans import Span
from diarist.errors import NoSpeechError, UpstreamUnavailableError
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.recording import Progress, transcribe
from diarist.transcription.transcript import Segment
from support.media import silence, speech, write_wav

if TYPE_CHECKING:
    from diarist.audio import Samples

SHORT_CHUNKS = ChunkingOptions(first_target_s=5.0, target_s=10.0, longest_s=30.0)


class CountingEngine:
    """Says how long each chunk was, and keeps how it was asked."""

    name, model = "counting", "one"

    def __init__(self, parallel_chunks: int = 2, guesses: Sequence[float] = (0.9,)) -> None:
        self.parallel_chunks = parallel_chunks
        self.asked: list[TranscribeOptions] = []
        self.detected = 0
        self.at_once = 0
        self.most_at_once = 0
        self._guesses = guesses
        self._lock = threading.Lock()

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:
        guess = self._guesses[min(self.detected, len(self._guesses) - 1)]
        self.detected += 1
        return LanguageGuess("fr", guess)

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        with self._lock:
            self.asked.append(options)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        said = [Segment(0, span.start_s, span.end_s, f"Part {len(samples)}.") for span in speech]
        with self._lock:
            self.at_once -= 1
        return said

    def close(self) -> None:
        pass


class BrokenEngine(CountingEngine):
    """Fails like a server that is away."""

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        raise UpstreamUnavailableError("the server is away", hint="Try again later.")


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A minute with pauses, as WAV."""
    pause = silence(2.0)
    sound = np.concatenate([speech(12.0), pause, speech(12.0, 20.0), pause, speech(30.0, 40.0)])
    return write_wav(tmp_path_factory.mktemp("minute") / "minute.wav", sound).read_bytes()


def options(language: str | None = None) -> RecordingOptions:
    return RecordingOptions(chunking=SHORT_CHUNKS, transcribe=TranscribeOptions(language=language))


def test_chunks_are_transcribed_in_parallel_and_come_back_in_order(minute: bytes) -> None:
    engine = CountingEngine()

    transcript = transcribe(io.BytesIO(minute), "minute.wav", engine, options())

    starts = [segment.start_s for segment in transcript.segments]
    assert len(engine.asked) >= 3
    assert starts == sorted(starts)
    assert transcript.duration_s == pytest.approx(58.0, abs=0.1)
    assert (transcript.engine, transcript.model, transcript.source) == (
        "counting",
        "one",
        "minute.wav",
    )


def test_no_more_chunks_are_in_work_than_were_allowed(minute: bytes) -> None:
    engine = CountingEngine(parallel_chunks=4)

    transcribe(io.BytesIO(minute), "minute.wav", engine, options(), parallel_chunks=1)

    assert engine.most_at_once == 1


def test_only_few_chunks_are_held_in_memory(minute: bytes) -> None:
    engine = CountingEngine(parallel_chunks=1)
    asked_so_far: list[int] = []

    def count(_: Progress) -> None:
        asked_so_far.append(len(engine.asked))

    transcribe(io.BytesIO(minute), "minute.wav", engine, options(), count)

    assert asked_so_far[-1] >= 3
    assert all(asked <= done + 1 for done, asked in enumerate(asked_so_far, start=1))


def test_the_language_is_settled_once_it_is_clear(minute: bytes) -> None:
    engine = CountingEngine(guesses=(0.4, 0.9, 0.9))

    transcript = transcribe(io.BytesIO(minute), "minute.wav", engine, options())

    assert engine.detected == 2
    assert {asked.language for asked in engine.asked} == {"fr"}
    assert (transcript.language, transcript.language_probability) == ("fr", 0.9)
    assert transcript.warnings == ()


def test_a_guess_on_little_speech_is_made_again(tmp_path: Path) -> None:
    engine = CountingEngine(guesses=(0.7, 0.9))
    sound = np.concatenate([speech(2.5), silence(6.0), speech(12.0, 20.0), silence(2.0)] * 2)
    path = write_wav(tmp_path / "memo.wav", sound)

    with path.open("rb") as stream:
        transcript = transcribe(stream, "memo.wav", engine, options())

    assert len(engine.asked) >= 3
    assert engine.detected == 2
    assert transcript.language_probability == 0.9


def test_a_language_that_stays_unclear_is_said_to_be_a_guess(minute: bytes) -> None:
    engine = CountingEngine(guesses=(0.3,))

    transcript = transcribe(io.BytesIO(minute), "minute.wav", engine, options())

    assert "guess" in transcript.warnings[0]


def test_a_language_that_was_given_is_not_detected(minute: bytes) -> None:
    engine = CountingEngine()

    transcript = transcribe(io.BytesIO(minute), "minute.wav", engine, options("de"))

    assert engine.detected == 0
    assert (transcript.language, transcript.language_probability) == ("de", 1.0)


def test_progress_rises_to_the_end(minute: bytes) -> None:
    seen: list[Progress] = []

    transcribe(io.BytesIO(minute), "minute.wav", CountingEngine(), options(), seen.append)

    done = [progress.done_s for progress in seen]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(58.0, abs=0.5)
    assert {progress.total_s for progress in seen} == {58.0}


def test_silence_is_never_shown_to_the_engine(tmp_path: Path) -> None:
    engine = CountingEngine()
    path = write_wav(tmp_path / "silence.wav", silence(8.0))

    with (
        path.open("rb") as stream,
        pytest.raises(NoSpeechError, match="8 s of audio and no speech"),
    ):
        transcribe(stream, "silence.wav", engine)

    assert engine.asked == []


def test_an_error_of_the_engine_ends_the_recording(minute: bytes) -> None:
    with pytest.raises(UpstreamUnavailableError):
        transcribe(io.BytesIO(minute), "minute.wav", BrokenEngine(), options())
