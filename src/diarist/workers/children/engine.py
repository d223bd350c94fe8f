"""What lives in an engine child: the last engine that was needed, kept loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from diarist.audio.spans import Span
from diarist.transcription.engine import Engine, LanguageGuess, TranscribeOptions
from diarist.transcription.transcript import UNKNOWN_LANGUAGE
from diarist.workers.children.pcm import from_pcm
from diarist.workers.steps import HeardChunk

EngineFactory: TypeAlias = Callable[[str, str | None], Engine]
"""Builds an engine for a model (empty: this installation's choice) and a language, if known."""


@dataclass(frozen=True)
class _Loaded:
    engine: Engine
    model: str
    language: str | None

    def serves(self, model: str, language: str | None) -> bool:
        """Say whether it will do; one that was chosen for a language knows perhaps no other."""
        return self.model == model and self.language in (None, language)


class ChunkTranscriber:
    """Transcribes chunks; see `Steps.transcribe`. Keeps one engine loaded, never two."""

    def __init__(self, build: EngineFactory) -> None:
        self._build = build
        self._loaded: _Loaded | None = None

    def transcribe(
        self, pcm: bytes, speech: Sequence[Span], options: TranscribeOptions, model: str
    ) -> HeardChunk:
        """Transcribe a chunk, in the language that it seems to be in if none is given.

        Raises:
            UnknownLanguageError, UnsupportedRequestError, UpstreamError, SetupError.
        """
        engine = self._engine(model, options.language)
        samples = from_pcm(pcm)
        guess: LanguageGuess | None = None
        if options.language is None:
            guess = engine.detect_language(samples, speech)
            options = replace(options, language=guess.language if guess else None)
        return HeardChunk(
            segments=tuple(engine.transcribe(samples, speech, options)),
            guess=guess,
            language=options.language or UNKNOWN_LANGUAGE,
            engine=engine.name,
            model=engine.model,
        )

    def _engine(self, model: str, language: str | None) -> Engine:
        if self._loaded is not None and not self._loaded.serves(model, language):
            # Before the next is loaded: there may not be memory for both.
            self._loaded.engine.close()
            self._loaded = None
        if self._loaded is None:
            self._loaded = _Loaded(self._build(model, language), model, language)
        return self._loaded.engine
