"""Speak the texts of this folder and encode them as recordings.

    python samples/synthesise.py model.onnx voices.bin

Needs `kokoro-onnx`, Kokoro-82M as ONNX, and its voices. Pauses between sentences and paragraphs are
drawn from a fixed seed, and a little noise is added, as every microphone has some.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent
RATE = 24_000  # Hz, what the voice model speaks at
PEAK = 0.6
NOISE = 10 ** (-62 / 20)  # -62 dBFS


@dataclass(frozen=True)
class Recording:
    """How one text becomes one file."""

    stem: str
    ending: str
    container: str
    codec: str
    bit_rate: int
    voice: str
    language: str
    recorded_at: str
    title: str
    speed: float = 1.0
    pause_s: float = 0.9


RECORDINGS = (
    Recording(
        "evening-memo.en", ".mp3", "mp3", "libmp3lame", 48_000, "af_heart", "en-us",
        "2026-11-18T20:42:00", "Evening memo",
    ),
    Recording(
        "rambling-walk.en", ".m4a", "ipod", "aac", 48_000, "am_michael", "en-us",
        "2026-11-14T11:05:00Z", "Rambling walk", speed=1.05, pause_s=0.6,
    ),
    Recording(
        "dimanche-soir.fr", ".ogg", "ogg", "libopus", 32_000, "ff_siwis", "fr-fr",
        "2026-11-15T21:30:00", "Dimanche soir",
    ),
    Recording(
        "nota-del-viernes.es", ".webm", "webm", "libopus", 32_000, "ef_dora", "es",
        "2026-11-20T20:10:00Z", "Nota del viernes",
    ),
)  # fmt: skip


def spoken(recording: Recording, voice: Any, random: np.random.Generator) -> NDArray[np.float32]:
    """Return a text as sound: float32, mono, 24 kHz."""
    pieces = [np.zeros(RATE // 2, np.float32)]
    text = (FOLDER / f"{recording.stem}.txt").read_text(encoding="utf-8")
    for paragraph in text.strip().split("\n\n"):
        for sentence in re.split(r"(?<=[.!?]) ", paragraph):
            sound, _ = voice.create(
                sentence, voice=recording.voice, speed=recording.speed, lang=recording.language
            )
            pieces += [np.trim_zeros(sound), _pause(random.uniform(0.18, 0.38))]
        pieces.append(_pause(recording.pause_s * random.uniform(0.7, 1.3)))
    sound = np.concatenate(pieces)
    sound *= PEAK / np.abs(sound).max()
    return (sound + random.normal(0, NOISE, len(sound))).astype(np.float32)


def _pause(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(RATE * seconds), np.float32)


def encode(recording: Recording, sound: NDArray[np.float32]) -> Path:
    """Write sound to the file of a recording, with its date as a tag."""
    import av

    path = FOLDER / f"{recording.stem}{recording.ending}"
    with av.open(str(path), "w", format=recording.container) as out:
        stream = out.add_stream(recording.codec, rate=RATE)
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{recording.codec} is no audio codec")
        stream.layout = "mono"
        stream.bit_rate = recording.bit_rate
        tag = "date" if recording.container in {"mp3", "ogg"} else "creation_time"
        out.metadata.update({tag: recording.recorded_at, "title": recording.title})
        frame = av.AudioFrame.from_ndarray((sound[None] * 32_767).astype(np.int16), "s16", "mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
        for piece in (frame, None):
            out.mux(stream.encode(piece))
    return path


def main() -> None:
    """Make all recordings."""
    from kokoro_onnx import Kokoro

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("voices")
    arguments = parser.parse_args()
    voice, random = Kokoro(arguments.model, arguments.voices), np.random.default_rng(7)
    for recording in RECORDINGS:
        print(encode(recording, spoken(recording, voice, random)))


if __name__ == "__main__":
    main()
