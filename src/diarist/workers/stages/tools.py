"""What a stage works with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from diarist.audio.options import ChunkingOptions, DecodeOptions
from diarist.errors import BlobMissingError
from diarist.jobs.claims import Order
from diarist.jobs.engine.committing import Commits
from diarist.jobs.policy import RetryPolicy
from diarist.storage.blobs import Blobs
from diarist.storage.database import Database
from diarist.transcription.engine import TranscribeOptions
from diarist.workers.steps import Steps


@dataclass(frozen=True)
class Defaults:
    """What is done where a job does not say.

    Attributes:
        decode: how much is decoded.
        chunking: how long chunks are.
        beam_size: hypotheses kept while decoding.
        vocabulary: names and terms that always may occur.
    """

    decode: DecodeOptions = DecodeOptions()
    chunking: ChunkingOptions = ChunkingOptions()
    beam_size: int = 5
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tools:
    """What a stage works with.

    Attributes:
        steps: does the work itself.
        database: what jobs are made of.
        blobs: where audio lies.
        commits: makes outcomes true.
        policy: how long a step may take.
        defaults: for what a job does not say.
        scratch: a folder for copies of blobs that must be files.
    """

    steps: Steps
    database: Database
    blobs: Blobs
    commits: Commits
    policy: RetryPolicy
    defaults: Defaults
    scratch: Path

    def limit_s(self, order: Order, audio_s: float) -> float:
        """Return how many seconds the step may take for so much audio."""
        return self.policy.limit_s(order.stage, audio_s)

    def transcribe_options(self, order: Order) -> TranscribeOptions:
        """Return what is wanted of the engine."""
        wanted = order.options
        return TranscribeOptions(
            language=wanted.language or order.language,
            translate=wanted.translate,
            vocabulary=(*self.defaults.vocabulary, *wanted.vocabulary),
            beam_size=wanted.beam_size or self.defaults.beam_size,
        )

    @asynccontextmanager
    async def recording_file(self, order: Order) -> AsyncGenerator[Path, None]:
        """Give the recording as a file on this machine.

        Raises:
            BlobMissingError: if its audio was deleted.
            StorageUnavailableError: if the blob store is away.
        """
        recording = order.recording
        if recording.blob_key is not None:
            async with self.blobs.as_file(recording.blob_key, self.scratch) as path:
                yield path
        elif recording.source_path is not None and await _is_file(recording.source_path):
            yield Path(recording.source_path)
        else:
            raise BlobMissingError(
                f"the audio of {recording.name} is not there any more",
                hint="Submit the recording again.",
            )


async def _is_file(path: str) -> bool:
    return await asyncio.to_thread(Path(path).is_file)
