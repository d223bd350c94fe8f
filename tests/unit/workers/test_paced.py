"""Made-up work: as slow as it was told to be, and always the same."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.diary.evidence import check_entry, support_of
from diarist.errors import TooSlowError
from diarist.transcription.assemble import ChunkText, Origin
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Transcript
from diarist.workers.paced import Pace, PacedEngine, PacedSteps
from diarist.workers.steps import Prepared, PreparedChunk

LONG_S = 1e6
ON = date(2025, 11, 26)


@dataclass
class Clock:
    """Lets time pass without taking any."""

    passed: list[float] = field(default_factory=list)

    async def wait(self, seconds: float) -> None:
        self.passed.append(seconds)


async def prepared(
    steps: PacedSteps, name: str, deadline_s: float = LONG_S
) -> list[PreparedChunk | Prepared]:
    options = RecordingOptions()
    return [item async for item in steps.prepare(Path("none"), name, options, deadline_s)]


async def worked_through(pace: Pace, name: str) -> tuple[Transcript, Entry]:
    steps = PacedSteps(pace)
    texts = []
    for item in await prepared(steps, name):
        if isinstance(item, PreparedChunk):
            heard = await steps.transcribe(item.pcm, item.speech, TranscribeOptions(), "", LONG_S)
            texts.append(ChunkText(item.start_s, heard.segments))
    origin = Origin("en", pace.chunks * pace.chunk_s, source=name)
    transcript = await steps.assemble(texts, origin, LONG_S)
    return transcript, await steps.write(transcript, ON, LONG_S)


def test_a_recording_has_as_many_chunks_as_were_asked_for() -> None:
    *chunks, last = asyncio.run(prepared(PacedSteps(Pace(chunks=3, chunk_s=20.0)), "memo"))

    assert [(c.number, c.start_s) for c in chunks if isinstance(c, PreparedChunk)] == [
        (0, 0.0),
        (1, 20.0),
        (2, 40.0),
    ]
    assert last == Prepared(60.0, 60.0, track=0, tracks=1, warnings=(), tagged_at=None)


def test_the_same_name_gives_the_same_transcript_and_entry() -> None:
    once = asyncio.run(worked_through(Pace(), "memo"))

    assert asyncio.run(worked_through(Pace(), "memo")) == once
    assert asyncio.run(worked_through(Pace(), "other"))[0].text != once[0].text
    assert asyncio.run(worked_through(Pace(seed=1), "memo"))[0].text != once[0].text


def test_an_entry_rests_on_what_was_made_up() -> None:
    transcript, entry = asyncio.run(worked_through(Pace(), "memo"))

    assert entry.date == ON
    assert support_of(check_entry(entry, transcript)) == 1.0
    assert [segment.id for segment in transcript.segments] == list(range(30))
    assert transcript.segments[-1].end_s == pytest.approx(300.0)


def test_each_step_takes_its_time() -> None:
    clock = Clock()
    pace = Pace(chunks=2, chunk_s=100.0, decode=50.0, transcribe=20.0, write_s=3.0)
    steps = PacedSteps(pace, clock.wait)

    async def work() -> None:
        chunk, *_ = await prepared(steps, "memo")
        assert isinstance(chunk, PreparedChunk)
        heard = await steps.transcribe(chunk.pcm, chunk.speech, TranscribeOptions(), "", LONG_S)
        text = ChunkText(0.0, heard.segments)
        transcript = await steps.assemble([text], Origin("en", 100.0), LONG_S)
        await steps.write(transcript, ON, LONG_S)

    asyncio.run(work())

    assert clock.passed == [2.0, 2.0, 5.0, 0.0, 3.0]


def test_a_step_that_takes_longer_than_its_deadline_is_too_slow() -> None:
    clock = Clock()
    steps = PacedSteps(Pace(chunks=3, chunk_s=100.0, decode=50.0), clock.wait)

    with pytest.raises(TooSlowError, match="prepare takes 2 s, more than 1 s"):
        asyncio.run(prepared(steps, "memo", deadline_s=5.0))

    assert clock.passed == [2.0, 2.0, 1.0]


def test_chunks_carry_as_many_bytes_as_were_asked_for() -> None:
    chunk, *_ = asyncio.run(prepared(PacedSteps(Pace(pcm_bytes=100_000)), "memo"))

    assert isinstance(chunk, PreparedChunk)
    assert len(chunk.pcm) == 100_000


def test_a_language_that_was_given_is_used_and_not_guessed() -> None:
    steps = PacedSteps(Pace())

    heard = asyncio.run(
        steps.transcribe(bytes(2), [Span(0, 4)], TranscribeOptions("fr"), "tiny", LONG_S)
    )

    assert (heard.guess, heard.language, heard.model) == (None, "fr", "tiny")


def test_a_paced_engine_says_something_about_each_stretch_of_speech() -> None:
    engine = PacedEngine(pace=1e9)
    samples = np.zeros(16_000 * 30, np.float32)

    said = engine.transcribe(samples, [Span(1, 3), Span(5, 29)], TranscribeOptions())

    assert [(segment.start_s, segment.end_s) for segment in said] == [(1, 3), (5, 17), (17, 29)]
    assert all(segment.text for segment in said)


def test_closing_a_paced_engine_wakes_it_up() -> None:
    engine = PacedEngine(pace=1e-9)
    engine.close()

    assert engine.transcribe(np.zeros(16_000, np.float32), [Span(0, 1)], TranscribeOptions())


def test_whoever_plans_work_loads_no_library_for_it() -> None:
    heavy = ("av", "ctranslate2", "faster_whisper", "numpy", "onnxruntime", "tokenizers")
    modules = ("child_steps", "paced", "children.media", "children.engine", "children.writer")
    imports = "; ".join(f"import diarist.workers.{module}" for module in modules)
    show = f"import sys; {imports}; print([name for name in {heavy} if name in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", show], capture_output=True, check=True)

    assert shown.stdout == b"[]\n"
