"""Stand-ins that take the time of work and do none of it: nothing here transcribes anything.

They are for tests and benchmarks of everything around the work. What they return is made up, but
valid, and the same for the same name of a recording.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from diarist.audio.spans import Span, total_s
from diarist.diary.entry import Author, Entry, Paragraph
from diarist.errors import TooSlowError
from diarist.transcription.assemble import ChunkText, Origin, assemble
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Segment, Transcript
from diarist.workers.steps import HeardChunk, Prepared, PreparedChunk

if TYPE_CHECKING:
    from diarist.audio import Samples

_ENGINE = "paced"
_LANGUAGE = "en"
_SECONDS_A_SENTENCE = 10.0
_SENTENCES = (
    "I walked along the river before breakfast.",
    "We talked about the garden for an hour.",
    "The train was late again.",
    "My sister called in the evening.",
    "I finished the letter at last.",
    "It rained, and nobody minded.",
    "Dinner was better than I had hoped.",
    "Tomorrow will be a long day.",
)
_SEEN_SAMPLES = 1024  # of a chunk, by which it is told from others
_SCRIPT = hashlib.sha256  # digests are the dice: the same everywhere, and from one seed


@dataclass(frozen=True)
class Pace:
    """How long made-up recordings are, and how fast the made-up work on them is.

    Attributes:
        chunks: how many each recording has.
        chunk_s: seconds of audio in each of them, all of it speech.
        decode: seconds of audio that are prepared in a second.
        transcribe: seconds of audio that are transcribed in a second, by one call.
        write_s: seconds that an entry takes.
        pcm_bytes: that each chunk carries, even; real ones carry 32,000 a second.
        seed: another one gives other words.
    """

    chunks: int = 2
    chunk_s: float = 150.0
    decode: float = math.inf
    transcribe: float = math.inf
    write_s: float = 0.0
    pcm_bytes: int = 32
    seed: int = 0


class PacedSteps:
    """Takes its time for each step and makes up what comes out; see `Steps`. Decodes nothing.

    Several calls at the same time do not slow each other down: whoever wants to know how a machine
    with so many cores behaves bounds their number.
    """

    def __init__(
        self, pace: Pace, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Prepare made-up work.

        Args:
            pace: how long everything takes.
            wait: lets so many seconds pass.
        """
        self._pace, self._wait = pace, wait

    async def prepare(
        self,
        path: Path,  # noqa: ARG002 - is not opened
        name: str,
        options: RecordingOptions,  # noqa: ARG002 - there is nothing to choose
        deadline_s: float,
    ) -> AsyncGenerator[PreparedChunk | Prepared, None]:
        """Make up the chunks of a recording; the file need not exist."""
        pace = self._pace
        takes_s = pace.chunk_s / pace.decode
        for number in range(pace.chunks):
            await self._pass(takes_s, "prepare", deadline_s - number * takes_s)
            yield PreparedChunk(
                number=number,
                start_s=number * pace.chunk_s,
                duration_s=pace.chunk_s,
                speech=(Span(0.0, pace.chunk_s),),
                pcm=self._pcm(name, number),
            )
        duration_s = pace.chunks * pace.chunk_s
        yield Prepared(duration_s, duration_s, track=0, tracks=1, warnings=(), tagged_at=None)

    async def transcribe(
        self,
        pcm: bytes,
        speech: Sequence[Span],
        options: TranscribeOptions,
        model: str,
        deadline_s: float,
    ) -> HeardChunk:
        """Make up what was said in a chunk, in English; it is the same for the same samples."""
        await self._pass(total_s(speech) / self._pace.transcribe, "transcribe", deadline_s)
        guess = None if options.language else LanguageGuess(_LANGUAGE, 1.0)
        return HeardChunk(
            segments=tuple(_segments(pcm, speech)),
            guess=guess,
            language=options.language or _LANGUAGE,
            engine=_ENGINE,
            model=model or _ENGINE,
        )

    async def assemble(
        self, texts: Sequence[ChunkText], origin: Origin, deadline_s: float
    ) -> Transcript:
        """Join what was made up for each chunk, as it is done with what was said."""
        await self._pass(0.0, "assemble", deadline_s)
        return assemble(texts, origin)

    async def write(self, transcript: Transcript, on: date, deadline_s: float) -> Entry:
        """Make an entry out of a transcript, sentence by sentence."""
        await self._pass(self._pace.write_s, "write", deadline_s)
        first = transcript.segments[0].text
        return Entry(
            date=on,
            title=first.rstrip("."),
            summary=first,
            language=transcript.language,
            paragraphs=tuple(
                Paragraph(text=segment.text, evidence=(segment.id,))
                for segment in transcript.segments
            ),
            writer=Author(provider=_ENGINE, model=f"seed/{self._pace.seed}"),
        )

    async def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    async def _pass(self, seconds: float, step: str, deadline_s: float) -> None:
        if seconds > deadline_s:
            await self._wait(deadline_s)
            raise TooSlowError(
                f"the paced {step} takes {seconds:.3g} s, more than {deadline_s:.3g} s",
                hint="Set a faster pace, or a later deadline.",
            )
        await self._wait(seconds)

    def _pcm(self, name: str, number: int) -> bytes:
        digest = _SCRIPT(f"{self._pace.seed}/{name}/{number}".encode()).digest()
        return (digest * (self._pace.pcm_bytes // len(digest) + 1))[: self._pace.pcm_bytes]


class PacedEngine:
    """An engine that sleeps and makes up what it heard. It hears nothing.

    `functools.partial(PacedEngine, pace)` is a factory for the child of an engine.

    Attributes:
        name: `paced`.
        model: as it was asked for.
        parallel_chunks: 1; several calls at the same time do not slow each other down.
    """

    name = _ENGINE
    parallel_chunks = 1

    def __init__(self, pace: float, model: str = "", language: str | None = None) -> None:
        """Prepare an engine.

        Args:
            pace: seconds of audio that it gets through in a second.
            model: what to call the model that it does not have.
            language: what it takes all speech for.
        """
        self.model = model or _ENGINE
        self._pace, self._language = pace, language or _LANGUAGE
        self._closed = threading.Event()

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:  # noqa: ARG002
        """Take everything for one language."""
        return LanguageGuess(self._language, 1.0)

    def transcribe(
        self,
        samples: Samples,
        speech: Sequence[Span],
        options: TranscribeOptions,  # noqa: ARG002 - it is English, whatever is wanted
    ) -> list[Segment]:
        """Sleep for as long as the samples take at this pace; closing ends the sleep."""
        from diarist.audio.decode import SAMPLE_RATE  # noqa: PLC0415 - loads numpy

        self._closed.wait(len(samples) / SAMPLE_RATE / self._pace)
        return list(_segments(samples[:_SEEN_SAMPLES].tobytes(), speech))

    def close(self) -> None:
        """Wake up whoever sleeps."""
        self._closed.set()


def _segments(seen: bytes, speech: Sequence[Span]) -> list[Segment]:
    """Make up a sentence for each stretch of speech, and one more each ten seconds of it."""
    dice = _SCRIPT(seen).digest()
    spans = [part for span in speech for part in _parts(span)]
    return [
        Segment(0, span.start_s, span.end_s, _SENTENCES[dice[at % len(dice)] % len(_SENTENCES)])
        for at, span in enumerate(spans)
    ]


def _parts(span: Span) -> list[Span]:
    count = max(1, int(span.duration_s / _SECONDS_A_SENTENCE))
    length_s = span.duration_s / count
    return [
        Span(span.start_s + part * length_s, span.start_s + (part + 1) * length_s)
        for part in range(count)
    ]
