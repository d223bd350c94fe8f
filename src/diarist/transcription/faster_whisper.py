"""Whisper on this machine: CTranslate2 through faster-whisper's model, with our own pipeline.

Chunks become windows, windows become batches, and each batch is one job for one replica of the
model: features, encoder, decoder, word times. Replicas run in threads of their own, so that one
computes features while another is in the decoder and no core waits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from diarist.audio.spans import Span
from diarist.errors import (
    MissingExtraError,
    ModelUnusableError,
    UnknownLanguageError,
    UnsupportedRequestError,
)
from diarist.transcription import guards
from diarist.transcription.alignment import align_words, kept_to_speech, spread_words
from diarist.transcription.config import FasterWhisperConfig
from diarist.transcription.decoding import Decoded, Decoder
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.transcript import Segment, Word
from diarist.transcription.windows import Window, plan_windows

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    from diarist.audio import Samples

_LANGUAGE_WINDOWS = 3  # how many windows vote on the language at most
_SURE_OF_LANGUAGE = 0.7


class FasterWhisper:
    """The engine `faster-whisper`."""

    name = "faster-whisper"

    def __init__(self, model_dir: Path, model: str, config: FasterWhisperConfig) -> None:
        """Load a model.

        Args:
            model_dir: folder with verified weights in CTranslate2's format.
            model: its name, for the record.
            config: how to run it.

        Raises:
            MissingExtraError: if faster-whisper is not installed.
            ModelUnusableError: if the weights cannot be loaded.
        """
        self.model = model
        self._run = _resolved(config)
        self.parallel_chunks = self._run.replicas  # a chunk of some minutes is one or two batches
        self._whisper = _load(model_dir, self._run)
        self._decoder = Decoder(self._whisper)
        self._pool = ThreadPoolExecutor(self._run.replicas, thread_name_prefix="whisper")

    @property
    def is_multilingual(self) -> bool:
        return bool(self._whisper.model.is_multilingual)

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:
        """Let up to three windows of a chunk vote on its language."""
        if not self.is_multilingual:
            return LanguageGuess("en", 1.0)
        windows = sorted(
            plan_windows(speech, samples), key=lambda window: window.duration_s, reverse=True
        )[:_LANGUAGE_WINDOWS]
        votes: dict[str, float] = {}
        for count, window in enumerate(windows, start=1):
            encoded = self._decoder.encode(self._decoder.features([window.samples_of(samples)]))
            for token, probability in self._whisper.model.detect_language(encoded)[0]:
                votes[token[2:-2]] = votes.get(token[2:-2], 0.0) + probability
            best = max(votes, key=lambda language: votes[language])
            if votes[best] / count >= _SURE_OF_LANGUAGE:
                return LanguageGuess(best, votes[best] / count)
        if not votes:
            return None
        best = max(votes, key=lambda language: votes[language])
        return LanguageGuess(best, votes[best] / len(windows))

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        """Transcribe a chunk; see `Engine.transcribe`."""
        if not speech:
            return []
        tokenizer = self._tokenizer(self._with_language(samples, speech, options))
        job = _Job(samples, tuple(speech), options, tokenizer)
        windows = plan_windows(speech, samples)
        written = self._written(windows, job)
        holes = [hole for one in written for hole in one.holes(job)]
        if holes:
            written += self._written(plan_windows(holes, samples), job)
        segments = (one.segment(job) for one in written)
        return sorted((s for s in segments if s is not None), key=lambda s: s.start_s)

    def close(self) -> None:
        """Wait for running batches and give the model's memory back."""
        self._pool.shutdown(wait=True)
        self._whisper.model.unload_model()

    def _with_language(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> TranscribeOptions:
        if options.language is not None:
            return options
        guess = self.detect_language(samples, speech)
        return replace(options, language=guess.language if guess else "en")

    def _tokenizer(self, options: TranscribeOptions) -> Tokenizer:
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - heavy

        language = options.language or "en"
        if not self.is_multilingual and (language != "en" or options.translate):
            raise UnsupportedRequestError(
                f"the model {self.model} knows only English",
                hint="Use a multilingual model, such as --model base.",
            )
        try:
            return Tokenizer(
                self._whisper.hf_tokenizer,
                self.is_multilingual,
                task="translate" if options.translate else "transcribe",
                language=language,
            )
        except ValueError as error:
            raise UnknownLanguageError(
                f"the model {self.model} does not know the language {language!r}",
                hint="Give an ISO 639 code such as en, de, fr or es, or leave it to be detected.",
            ) from error

    def _written(self, windows: Sequence[Window], job: _Job) -> list[_Written]:
        batches = _batches(windows, self._run.batch_size, self._run.replicas)
        done = self._pool.map(lambda batch: self._batch(batch, job), batches)
        return [one for batch in done for one in batch]

    def _batch(self, windows: Sequence[Window], job: _Job) -> list[_Written]:
        features = self._decoder.features([w.samples_of(job.samples) for w in windows])
        encoded = self._decoder.encode(features)
        decoded = self._decoder.decode(
            features, encoded, job.tokenizer, job.options.vocabulary, job.options.beam_size
        )
        words = self._words(encoded, decoded, windows, job)
        return [_Written(*parts) for parts in zip(windows, decoded, words, strict=True)]

    def _words(
        self,
        encoded: StorageView,
        decoded: Sequence[Decoded],
        windows: Sequence[Window],
        job: _Job,
    ) -> list[list[Word]]:
        if not job.options.word_times:
            return [
                spread_words(one.text, window, job.speech)
                for one, window in zip(decoded, windows, strict=True)
            ]
        found = align_words(self._whisper, job.tokenizer, encoded, decoded, windows)
        return [kept_to_speech(words, job.speech) for words in found]


@dataclass(frozen=True, eq=False)
class _Job:
    """One call of `transcribe`: what all its batches share."""

    samples: Samples
    speech: tuple[Span, ...]
    options: TranscribeOptions
    tokenizer: Tokenizer

    def speech_in(self, window: Window) -> list[Span]:
        within = window.span
        return [span for span in self.speech if span.overlap_s(within) > 0]


@dataclass(frozen=True)
class _Written:
    """What was written for one window."""

    window: Window
    decoded: Decoded
    words: list[Word]

    def is_invented(self, job: _Job) -> bool:
        spoken_s = sum(span.overlap_s(self.window.span) for span in job.speech_in(self.window))
        return guards.looks_invented(self.decoded, spoken_s)

    def holes(self, job: _Job) -> list[Span]:
        """Return speech that got no words; only aligned words can tell."""
        if not job.options.word_times or not self.words or self.is_invented(job):
            return []
        return guards.holes(job.speech_in(self.window), self.words, self.window.span)

    def segment(self, job: _Job) -> Segment | None:
        words = [] if self.is_invented(job) else guards.without_loops(self.words)
        if not words:
            return None
        return Segment(
            id=0,
            start_s=words[0].start_s,
            end_s=max(words[0].start_s, words[-1].end_s),
            text="".join(word.text for word in words).strip(),
            words=tuple(words),
            avg_logprob=self.decoded.avg_logprob,
            no_speech_prob=self.decoded.no_speech_prob,
            compression_ratio=self.decoded.compression_ratio,
            temperature=self.decoded.temperature,
        )


def _batches(
    windows: Sequence[Window], batch_size: int, replicas: int
) -> Iterable[Sequence[Window]]:
    """Spread windows evenly over the replicas, in batches that are not larger than allowed."""
    if not windows:
        return []
    rounds = -(-len(windows) // (batch_size * replicas))
    count = min(len(windows), rounds * replicas)
    bounds = [len(windows) * index // count for index in range(count + 1)]
    return [windows[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]


def _resolved(config: FasterWhisperConfig) -> FasterWhisperConfig:
    """Replace every `auto` and 0 by what fits this machine."""
    device = _device(config.device)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    on_gpu = device == "cuda"
    replicas = config.replicas or (1 if on_gpu else min(cores, 4))
    return FasterWhisperConfig(
        device=device,
        compute_type=(
            ("float16" if on_gpu else "int8")
            if config.compute_type == "auto"
            else config.compute_type
        ),
        replicas=replicas,
        threads=config.threads or max(1, cores // replicas),
        batch_size=config.batch_size or (16 if on_gpu else 4),
    )


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    try:
        import ctranslate2  # noqa: PLC0415 - heavy
    except ImportError as error:
        raise _not_installed() from error
    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def _load(model_dir: Path, run: FasterWhisperConfig) -> WhisperModel:
    try:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy
    except ImportError as error:
        raise _not_installed() from error
    try:
        return WhisperModel(
            str(model_dir),
            device=run.device,
            compute_type=run.compute_type,
            cpu_threads=run.threads,
            num_workers=run.replicas,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError, MemoryError) as error:
        raise ModelUnusableError(
            f"the model in {model_dir} could not be loaded on {run.device} ({_first_line(error)})",
            hint="Try --device cpu; `diarist doctor` shows what this machine can run.",
            is_out_of_memory="memory" in str(error).lower(),
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _not_installed() -> MissingExtraError:
    return MissingExtraError(
        "the engine faster-whisper is not installed", hint="pip install 'diarist[whisper]'"
    )
