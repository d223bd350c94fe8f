"""Sound made on the spot, and encoders for every format that diarist reads."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SAMPLES = Path(__file__).parents[2] / "samples"
"""The project's own recordings, each beside the text that is spoken in it."""

EVENING = SAMPLES / "evening-memo.en.mp3"
RAMBLING = SAMPLES / "rambling-walk.en.m4a"
DIMANCHE = SAMPLES / "dimanche-soir.fr.ogg"
NOTA = SAMPLES / "nota-del-viernes.es.webm"

Sound = NDArray[np.float32]


def silence(seconds: float, rate: int = 16_000) -> Sound:
    return np.zeros(round(seconds * rate), np.float32)


def tone(seconds: float, hertz: float = 440.0, rate: int = 16_000, level: float = 0.3) -> Sound:
    at_s = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * at_s)).astype(np.float32)


def noise(seconds: float, level: float = 0.05, rate: int = 16_000, seed: int = 7) -> Sound:
    return np.random.default_rng(seed).normal(0, level, round(seconds * rate)).astype(np.float32)


def speech(seconds: float, start_s: float = 0.0, path: Path = EVENING) -> Sound:
    """Return real speech, mono at 16 kHz, out of one of the project's own recordings."""
    from diarist.audio.decode import decode
    from diarist.audio.options import DecodeOptions

    with path.open("rb") as stream:
        samples = np.concatenate(list(decode(stream, path.name, DecodeOptions())))
    start = round(start_s * 16_000)
    return samples[start : start + round(seconds * 16_000)]


def write_wav(path: Path, sound: Sound, rate: int = 16_000) -> Path:
    """Write 16-bit PCM; a sound of shape (channels, n) gets as many channels."""
    channels = np.atleast_2d(sound)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(channels.T, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


def encode(
    path: Path,
    sound: Sound,
    codec: str,
    rate: int = 16_000,
    container: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write sound with any encoder of FFmpeg; the container follows from the name."""
    channels = np.atleast_2d(sound)
    layout = {1: "mono", 2: "stereo"}.get(len(channels), f"{len(channels)}c")
    with av.open(str(path), "w", format=container) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate, options={"strict": "experimental"})
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels), "fltp", layout)
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = 0
        resampler = av.AudioResampler(
            stream.format, stream.layout, rate, frame_size=stream.codec_context.frame_size or 1024
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path
