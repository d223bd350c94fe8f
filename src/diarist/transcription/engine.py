"""What an engine is: samples in, segments out. Everything else is done around it.

Engines of other packages announce themselves in the entry-point group `diarist.engines`; the
entry point is a function that takes `EngineConfig` and returns an `Engine`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from diarist.audio.spans import Span
from diarist.errors import UnknownEngineError
from diarist.transcription.transcript import Segment

if TYPE_CHECKING:
    from diarist.audio import Samples

ENTRY_POINTS = "diarist.engines"


@dataclass(frozen=True)
class TranscribeOptions:
    """What is wanted of an engine.

    Attributes:
        language: ISO 639 code of the speech; None to detect it.
        translate: write English, whatever was spoken.
        vocabulary: names and terms that may occur, to be spelled so.
        beam_size: hypotheses kept while decoding; 1 is greedy and fastest.
        word_times: time each word, not only each segment.
    """

    language: str | None = None
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    beam_size: int = 5
    word_times: bool = True


@dataclass(frozen=True)
class LanguageGuess:
    """A language and how likely it is."""

    language: str
    probability: float


class Engine(Protocol):
    """Turns samples into segments. One instance serves several threads at once.

    Attributes:
        name: such as `faster-whisper`.
        model: such as `base`.
        parallel_chunks: how many calls of `transcribe` it can use at the same time.
    """

    name: str
    model: str
    parallel_chunks: int

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:
        """Guess the language of a chunk; None if the engine cannot tell beforehand."""

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        """Transcribe a chunk.

        Args:
            samples: mono, 16 kHz, float32, up to some minutes.
            speech: where somebody speaks, sorted, in seconds from the start of `samples`.
            options: what is wanted.

        Returns:
            Segments in order, timed from the start of `samples`, ids not yet set.

        Raises:
            UnknownLanguageError, UnsupportedRequestError, UpstreamError, SetupError.
        """

    def close(self) -> None:
        """Give back memory and connections. Harmless if called twice."""


@dataclass(frozen=True)
class EngineConfig:
    """What an engine from another package is told when it is built.

    Attributes:
        model: name of the model, as the user gave it; empty for the engine's own choice.
        model_dir: folder with local weights, if the user gave one.
        device: `auto`, `cpu` or `cuda`.
        options: the engine's own settings, from `DIARIST_ENGINE_OPTIONS`.
    """

    model: str = ""
    model_dir: Path | None = None
    device: str = "auto"
    options: tuple[tuple[str, str], ...] = ()


EngineFactory: TypeAlias = Callable[[EngineConfig], Engine]


def installed_engines() -> tuple[str, ...]:
    """Return the names of engines that other packages brought."""
    return tuple(sorted(entry.name for entry in metadata.entry_points(group=ENTRY_POINTS)))


def load_engine(name: str, config: EngineConfig) -> Engine:
    """Build an engine that another package brought.

    Raises:
        UnknownEngineError: if no installed package has one of that name.
    """
    for entry in metadata.entry_points(group=ENTRY_POINTS, name=name):
        factory: EngineFactory = entry.load()
        return factory(config)
    known = ", ".join(("faster-whisper", "openai", *installed_engines()))
    raise UnknownEngineError(f"no engine is called {name!r}", hint=f"Installed are: {known}.")
