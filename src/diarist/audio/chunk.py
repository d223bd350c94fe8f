"""Cut a stream of audio into chunks of some minutes, and only where nobody speaks.

A chunk is the unit of work: it fits into memory, it can be transcribed on its own, and a crash
costs no more than one of it. Memory does not grow with the length of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.options import ChunkingOptions, SpeechOptions
from diarist.audio.spans import Span, gaps
from diarist.audio.speech import (
    BLOCK_SAMPLES,
    FRAME_S,
    FRAME_SAMPLES,
    SpeechProbability,
    load_detector,
    speech_spans,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from diarist.audio import Samples

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
        Chunks that together hold every sample once and in order, whatever the lengths of the
        blocks. Each cut lies in a silence; only speech that lasts longer than `longest_s` without
        one is cut, at its quietest 30 ms.
    """
    cutter = _Cutter(detector or load_detector(), speech, chunking)
    for block in _regrouped(blocks):
        yield from cutter.push(block)
    yield from cutter.finish()


def _regrouped(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Make blocks of the length that the detector looks at in one go, and a shorter last one."""
    waiting: list[Samples] = []
    collected = 0
    for block in blocks:
        waiting.append(block)
        collected += len(block)
        if collected < BLOCK_SAMPLES:
            continue
        joined = np.concatenate(waiting)
        collected %= BLOCK_SAMPLES
        whole = len(joined) - collected
        for start in range(0, whole, BLOCK_SAMPLES):
            yield joined[start : start + BLOCK_SAMPLES]
        waiting = [joined[whole:].copy()]
    if collected:
        yield np.concatenate(waiting)


class _Cutter:
    """Holds what was heard since the last cut."""

    def __init__(
        self, detector: InferenceSession, speech: SpeechOptions, chunking: ChunkingOptions
    ) -> None:
        self._probability = SpeechProbability(detector)
        self._speech, self._chunking = speech, chunking
        self._keep_open_s = max(_KEEP_OPEN_S, speech.min_silence_s + speech.min_speech_s)
        self._longest_frames = max(1, int(chunking.longest_s / FRAME_S + 1e-6))
        self._samples = np.zeros(0, np.float32)
        self._frames = np.zeros(0, np.float32)
        self._number = 0
        self._start_samples = 0

    def push(self, block: Samples) -> Iterator[Chunk]:
        self._samples = np.concatenate([self._samples, block])
        self._frames = np.concatenate([self._frames, self._probability.push(block)])
        while (frames := self._cut()) is not None:
            yield self._take(frames)

    def finish(self) -> Iterator[Chunk]:
        self._frames = np.concatenate([self._frames, self._probability.finish()])
        self._keep_open_s = 0.0
        while len(self._frames) > self._longest_frames:
            yield self._take(self._cut() or self._longest_frames)
        if len(self._frames):
            yield self._take(len(self._frames))

    def _cut(self) -> int | None:
        """Return behind how many frames to cut, or None to go on listening."""
        heard_s = len(self._frames) * FRAME_S
        settled_s = heard_s - self._keep_open_s
        spans = speech_spans(self._frames, self._speech, heard_s)
        is_first = self._number == 0
        target_s = self._chunking.first_target_s if is_first else self._chunking.target_s
        cut_s = cut_in_silence(spans, settled_s, target_s, self._chunking)
        if cut_s is not None:
            return self._whole_frames(cut_s)
        if settled_s <= self._longest_frames * FRAME_S:
            return None
        # Padding hides short silences. Where there is no other, they are better than none.
        unpadded = speech_spans(self._frames, replace(self._speech, pad_s=0.0), heard_s)
        frames = _in_longest_silence(unpadded, self._longest_frames)
        if frames is not None:
            return frames
        return self._whole_frames(quietest_s(self._samples, self._longest_frames * FRAME_S))

    def _whole_frames(self, cut_s: float) -> int:
        return min(max(1, round(cut_s / FRAME_S)), self._longest_frames)

    def _take(self, frames: int) -> Chunk:
        # A cut on a frame boundary keeps samples and probabilities in step.
        samples = frames * FRAME_SAMPLES
        taken = self._samples[:samples].copy()
        spans = speech_spans(self._frames[:frames], self._speech, len(taken) / SAMPLE_RATE)
        chunk = Chunk(self._number, self._start_samples / SAMPLE_RATE, taken, tuple(spans))
        self._samples, self._frames = self._samples[samples:], self._frames[frames:]
        self._start_samples += samples
        self._number += 1
        return chunk


def cut_in_silence(
    spans: Sequence[Span], settled_s: float, target_s: float, options: ChunkingOptions
) -> float | None:
    """Choose where to end a chunk, or None to go on listening.

    Args:
        spans: speech heard since the last cut, sorted, in seconds from that cut.
        settled_s: up to where that is certain, whatever follows.
        target_s: length wished for.
        options: limits.

    Returns:
        The middle of the first clear silence that reaches past the target.
    """
    for silence in gaps(spans, Span(0.0, min(settled_s, options.longest_s))):
        after_target = Span(max(silence.start_s, target_s), silence.end_s)
        if after_target.duration_s >= options.clear_silence_s:
            return (after_target.start_s + after_target.end_s) / 2
        if silence.duration_s >= options.clear_silence_s and silence.end_s >= target_s:
            return (silence.start_s + silence.end_s) / 2
    return None


def _in_longest_silence(unpadded: Sequence[Span], longest_frames: int) -> int | None:
    """Return the frame in the middle of the longest silence, of any length.

    One in the second half is preferred, so that chunks do not become short; next one with speech
    before it. Of a silence that the chunk begins with, the end is taken, so that cutting again
    leads on.
    """
    reach = Span(0.0, (longest_frames + 1) * FRAME_S)  # to see a silence that begins at the limit
    silences = [
        (round(gap.start_s / FRAME_S), min(round(gap.end_s / FRAME_S), longest_frames))
        for gap in gaps(unpadded, reach)
    ]
    if not silences:
        return None
    behind_speech = [silence for silence in silences if silence[0] > 0]
    late = [silence for silence in behind_speech if silence[1] > longest_frames // 2]
    if not behind_speech:
        return silences[0][1]
    start, end = max(late or behind_speech, key=lambda silence: silence[1] - silence[0])
    return (start + end) // 2


def quietest_s(samples: Samples, before_s: float, reach_s: float = _QUIET_REACH_S) -> float:
    """Return the middle of the quietest 30 ms in the last `reach_s` seconds before `before_s`."""
    end = min(len(samples), int(before_s * SAMPLE_RATE))
    start = max(0, end - int(reach_s * SAMPLE_RATE))
    pieces = (end - start) // _QUIET_SAMPLES
    if pieces < 1:
        return end / SAMPLE_RATE
    power = np.square(samples[start : start + pieces * _QUIET_SAMPLES]).reshape(pieces, -1).mean(1)
    return (start + (int(power.argmin()) + 0.5) * _QUIET_SAMPLES) / SAMPLE_RATE
