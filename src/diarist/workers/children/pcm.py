"""Samples as they travel and are stored: 16-bit little-endian, half the size of float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diarist.audio import Samples

_FULL_SCALE = 32_768  # as in `audio.decode`, so that 16-bit recordings come back as they were


def to_pcm(samples: Samples) -> bytes:
    """Return samples as 16-bit integers; those outside of [-1, 1) are clipped."""
    import numpy as np  # noqa: PLC0415 - the parent of a child imports this file, and needs none

    scaled = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    return bytes(scaled.astype("<i2").tobytes())


def from_pcm(pcm: bytes) -> Samples:
    """Return 16-bit integers as samples in [-1, 1), float32."""
    import numpy as np  # noqa: PLC0415 - the parent of a child imports this file, and needs none

    samples: Samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    samples /= _FULL_SCALE
    return samples
