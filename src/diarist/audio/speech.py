"""Where somebody speaks, found by Silero while the audio streams past.

Source: Silero VAD v6, https://github.com/snakers4/silero-vad (MIT); the ONNX file ships with
faster-whisper and is checked by digest before it is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diarist import weights
from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.options import SpeechOptions
from diarist.audio.spans import Span
from diarist.errors import MissingExtraError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from diarist.audio import Samples

FRAME_SAMPLES = 512  # one probability each 32 ms
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
BLOCK_SAMPLES = 250 * FRAME_SAMPLES  # 8 s, looked at in one go: cheap, and enough to judge a level
_CONTEXT_SAMPLES = 64  # of the frame before, which the model sees again
_STATE_SHAPE = (1, 1, 128)
_SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"

_TARGET_PEAK = 0.25  # full scale; where the loudest frames of quiet recordings are lifted to
_MAX_GAIN = 250.0  # 48 dB
_LEVEL_MEMORY_SAMPLES = 10 * SAMPLE_RATE  # over which a constant offset is followed


def load_detector() -> InferenceSession:
    """Load Silero from where it was installed (1.2 MB, 20 ms).

    Raises:
        MissingExtraError: if the package that carries it is not installed.
        ModelDigestError: if the file is not the published one.
    """
    path = weights.packaged_file("faster-whisper", "faster_whisper/assets/silero_vad_v6.onnx")
    if path is None:
        raise MissingExtraError(
            "speech detection is not installed", hint="pip install 'diarist[whisper]'"
        )
    weights.verify(path, _SHA256)
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - heavy

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class SpeechProbability:
    """The probability of speech for each 32 ms of a stream of samples.

    Feed it pieces of any length; it keeps the model's state between them, and works on blocks of
    8 s, so that the same audio gives the same probabilities however it is cut into pieces. Quiet
    recordings are lifted first and a constant offset is removed, since the model knows only
    ordinary levels.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._h = np.zeros(_STATE_SHAPE, np.float32)
        self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._rest = np.zeros(0, np.float32)
        self._level = _Level()

    def push(self, samples: Samples) -> Samples:
        """Return the probabilities of the frames in the blocks that are complete now."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % BLOCK_SAMPLES
        self._rest = samples[whole:]
        return self._of_blocks(samples[:whole])

    def finish(self) -> Samples:
        """Return the probabilities of what is left; the last frame may be filled with silence."""
        rest, self._rest = self._rest, self._rest[:0]
        return self._of_blocks(rest)

    def _of_blocks(self, samples: Samples) -> Samples:
        blocks = range(0, len(samples), BLOCK_SAMPLES)
        found = [self._of_block(samples[at : at + BLOCK_SAMPLES]) for at in blocks]
        return np.concatenate([np.zeros(0, np.float32), *found])

    def _of_block(self, block: Samples) -> Samples:
        lifted = self._level.apply(block)
        frames = np.pad(lifted, (0, -len(lifted) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
        contexts = np.vstack([self._context, frames[:-1, -_CONTEXT_SAMPLES:]])
        self._context = frames[-1, -_CONTEXT_SAMPLES:]
        probabilities, self._h, self._c = self._session.run(
            None, {"input": np.hstack([contexts, frames]), "h": self._h, "c": self._c}
        )
        flat: Samples = np.asarray(probabilities, np.float32).reshape(-1)
        return flat


@dataclass
class _Level:
    """Follow the loudest sound so far and lift everything to an ordinary level by it."""

    offset: float = 0.0
    peak: float = 0.0
    heard: int = 0

    def apply(self, samples: Samples) -> Samples:
        self.heard += len(samples)
        share = min(1.0, len(samples) / min(self.heard, _LEVEL_MEMORY_SAMPLES))
        self.offset += share * (float(samples.mean()) - self.offset)
        centred: Samples = samples - np.float32(self.offset)
        self.peak = max(self.peak, _robust_peak(centred))
        if self.peak <= 0.0 or self.peak >= _TARGET_PEAK:
            return centred
        return centred * np.float32(min(_MAX_GAIN, _TARGET_PEAK / self.peak))


def _robust_peak(samples: Samples) -> float:
    """Return the peak that a single click does not make."""
    return float(np.quantile(np.abs(samples), 0.995))


def speech_spans(probabilities: Samples, options: SpeechOptions, duration_s: float) -> list[Span]:
    """Turn probabilities into stretches of speech.

    Args:
        probabilities: one for each 32 ms, from the start on.
        options: thresholds and shortest lengths.
        duration_s: where the audio ends.

    Returns:
        Spans sorted and not overlapping, padded, in seconds.
    """
    stretches = _merged(_above(probabilities, options), _frames(options.min_silence_s))
    shortest = _frames(options.min_speech_s)
    spans = [Span(a * FRAME_S, b * FRAME_S) for a, b in stretches if b - a >= shortest]
    return _padded(spans, options.pad_s, duration_s)


_Stretch = tuple[int, int]  # first frame, and the one behind the last


def _frames(seconds: float) -> int:
    """Return how many frames are at least so long."""
    return math.ceil(seconds / FRAME_S - 1e-6)


def _above(probabilities: Samples, options: SpeechOptions) -> Iterator[_Stretch]:
    """Find stretches that start above one threshold and end below the other."""
    starts = probabilities >= options.threshold
    decides = starts | (probabilities < options.end_threshold)
    # Frames in between the thresholds go on with what the last frame outside them decided.
    decided_by = np.maximum.accumulate(np.where(decides, np.arange(len(probabilities)), -1))
    is_speech = (decided_by >= 0) & starts[decided_by]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_speech, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _merged(stretches: Iterator[_Stretch], min_silence: int) -> list[_Stretch]:
    merged: list[_Stretch] = []
    for start, end in stretches:
        if merged and start - merged[-1][1] < min_silence:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _padded(spans: list[Span], pad_s: float, duration_s: float) -> list[Span]:
    """Widen spans by `pad_s`, but never past the middle of the silence between two."""
    padded: list[Span] = []
    for index, span in enumerate(spans):
        before_s = spans[index - 1].end_s if index else -2 * pad_s
        after_s = spans[index + 1].start_s if index + 1 < len(spans) else duration_s + 2 * pad_s
        start_s = max(0.0, span.start_s - pad_s, (span.start_s + before_s) / 2)
        end_s = min(duration_s, span.end_s + pad_s, (span.end_s + after_s) / 2)
        padded.append(Span(start_s, max(start_s, end_s)))
    return padded
