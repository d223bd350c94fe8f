"""Contestants that take turns, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Lap:
    """One run of one contestant.

    Attributes:
        wall_s: time that passed.
        cpu_s: time that cores worked for it, its child processes included.
    """

    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Laps:
    """All runs of one contestant, in the order of the rounds."""

    laps: Sequence[Lap]

    @property
    def best_s(self) -> float:
        return min(lap.wall_s for lap in self.laps)

    @property
    def median_s(self) -> float:
        return median(lap.wall_s for lap in self.laps)

    @property
    def cpu_s(self) -> float:
        return median(lap.cpu_s for lap in self.laps)

    def speed_up_over(self, other: Laps) -> float:
        """Return how many times faster than another: the median of the ratios in each round."""
        pairs = zip(self.laps, other.laps, strict=True)
        return median(theirs.wall_s / ours.wall_s for ours, theirs in pairs)


def alternate(
    contestants: Mapping[str, Callable[[], object]], rounds: int, *, announce: bool = True
) -> dict[str, Laps]:
    """Run every contestant once a round, each round starting with another one.

    Args:
        contestants: what to run, by name.
        rounds: how often.
        announce: tell of every run while it goes on.
    """
    laps: dict[str, list[Lap]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            laps[name].append(timed(contestants[name]))
            if announce:
                took_s = laps[name][-1].wall_s
                print(f"round {number + 1}: {name} {took_s:.2f} s", file=sys.stderr, flush=True)
    return {name: Laps(of_one) for name, of_one in laps.items()}


def timed(run: Callable[[], object]) -> Lap:
    """Run something once."""
    cpu_s, wall_s = _cpu_s(), time.perf_counter()
    run()
    return Lap(time.perf_counter() - wall_s, _cpu_s() - cpu_s)


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
