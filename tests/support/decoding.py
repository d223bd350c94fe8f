"""A recording decoded in one call, and what can be measured on it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from diarist.audio.decode import SAMPLE_RATE, DecodeReport, decode
from diarist.audio.options import DecodeOptions
from support.media import Sound


class Decoded(NamedTuple):
    """All samples, the lengths of the pieces that they came in, and the report."""

    samples: Sound
    pieces: list[int]
    report: DecodeReport

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def decoded(path: Path, options: DecodeOptions = DecodeOptions()) -> Decoded:  # noqa: B008 - frozen
    """Decode a file."""
    return decoded_bytes(path.read_bytes(), path.name, options)


def decoded_bytes(
    content: bytes,
    name: str,
    options: DecodeOptions = DecodeOptions(),  # noqa: B008 - frozen
) -> Decoded:
    """Decode what could be the content of a file."""
    report = DecodeReport()
    pieces = list(decode(io.BytesIO(content), name, options, report))
    return Decoded(np.concatenate(pieces), [len(piece) for piece in pieces], report)


def loudness(samples: Sound) -> float:
    """Return the root of the mean square of what lies between the first and the last 0.2 s."""
    middle = samples[SAMPLE_RATE // 5 : -SAMPLE_RATE // 5]
    return float(np.sqrt(np.mean(np.square(middle), dtype=np.float64)))


def pitch_hz(samples: Sound, start_s: float, seconds: float = 0.5) -> float:
    """Return the strongest frequency from `start_s` on."""
    start = round(start_s * SAMPLE_RATE)
    piece = samples[start : start + round(seconds * SAMPLE_RATE)]
    return float(np.argmax(np.abs(np.fft.rfft(piece))) * SAMPLE_RATE / len(piece))
