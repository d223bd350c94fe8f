"""A whole recording on this machine: file in, transcript out, memory constant.

The data path in one picture; each arrow is a bounded queue, so the slowest step sets the pace:

    decode ─► find speech ─► cut in silences ──►  transcribe ×N  ──► assemble
    └─────────── one thread ───────────────┘     engine's threads
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from diarist.audio.chunk import Chunk, chunk_stream
from diarist.audio.decode import DecodeReport, decode
from diarist.audio.probe import RecordingInfo, probe
from diarist.audio.spans import total_s
from diarist.audio.speech import load_detector
from diarist.errors import NoSpeechError
from diarist.transcription.agreement import is_clear, language_warnings
from diarist.transcription.assemble import ChunkText, Origin, assemble
from diarist.transcription.engine import Engine, LanguageGuess, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.prefetch import prefetched
from diarist.transcription.transcript import UNKNOWN_LANGUAGE, Transcript

_CHUNKS_AHEAD = 2


@dataclass(frozen=True)
class Progress:
    """How far a recording is.

    Attributes:
        done_s: seconds of audio that are transcribed.
        total_s: seconds in all, as the header claims; None if it does not say.
        text: what was said in the chunk that was just done.
    """

    done_s: float
    total_s: float | None
    text: str


OnProgress = Callable[[Progress], None]


def transcribe(
    stream: BinaryIO,
    name: str,
    engine: Engine,
    options: RecordingOptions = RecordingOptions(),  # noqa: B008 - frozen
    on_progress: OnProgress | None = None,
    parallel_chunks: int | None = None,
) -> Transcript:
    """Transcribe a recording.

    Audio tracks are tried in the file's own order of preference until one of them holds speech.

    Args:
        stream: a seekable binary file.
        name: what to call it in errors and in the transcript.
        engine: that does the work.
        options: everything else.
        on_progress: called after each chunk, from the calling thread.
        parallel_chunks: how many chunks are in work at once; by default all that the engine can
            use, fewer if it works on several recordings.

    Raises:
        InputError: if it is not audio, or nobody speaks in it.
        UpstreamError, SetupError: from the engine.
    """
    info = probe(stream, name)
    heard = _Heard()
    parallel = parallel_chunks or engine.parallel_chunks
    for track in range(info.tracks):
        stream.seek(0)
        work = _Work(stream, name, engine, _on_track(options, track), info, parallel, on_progress)
        heard = work.run()
        if any(text.segments for text in heard.texts):
            break
    if not any(text.segments for text in heard.texts):
        raise no_speech(name, heard.report.duration_s, has_voices=heard.speech_s > 0)
    return assemble(heard.texts, _origin(name, engine, options, heard))


def no_speech(name: str, duration_s: float, *, has_voices: bool) -> NoSpeechError:
    """Return the error for a recording without words.

    Args:
        name: what to call it.
        duration_s: how long it is.
        has_voices: some of it was taken for speech.
    """
    what = "sound in which no words were recognised" if has_voices else "no speech"
    return NoSpeechError(
        f"{name} holds {duration_s:.3g} s of audio and {what}",
        hint="If somebody does speak in it, check the microphone and the volume.",
    )


def _on_track(options: RecordingOptions, track: int) -> RecordingOptions:
    return replace(options, decode=replace(options.decode, track=track))


@dataclass
class _Heard:
    """What a track gave."""

    texts: list[ChunkText] = field(default_factory=list)
    report: DecodeReport = field(default_factory=DecodeReport)
    language: LanguageGuess | None = None
    speech_s: float = 0.0


@dataclass
class _Work:
    """One track on its way."""

    stream: BinaryIO
    name: str
    engine: Engine
    options: RecordingOptions
    info: RecordingInfo
    parallel: int
    on_progress: OnProgress | None
    heard: _Heard = field(default_factory=_Heard)

    def run(self) -> _Heard:
        with ThreadPoolExecutor(self.parallel, "chunk") as pool:
            under_way: deque[tuple[Chunk, Future[ChunkText]]] = deque()
            for chunk in prefetched(self._chunks(), ahead=_CHUNKS_AHEAD):
                if not chunk.speech:
                    continue
                options = self._options_for(chunk)
                self.heard.speech_s += total_s(chunk.speech)
                under_way.append((chunk, pool.submit(self._text, chunk, options)))
                if len(under_way) > self.parallel:
                    self._finish(*under_way.popleft())
            while under_way:
                self._finish(*under_way.popleft())
        return self.heard

    def _chunks(self) -> Iterator[Chunk]:
        blocks = decode(self.stream, self.name, self.options.decode, self.heard.report)
        return chunk_stream(blocks, self.options.speech, self.options.chunking, load_detector())

    def _options_for(self, chunk: Chunk) -> TranscribeOptions:
        """Settle the language once, on the first chunk that makes it clear."""
        options = self.options.transcribe
        if options.language is not None:
            return options
        # Speech so far is what the guesses so far were made on; this chunk's is not among it.
        if self.heard.language is None or not is_clear(self.heard.language, self.heard.speech_s):
            guess = self.engine.detect_language(chunk.samples, chunk.speech)
            self.heard.language = _likelier(self.heard.language, guess)
        language = self.heard.language.language if self.heard.language else None
        return replace(options, language=language)

    def _text(self, chunk: Chunk, options: TranscribeOptions) -> ChunkText:
        segments = self.engine.transcribe(chunk.samples, chunk.speech, options)
        return ChunkText(chunk.start_s, segments)

    def _finish(self, chunk: Chunk, future: Future[ChunkText]) -> None:
        text = future.result()
        self.heard.texts.append(text)
        if self.on_progress is not None:
            said = " ".join(segment.text for segment in text.segments)
            self.on_progress(Progress(chunk.end_s, self.info.duration_s, said))


def _likelier(one: LanguageGuess | None, other: LanguageGuess | None) -> LanguageGuess | None:
    guesses = [guess for guess in (one, other) if guess is not None]
    return max(guesses, key=lambda guess: guess.probability, default=None)


def _origin(name: str, engine: Engine, options: RecordingOptions, heard: _Heard) -> Origin:
    wanted = options.transcribe
    spoken = wanted.language or (heard.language.language if heard.language else UNKNOWN_LANGUAGE)
    return Origin(
        language="en" if wanted.translate else spoken,
        spoken_language=spoken,
        language_probability=(
            1.0 if wanted.language or not heard.language else heard.language.probability
        ),
        duration_s=heard.report.duration_s,
        engine=engine.name,
        model=engine.model,
        source=name,
        warnings=_warnings(name, heard),
    )


def _warnings(name: str, heard: _Heard) -> tuple[str, ...]:
    damage = (f"{name} {heard.report.damage}",) if heard.report.damage else ()
    return (*damage, *language_warnings(heard.language))
