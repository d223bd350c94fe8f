"""A stand-in for the speech model: whatever is loud is speech."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diarist.audio.speech import FRAME_SAMPLES
from support.media import Sound

Numbers = NDArray[np.float32]


class LoudnessSession:
    """Takes and gives what the model's session does; knows speech by its loudness alone."""

    def run(self, _: None, feeds: dict[str, Numbers]) -> tuple[Numbers, Numbers, Numbers]:
        frames = feeds["input"][:, -FRAME_SAMPLES:]
        loud = np.sqrt(np.mean(np.square(frames), axis=1)) > 0.1
        return loud.astype(np.float32), feeds["h"], feeds["c"]


def talk(*turns: tuple[bool, int]) -> Sound:
    """Return a sound that is loud or silent for so many frames of 32 ms each."""
    buzz = np.tile(np.array([0.3, -0.3], np.float32), FRAME_SAMPLES // 2)  # no constant offset
    parts = [np.tile(buzz * is_loud, frames) for is_loud, frames in turns]
    return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32)
