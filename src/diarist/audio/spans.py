"""A stretch of time on a recording, and what can be said of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of time, in seconds from the start of whatever it lies on."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def shifted(self, by_s: float) -> Span:
        """Return the same stretch, seen from `by_s` seconds earlier."""
        return Span(self.start_s + by_s, self.end_s + by_s)

    def overlap_s(self, other: Span) -> float:
        """Return for how many seconds both last at once."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))


def total_s(spans: Iterable[Span]) -> float:
    """Return the sum of the durations."""
    return sum(span.duration_s for span in spans)


def gaps(spans: Iterable[Span], within: Span) -> Iterator[Span]:
    """Yield what lies between sorted spans, and before and behind them, inside `within`."""
    at_s = within.start_s
    for span in spans:
        if span.start_s >= within.end_s:
            break
        if span.start_s > at_s:
            yield Span(at_s, span.start_s)
        at_s = max(at_s, span.end_s)
    if within.end_s > at_s:
        yield Span(at_s, within.end_s)
