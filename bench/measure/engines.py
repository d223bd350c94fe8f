"""diarist as its command line builds it, and plain faster-whisper with the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from diarist.bootstrap.engines import EngineRequest, build_engine, decode_options, model_store
from diarist.settings import load_settings
from diarist.transcription.engine import Engine, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.recording import OnProgress, transcribe
from diarist.transcription.transcript import Transcript

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

BEAM_SIZE = 5  # the default of both


def diarist_engine(model: str, expected_s: float | None = None) -> Engine:
    """Build the engine that `diarist run --model MODEL` uses."""
    return build_engine(load_settings(), EngineRequest(model=model, expected_s=expected_s)).engine


def run_diarist(
    stream: BinaryIO,
    name: str,
    engine: Engine,
    options: TranscribeOptions,
    on_progress: OnProgress | None = None,
    parallel_chunks: int | None = None,
) -> Transcript:
    """Transcribe a recording as `diarist run` does."""
    wanted = RecordingOptions(decode=decode_options(load_settings()), transcribe=options)
    return transcribe(stream, name, engine, wanted, on_progress, parallel_chunks)


def model_folder(model: str) -> Path:
    """Return the folder of a model's checked weights."""
    return model_store(load_settings()).verified(model)


def plain_model(model: str) -> WhisperModel:
    """Load the same weights into faster-whisper, in the arithmetic that diarist uses on a CPU."""
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(model_folder(model)), device="cpu", compute_type="int8", local_files_only=True
    )


def plain_text(segments: Any) -> str:
    """Consume faster-whisper's segments; the work is done while they are."""
    return " ".join(segment.text.strip() for segment in segments)
