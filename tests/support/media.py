"""Sound made on the spot, and encoders for every format that diarist reads."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
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
    with av.open(str(path), "w", format=container) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate, options={"strict": "experimental"})
        assert isinstance(stream, AudioStream)
        stream.layout = _layout(len(channels))
        _mux_sound(out, stream, channels, rate)
    return path


def encode_video(
    path: Path, sound: Sound | None, audio_codec: str = "aac", rate: int = 16_000
) -> Path:
    """Write a second of black pictures, and sound beside them unless there is none."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("mpeg4", rate=5)
        assert isinstance(pictures, VideoStream)
        pictures.width = pictures.height = 32
        track = None if sound is None else out.add_stream(audio_codec, rate=rate)
        if isinstance(track, AudioStream):
            track.layout = "mono"
        for _ in range(5):
            out.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
        out.mux(pictures.encode(None))
        if sound is not None and isinstance(track, AudioStream):
            _mux_sound(out, track, np.atleast_2d(sound), rate)
    return path


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo", 6: "5.1"}.get(channels, f"{channels}c")


def _mux_sound(out: OutputContainer, stream: AudioStream, channels: Sound, rate: int) -> None:
    """Feed the encoder a second at a time; it finds the frames that it needs by itself."""
    for start in range(0, channels.shape[1], rate):
        second = np.ascontiguousarray(channels[:, start : start + rate])
        frame = av.AudioFrame.from_ndarray(second, "fltp", _layout(len(channels)))
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = start
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
