"""A real recording through real child processes, step by step."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from diarist.audio.decode import decode
from diarist.audio.options import ChunkingOptions, DecodeOptions
from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.errors import NoSpeechError, NotAudioError, TooSlowError
from diarist.transcription.assemble import ChunkText, Origin
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.faster_whisper import FasterWhisper
from diarist.transcription.options import RecordingOptions
from diarist.transcription.recording import transcribe
from diarist.transcription.transcript import Transcript
from diarist.workers.child_steps import ChildSteps
from diarist.workers.children.engine import ChunkTranscriber, EngineFactory
from diarist.workers.children.media import MediaReader
from diarist.workers.children.pcm import to_pcm
from diarist.workers.children.pool import ChildPool
from diarist.workers.children.writer import EntryWriter
from diarist.workers.paced import PacedEngine
from diarist.workers.steps import HeardChunk, Prepared, PreparedChunk
from support.child_objects import LoggedEngine, load_tiny
from support.media import EVENING, Sound, silence, speech, write_wav

LONG_S = 120.0
SHORT_CHUNKS = ChunkingOptions(first_target_s=20.0, target_s=30.0, longest_s=60.0)
OPTIONS = RecordingOptions(chunking=SHORT_CHUNKS, transcribe=TranscribeOptions(beam_size=1))
ON = date(2025, 11, 26)


FAST_ENGINE = partial(PacedEngine, 1e9)


@asynccontextmanager
async def steps(build: EngineFactory = FAST_ENGINE) -> AsyncIterator[ChildSteps]:
    built = ChildSteps(
        media=ChildPool(MediaReader, 1, "media"),
        engine=ChildPool(partial(ChunkTranscriber, build), 1, "engine"),
        writer=ChildPool(EntryWriter, 1, "writer"),
    )
    try:
        yield built
    finally:
        await built.close()


@dataclass(frozen=True)
class Outcome:
    chunks: Sequence[PreparedChunk]
    prepared: Prepared
    heard: Sequence[HeardChunk]
    transcript: Transcript
    entry: Entry


async def prepared_by(
    steps: ChildSteps, path: Path, options: RecordingOptions
) -> tuple[list[PreparedChunk], Prepared]:
    chunks: list[PreparedChunk] = []
    async for item in steps.prepare(path, path.name, options, LONG_S):
        if isinstance(item, Prepared):
            return chunks, item
        chunks.append(item)
    raise AssertionError("the last item is missing")


def prepare(path: Path, options: RecordingOptions) -> tuple[list[PreparedChunk], Prepared]:
    async def prepared() -> tuple[list[PreparedChunk], Prepared]:
        async with steps() as at_work:
            return await prepared_by(at_work, path, options)

    return asyncio.run(prepared())


async def done(at_work: ChildSteps, path: Path) -> Outcome:
    chunks, prepared = await prepared_by(at_work, path, OPTIONS)
    wanted = OPTIONS.transcribe
    heard = [
        await at_work.transcribe(chunk.pcm, chunk.speech, wanted, "", LONG_S) for chunk in chunks
    ]
    texts = [
        ChunkText(chunk.start_s, text.segments) for chunk, text in zip(chunks, heard, strict=True)
    ]
    origin = Origin(heard[0].language, prepared.duration_s, source=path.name)
    transcript = await at_work.assemble(texts, origin, LONG_S)
    return Outcome(chunks, prepared, heard, transcript, await at_work.write(transcript, ON, LONG_S))


@pytest.fixture(scope="module")
def evening(tiny_folder: Path) -> Outcome:
    async def worked_through() -> Outcome:
        async with steps(partial(load_tiny, tiny_folder)) as at_work:
            return await done(at_work, EVENING)

    return asyncio.run(worked_through())


def two_tracks(path: Path, first: Sound, second: Sound) -> Path:
    with av.open(path, "w", format="matroska") as out:
        streams = [out.add_stream("pcm_s16le", rate=16_000) for _ in range(2)]
        for stream in streams:
            stream.layout = "mono"
        for stream, sound in zip(streams, (first, second), strict=True):
            pcm = (sound * 32_767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate = 16_000
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def in_sixteen_bits(path: Path) -> io.BytesIO:
    """Return a recording as a child sends it: a difference of half a bit can move a comma."""
    with path.open("rb") as stream:
        samples = np.concatenate(list(decode(stream, path.name)))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(to_pcm(samples))
    buffer.seek(0)
    return buffer


def test_children_hear_what_one_process_hears(evening: Outcome, tiny_engine: FasterWhisper) -> None:
    at_once = transcribe(in_sixteen_bits(EVENING), EVENING.name, tiny_engine, OPTIONS)

    assert len(evening.chunks) >= 3
    assert evening.transcript.text == at_once.text
    assert evening.transcript.duration_s == at_once.duration_s
    assert evening.transcript.language == at_once.language


def test_chunks_are_told_by_language_engine_and_model(evening: Outcome) -> None:
    for heard in evening.heard:
        assert heard.guess is not None
        assert (heard.guess.language, heard.language) == ("en", "en")
        assert (heard.engine, heard.model) == ("faster-whisper", "tiny.en")


def test_chunks_cover_the_recording_with_sixteen_bits(evening: Outcome) -> None:
    assert [chunk.number for chunk in evening.chunks] == list(range(len(evening.chunks)))
    assert all(len(chunk.pcm) == chunk.duration_s * 32_000 for chunk in evening.chunks)
    assert sum(chunk.duration_s for chunk in evening.chunks) == evening.prepared.duration_s
    assert 0.5 < evening.prepared.speech_s / evening.prepared.duration_s < 1.0
    assert (evening.prepared.track, evening.prepared.warnings) == (0, ())


def test_the_entry_is_of_the_day_that_was_asked_for(evening: Outcome) -> None:
    assert evening.entry.date == ON
    assert "Daniel" in evening.entry.people


def test_a_silent_track_is_passed_over(tmp_path: Path) -> None:
    path = two_tracks(tmp_path / "two.mka", silence(12.0), speech(12.0))

    chunks, prepared = prepare(path, RecordingOptions())

    assert (prepared.track, prepared.tracks, len(chunks)) == (1, 2, 1)
    assert prepared.duration_s == pytest.approx(12.0, abs=0.1)


def test_tracks_before_the_wanted_one_are_left_out(tmp_path: Path) -> None:
    path = two_tracks(tmp_path / "two.mka", speech(6.0), speech(12.0))

    _, prepared = prepare(path, RecordingOptions(decode=DecodeOptions(track=1)))

    assert prepared.track == 1
    assert prepared.duration_s == pytest.approx(12.0, abs=0.1)


def test_chunks_without_speech_leave_gaps_in_the_numbers(tmp_path: Path) -> None:
    sound = np.concatenate([speech(20.0), silence(150.0), speech(20.0)])
    path = write_wav(tmp_path / "pause.wav", sound)

    chunks, prepared = prepare(path, OPTIONS)

    numbers = [chunk.number for chunk in chunks]
    assert numbers[0] == 0
    assert numbers[-1] > len(numbers)
    assert all(chunk.speech for chunk in chunks)
    assert prepared.duration_s == pytest.approx(190.0)


def test_a_damaged_recording_carries_a_warning(tmp_path: Path) -> None:
    whole = write_wav(tmp_path / "whole.wav", speech(20.0)).read_bytes()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[: len(whole) // 2])

    _, prepared = prepare(cut, OPTIONS)

    assert len(prepared.warnings) == 1
    assert prepared.warnings[0].startswith("cut.wav is damaged")


def test_a_recording_without_speech_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "silence.wav", silence(8.0))

    with pytest.raises(NoSpeechError, match=r"silence\.wav holds 8 s of audio and no speech"):
        prepare(path, OPTIONS)


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_bytes(b"%PDF-1.7 and so on" * 100)

    with pytest.raises(NotAudioError):
        prepare(path, OPTIONS)


def test_a_recording_in_which_no_words_were_recognised_is_no_transcript() -> None:
    async def assembled() -> None:
        async with steps() as at_work:
            await at_work.assemble([ChunkText(0.0, ())], Origin("en", 5.0, source="hum"), LONG_S)

    with pytest.raises(NoSpeechError, match="hum holds 5 s of audio and sound in which no words"):
        asyncio.run(assembled())


def test_whoever_has_all_of_a_recording_leaves_the_child_alive(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "memo.wav", speech(8.0))
    media = ChildPool(MediaReader, 1, "media")
    other = ChildPool(EntryWriter, 1, "other")

    async def alive_after_the_last_item() -> tuple[bool, int]:
        at_work = ChildSteps(media, other, other)
        await prepared_by(at_work, path, OPTIONS)
        async with media.borrowed() as child:
            state = child.is_alive, child.calls_done
        await at_work.close()
        return state

    assert asyncio.run(alive_after_the_last_item()) == (True, 1)


def test_an_engine_at_its_pace_is_stopped_at_the_deadline() -> None:
    async def transcribed() -> None:
        async with steps(partial(PacedEngine, 1e-9)) as at_work:
            await at_work.transcribe(bytes(64), [Span(0, 1)], TranscribeOptions(), "slow", 0.5)

    with pytest.raises(TooSlowError, match="engine process took more than"):
        asyncio.run(transcribed())


@pytest.mark.parametrize(
    ("asked", "log"),
    [
        ([("a", None), ("a", "en"), ("a", None)], ["built a for None"]),
        ([("a", None), ("b", None)], ["built a for None", "closed a", "built b for None"]),
        ([("a", "en"), ("a", "fr")], ["built a for en", "closed a", "built a for fr"]),
        ([("a", "en"), ("a", None)], ["built a for en", "closed a", "built a for None"]),
    ],
    ids=["any language", "another model", "another language", "language unknown"],
)
def test_an_engine_is_kept_for_as_long_as_it_will_do(
    tmp_path: Path, asked: list[tuple[str, str | None]], log: list[str]
) -> None:
    transcriber = ChunkTranscriber(partial(LoggedEngine, tmp_path / "log"))

    for model, language in asked:
        transcriber.transcribe(bytes(64), [Span(0, 1)], TranscribeOptions(language), model)

    assert (tmp_path / "log").read_text().splitlines() == log
