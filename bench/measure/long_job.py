"""What the watched processes of the memory benchmark do: each runs one of these and ends.

The functions load what they need, say so, wait until they were measured, and then tell how far
they are after each chunk.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path


def build(path: Path, length_s: float) -> None:
    """Write the recording, in a process of its own since the encoder's memory stays with it."""
    from measure.recordings import LONG_PAUSES_S, repeated_speech

    repeated_speech(path, length_s, LONG_PAUSES_S)


def transcribe(told: Connection, path: Path, length_s: float, model: str, beam_size: int) -> None:
    """Transcribe as `diarist run` does."""
    from diarist.transcription.engine import TranscribeOptions
    from diarist.transcription.recording import Progress
    from measure.engines import diarist_engine, run_diarist

    def tell(progress: Progress) -> None:
        told.send(progress.done_s)

    engine = diarist_engine(model, length_s)
    _wait_until_measured(told)
    with path.open("rb") as stream:
        run_diarist(stream, path.name, engine, TranscribeOptions(beam_size=beam_size), tell)
    told.send(highest_bytes())


def cut(told: Connection, path: Path) -> None:
    """Decode, find speech and cut chunks, as fast as nobody could transcribe them."""
    import av  # noqa: F401 - so that it counts as loaded

    from diarist.audio.chunk import chunk_stream
    from diarist.audio.decode import decode
    from diarist.audio.speech import load_detector

    detector = load_detector()
    _wait_until_measured(told)
    with path.open("rb") as stream:
        for chunk in chunk_stream(decode(stream, path.name), detector=detector):
            told.send(chunk.end_s)
    told.send(highest_bytes())


def _wait_until_measured(told: Connection) -> None:
    told.send(0.0)
    told.recv()


def highest_bytes() -> int:
    """Return the most memory that this process ever held, as the kernel counts it; 0 if unknown."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
