"""Pack the speech of a chunk into Whisper's windows of 30 seconds.

A window is made of pieces of the recording that are joined: long silences between them are
shortened, since the model's time is spent by the window and since it invents words in silence.
There are as few windows as can be, they end in silences, and every word time is mapped back to the
recording.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diarist.audio.chunk import quietest_s
from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.spans import Span, total_s

if TYPE_CHECKING:
    from diarist.audio import Samples

LONGEST_S = 29.5  # of the 30 s that the model sees; the last half second stays silent
_LONGEST_SILENCE_S = 1.0  # a longer one is shortened to this
_EDGE_S = 0.2  # silence kept at both ends, where the recording has it


@dataclass(frozen=True)
class Window:
    """Pieces of a chunk that are transcribed together, in seconds from its start."""

    pieces: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        return total_s(self.pieces)

    @property
    def span(self) -> Span:
        """From the first piece's start to the last one's end."""
        return Span(self.pieces[0].start_s, self.pieces[-1].end_s)

    def samples_of(self, samples: Samples) -> Samples:
        """Cut the pieces out of a chunk and join them."""
        return np.concatenate(
            [samples[_at(piece.start_s) : _at(piece.end_s)] for piece in self.pieces]
        )

    def source_s(self, window_s: float, *, is_end: bool = False) -> float:
        """Map a time inside the window to a time on the chunk.

        Args:
            window_s: seconds from the start of the window.
            is_end: a time exactly at a joint belongs to the piece that ends there.
        """
        starts = [0.0, *accumulate(piece.duration_s for piece in self.pieces)]
        at = window_s - 1e-6 if is_end else window_s + 1e-6
        index = min(max(0, bisect_right(starts, at) - 1), len(self.pieces) - 1)
        piece = self.pieces[index]
        return min(piece.end_s, max(piece.start_s, piece.start_s + window_s - starts[index]))


def _at(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def plan_windows(
    speech: Sequence[Span], samples: Samples, longest_s: float = LONGEST_S
) -> list[Window]:
    """Plan which parts of a chunk are transcribed together.

    Args:
        speech: where somebody speaks, sorted, in seconds.
        samples: the chunk, looked at only where speech without a silence must be cut.
        longest_s: the most that a window holds.

    Returns:
        Windows in order that together hold all speech once.
    """
    groups = _grouped(_cut_to(speech, samples, longest_s - 2 * _EDGE_S), longest_s)
    ends_s = [0.0, *(group[-1].end_s for group in groups)]
    starts_s = [*(group[0].start_s for group in groups), len(samples) / SAMPLE_RATE]
    return [
        _window(group, Span(ends_s[index], starts_s[index + 1]))
        for index, group in enumerate(groups)
    ]


def _grouped(spans: Sequence[Span], longest_s: float) -> list[Sequence[Span]]:
    """Divide spans into as few groups as can hold them, and those at the longest silences.

    The model's time is spent by the window, so a window that is half empty costs as much as a full
    one. The best division up to each span follows from the best ones up to those before it.
    """
    best: list[_Division] = [_Division(0, 0.0, 0)]
    for end in range(1, len(spans) + 1):
        best.append(min(_divisions(spans, end, best, longest_s)))
    groups: list[Sequence[Span]] = []
    end = len(spans)
    while end:
        groups.append(spans[best[end].start : end])
        end = best[end].start
    return groups[::-1]


class _Division(NamedTuple):
    """How spans are divided up to some end; the lesser one is better."""

    groups: int
    minus_silence_s: float
    start: int  # of the last group


def _divisions(
    spans: Sequence[Span], end: int, best: Sequence[_Division], longest_s: float
) -> Iterator[_Division]:
    """Yield the ways to end a group at `end`: all of its possible beginnings."""
    for start in range(end - 1, -1, -1):
        if start < end - 1 and _joined_s(spans[start:end]) > longest_s:
            return
        silence_s = spans[start].start_s - spans[start - 1].end_s if start else 0.0
        before = best[start]
        yield _Division(before.groups + 1, before.minus_silence_s - silence_s, start)


def _cut_to(speech: Sequence[Span], samples: Samples, longest_s: float) -> list[Span]:
    """Cut speech that lasts longer than a window at its quietest moments."""
    spans: list[Span] = []
    for span in speech:
        rest = span
        while rest.duration_s > longest_s:
            cut_s = quietest_s(samples, rest.start_s + longest_s, reach_s=longest_s / 3)
            cut_s = max(cut_s, rest.start_s + longest_s / 2)
            spans.append(Span(rest.start_s, cut_s))
            rest = Span(cut_s, rest.end_s)
        spans.append(rest)
    return spans


def _joined_s(spans: Sequence[Span]) -> float:
    silences = (min(_LONGEST_SILENCE_S, b.start_s - a.end_s) for a, b in pairwise(spans))
    return total_s(spans) + sum(silences) + 2 * _EDGE_S


def _window(spans: Sequence[Span], room: Span) -> Window:
    """Join spans, keep short silences whole, and shorten long ones in their middle.

    Args:
        spans: speech.
        room: from the speech before to the speech behind, which belong to other windows.
    """
    half_s = _LONGEST_SILENCE_S / 2
    pieces = [Span(max(room.start_s, spans[0].start_s - _EDGE_S), spans[0].end_s)]
    for span in spans[1:]:
        last = pieces[-1]
        if span.start_s - last.end_s <= _LONGEST_SILENCE_S:
            pieces[-1] = Span(last.start_s, span.end_s)
        else:
            pieces[-1] = Span(last.start_s, last.end_s + half_s)
            pieces.append(Span(span.start_s - half_s, span.end_s))
    pieces[-1] = Span(pieces[-1].start_s, min(room.end_s, pieces[-1].end_s + _EDGE_S))
    return Window(tuple(pieces))
