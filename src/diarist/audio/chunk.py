"""Cut a stream of audio into chunks of some minutes, and only where nobody speaks.

A chunk is the unit of work: it fits into memory, it can be transcribed on its own, and a crash
costs no more than one of it. Memory does not grow with the length of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.options import ChunkingOptions, SpeechOptions
from diarist.audio.spans import Span, gaps
from diarist.audio.speech import FRAME_S, SpeechProbability, load_detector, speech_spans

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from diarist.audio import Samples

_ANALYSE_SAMPLES = 8 * SAMPLE_RATE  # looked at in one go: large enough to be cheap
_KEEP_OPEN_S = 1.5  # the end of what was heard may be inside a word; never cut there
_QUIET_SAMPLES = SAMPLE_RATE * 30 // 1000  # 30 ms
_QUIET_REACH_S = 10.0


@dataclass(frozen=True, eq=False)
class Chunk:
    """A piece of a recording.

    Attributes:
        number: 0 for the first.
        start_s: where it starts on the recording.
        samples: mono, 16 kHz, float32.
        speech: where somebody speaks, in seconds from the start of the chunk.
    """

    number: int
    start_s: float
    samples: Samples
    speech: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


def chunk_stream(
    blocks: Iterable[Samples],
    speech: SpeechOptions = SpeechOptions(),  # noqa: B008 - frozen
    chunking: ChunkingOptions = ChunkingOptions(),  # noqa: B008 - frozen
    detector: InferenceSession | None = None,
) -> Iterator[Chunk]:
    """Find speech in a stream of samples and cut it into chunks.

    Args:
        blocks: consecutive samples, mono, 16 kHz, float32, of any lengths.
        speech: what counts as speech.
        chunking: how long chunks are.
        detector: a loaded Silero; loaded here if not given.

    Yields:
        Chunks that together hold every sample once and in order. Each cut lies in a silence;
        only speech that lasts longer than `longest_s` without one is cut, at its quietest 30 ms.
    """
    cutter = _Cutter(detector or load_detector(), speech, chunking)
    for block in _regrouped(blocks):
        yield from cutter.push(block)
    yield from cutter.finish()


def _regrouped(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Collect blocks until there are enough samples to be analysed in one go."""
    waiting: list[Samples] = []
    for block in blocks:
        waiting.append(block)
        if sum(map(len, waiting)) >= _ANALYSE_SAMPLES:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


class _Cutter:
    """Holds what was heard since the last cut."""

    def __init__(
        self, detector: InferenceSession, speech: SpeechOptions, chunking: ChunkingOptions
    ) -> None:
        self._probability = SpeechProbability(detector)
        self._speech, self._chunking = speech, chunking
        self._samples = np.zeros(0, np.float32)
        self._frames = np.zeros(0, np.float32)
        self._number = 0
        self._start_samples = 0

    def push(self, block: Samples) -> Iterator[Chunk]:
        self._samples = np.concatenate([self._samples, block])
        self._frames = np.concatenate([self._frames, self._probability.push(block)])
        while (cut_s := self._cut()) is not None:
            yield self._take(cut_s)

    def finish(self) -> Iterator[Chunk]:
        self._frames = np.concatenate([self._frames, self._probability.finish()])
        while len(self._samples) / SAMPLE_RATE > self._chunking.longest_s:
            cut_s = self._cut()
            if cut_s is None:
                break
            yield self._take(cut_s)
        if len(self._samples):
            yield self._chunk(len(self._samples), len(self._frames))

    def _cut(self) -> float | None:
        heard_s = len(self._frames) * FRAME_S
        spans = speech_spans(self._frames, self._speech, heard_s)
        first = self._number == 0
        target_s = self._chunking.first_target_s if first else self._chunking.target_s
        cut_s = cut_in_silence(spans, heard_s, target_s, self._chunking)
        if cut_s is None and heard_s > self._chunking.longest_s:
            return quietest_s(self._samples, self._chunking.longest_s)
        return cut_s

    def _take(self, cut_s: float) -> Chunk:
        # A cut on a frame boundary keeps samples and probabilities in step.
        frames = max(1, round(cut_s / FRAME_S))
        samples = round(frames * FRAME_S * SAMPLE_RATE)
        chunk = self._chunk(samples, frames)
        self._samples, self._frames = self._samples[samples:], self._frames[frames:]
        self._start_samples += samples
        self._number += 1
        return chunk

    def _chunk(self, samples: int, frames: int) -> Chunk:
        taken = self._samples[:samples].copy()
        spans = speech_spans(self._frames[:frames], self._speech, len(taken) / SAMPLE_RATE)
        return Chunk(self._number, self._start_samples / SAMPLE_RATE, taken, tuple(spans))


def cut_in_silence(
    spans: Sequence[Span], heard_s: float, target_s: float, options: ChunkingOptions
) -> float | None:
    """Choose where to end a chunk, or None to go on listening.

    Args:
        spans: speech heard since the last cut, sorted, in seconds from that cut.
        heard_s: how much was heard since then.
        target_s: length wished for.
        options: limits.

    Returns:
        The middle of the first clear silence behind the target; once `longest_s` is reached
        without one, the middle of the longest silence of any length in its second half.
    """
    silences = list(gaps(spans, Span(0.0, min(heard_s - _KEEP_OPEN_S, options.longest_s))))
    for silence in silences:
        after_target = Span(max(silence.start_s, target_s), silence.end_s)
        if after_target.duration_s >= options.clear_silence_s:
            return (after_target.start_s + after_target.end_s) / 2
        if silence.duration_s >= options.clear_silence_s and silence.end_s >= target_s:
            return (silence.start_s + silence.end_s) / 2
    if heard_s <= options.longest_s:
        return None
    reachable = [s for s in silences if s.end_s > options.longest_s / 2 and s.duration_s > FRAME_S]
    if not reachable:
        return None
    longest = max(reachable, key=lambda s: s.duration_s)
    return (longest.start_s + longest.end_s) / 2


def quietest_s(samples: Samples, before_s: float, reach_s: float = _QUIET_REACH_S) -> float:
    """Return the middle of the quietest 30 ms in the last `reach_s` seconds before `before_s`."""
    end = min(len(samples), int(before_s * SAMPLE_RATE))
    start = max(0, end - int(reach_s * SAMPLE_RATE))
    pieces = (end - start) // _QUIET_SAMPLES
    if pieces < 1:
        return end / SAMPLE_RATE
    power = np.square(samples[start : start + pieces * _QUIET_SAMPLES]).reshape(pieces, -1).mean(1)
    return (start + (int(power.argmin()) + 0.5) * _QUIET_SAMPLES) / SAMPLE_RATE
