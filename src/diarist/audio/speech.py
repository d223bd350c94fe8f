"""Where somebody speaks, found by Silero while the audio streams past.

Source: Silero VAD v6, https://github.com/snakers4/silero-vad (MIT); the ONNX file ships with
faster-whisper and is checked by digest before it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
_CONTEXT_SAMPLES = 64  # of the frame before, which the model sees again
_STATE_SHAPE = (1, 1, 128)
_SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"

_TARGET_PEAK = 0.25  # full scale; where the loudest frames of quiet recordings are lifted to
_MAX_GAIN = 250.0  # 48 dB
_GAIN_FRAME_SAMPLES = 1600


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

    Feed it pieces of any length; it keeps the model's state between them. Quiet recordings are
    lifted first and a constant offset is removed, since the model knows only ordinary levels.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._h = np.zeros(_STATE_SHAPE, np.float32)
        self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._rest = np.zeros(0, np.float32)
        self._level = _Level()

    def push(self, samples: Samples) -> Samples:
        """Return the probabilities of the frames that are complete now."""
        samples = np.concatenate([self._rest, self._level.apply(samples)])
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._rest = samples[whole:]
        return self._run(samples[:whole])

    def finish(self) -> Samples:
        """Return the probability of the last, incomplete frame, if there is one."""
        if not len(self._rest):
            return np.zeros(0, np.float32)
        last = np.pad(self._rest, (0, FRAME_SAMPLES - len(self._rest)))
        self._rest = self._rest[:0]
        return self._run(last)

    def _run(self, samples: Samples) -> Samples:
        if not len(samples):
            return np.zeros(0, np.float32)
        frames = samples.reshape(-1, FRAME_SAMPLES)
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
    heard: int = field(default=0)

    def apply(self, samples: Samples) -> Samples:
        if not len(samples):
            return samples
        self.heard += len(samples)
        share = min(1.0, len(samples) / min(self.heard, SAMPLE_RATE * 10))
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
    spans = _merged(_above(probabilities, options), options.min_silence_s)
    long_enough = [span for span in spans if span.duration_s >= options.min_speech_s]
    return _padded(long_enough, options.pad_s, duration_s)


def _above(probabilities: Samples, options: SpeechOptions) -> list[Span]:
    """Find stretches that start above one threshold and end below the other."""
    spans: list[Span] = []
    start: int | None = None
    for index, probability in enumerate(probabilities):
        if start is None and probability >= options.threshold:
            start = index
        elif start is not None and probability < options.end_threshold:
            spans.append(Span(start * FRAME_S, index * FRAME_S))
            start = None
    if start is not None:
        spans.append(Span(start * FRAME_S, len(probabilities) * FRAME_S))
    return spans


def _merged(spans: list[Span], min_silence_s: float) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.start_s - merged[-1].end_s < min_silence_s:
            merged[-1] = Span(merged[-1].start_s, span.end_s)
        else:
            merged.append(span)
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
