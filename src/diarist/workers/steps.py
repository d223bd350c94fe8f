"""The work on a recording as its steps, and the plain values that pass between them.

    prepare ──►  transcribe ×N  ──►  assemble  ──►  write

A port: `ChildSteps` does the work in processes of their own, `PacedSteps` only takes its time.
Nothing here loads a library, so that whoever plans work need not be able to do it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.transcription.assemble import ChunkText, Origin
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Segment, Transcript


@dataclass(frozen=True)
class PreparedChunk:
    """A piece of a recording in which somebody speaks.

    Attributes:
        number: 0 for the first piece; those without speech leave gaps.
        start_s: where it starts on the recording.
        duration_s: how long it is.
        speech: where somebody speaks, in seconds from the start of the chunk.
        pcm: 16-bit little-endian samples, mono, 16 kHz; up to 10 MB.
    """

    number: int
    start_s: float
    duration_s: float
    speech: tuple[Span, ...]
    pcm: bytes


@dataclass(frozen=True)
class Prepared:
    """What is known about a recording once all of it was decoded.

    Attributes:
        duration_s: length of the recording.
        speech_s: how much of it is speech.
        track: which audio track its chunks are from.
        tracks: how many it has.
        warnings: what a reader should know, such as that the file was damaged.
        tagged_at: when it was made, as tagged; naive if the tag has no time zone.
    """

    duration_s: float
    speech_s: float
    track: int
    tracks: int
    warnings: tuple[str, ...]
    tagged_at: datetime | None


@dataclass(frozen=True)
class HeardChunk:
    """What an engine made of a chunk.

    Attributes:
        segments: timed from the start of the chunk.
        guess: what its language was taken for; None if it was given, or could not be told.
        language: in which it was transcribed; `und` if the engine found that out by itself.
        engine: which engine was used.
        model: which model the engine used.
    """

    segments: tuple[Segment, ...]
    guess: LanguageGuess | None
    language: str
    engine: str
    model: str


class Steps(Protocol):
    """Does the work on recordings.

    Every step can be repeated: it changes nothing but what it returns. `deadline_s` bounds the
    time that is spent waiting for it. A step that is cancelled, or whose iterator is closed, stops
    at once.

    Raises, in every step:
        WorkerDiedError: the process that did the work ended in the middle of it.
        TooSlowError: the deadline passed; what was under way is stopped.
        UnexpectedError: a defect, of which the log has the details.
    """

    def prepare(
        self, path: Path, name: str, options: RecordingOptions, deadline_s: float
    ) -> AsyncGenerator[PreparedChunk | Prepared, None]:
        """Decode a recording and cut it where nobody speaks.

        Args:
            path: of a file on this machine.
            name: what to call it in errors and warnings.
            options: how; of its audio tracks, those before `options.decode.track` are left out.
            deadline_s: seconds, those in which the caller works on a chunk not counted.

        Yields:
            Chunks of the first track in which somebody speaks, as they are made and in order, a
            few at most ahead of the caller; then one `Prepared`.

        Raises:
            InputError: if it is not audio, or nobody speaks in it.
        """

    async def transcribe(
        self,
        pcm: bytes,
        speech: Sequence[Span],
        options: TranscribeOptions,
        model: str,
        deadline_s: float,
    ) -> HeardChunk:
        """Transcribe a chunk.

        Args:
            pcm: as in `PreparedChunk`.
            speech: as in `PreparedChunk`.
            options: what is wanted; without a language it is detected.
            model: name of the model; empty for this installation's choice.
            deadline_s: seconds, loading the model included.

        Raises:
            UnknownLanguageError, UnsupportedRequestError, UpstreamError, SetupError.
        """

    async def assemble(
        self, texts: Sequence[ChunkText], origin: Origin, deadline_s: float
    ) -> Transcript:
        """Join what was made of each chunk.

        Raises:
            NoSpeechError: if no words were recognised in any of them.
        """

    async def write(self, transcript: Transcript, on: date, deadline_s: float) -> Entry:
        """Write the diary entry of a recording that was made on a day.

        Raises:
            NoSpeechError: if the transcript has no words, or only fillers.
        """

    async def close(self) -> None:
        """Give back memory and processes. What is under way ends with `WorkerDiedError`."""
