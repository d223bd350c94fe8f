"""What follows when a task failed, and how long a task may take. Rules only: nothing is done here.

Three kinds of trouble are counted apart, because they say different things:

    attempts   the work ended with an error        its input or an upstream may be to blame
    losses     the worker vanished in the middle   the input may have killed it
    delays     database or blob store were away    nobody's fault; waiting is all there is to do
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diarist.errors import (
    DiaristError,
    InputError,
    RateLimitedError,
    SetupError,
    StorageFullError,
    StorageUnavailableError,
)
from diarist.jobs.states import Stage

LONGEST_PAUSE_S = 3600.0
"""No pause is longer, whatever a service asks for."""

SUSPECT_LOSSES = 2
"""From so many on, a task may be what ends its workers: it is done alone, so that it takes no
other with it, and no other is blamed."""

Uniform = Callable[[float, float], float]
"""Draws a number between two, as `random.uniform` does."""


@dataclass(frozen=True)
class TimeLimit:
    """How long a step may take.

    Attributes:
        base_s: whatever the length, such as for loading a model.
        per_audio_s: more for each second of audio.
    """

    base_s: float
    per_audio_s: float

    def for_audio(self, audio_s: float) -> float:
        """Return the limit in seconds for so much audio."""
        return self.base_s + self.per_audio_s * audio_s


_LIMITS: Mapping[Stage, TimeLimit] = {
    # Decoding and finding speech run at over 100 times real time on one core; a machine that is
    # twenty times slower, or shared with twenty others, still makes it.
    Stage.PREPARE: TimeLimit(120.0, 0.25),
    # The largest model on a slow CPU takes about 5 seconds for one of audio, loading it minutes.
    Stage.TRANSCRIBE: TimeLimit(600.0, 20.0),
    Stage.ASSEMBLE: TimeLimit(120.0, 0.1),
    Stage.WRITE: TimeLimit(300.0, 0.5),
}


@dataclass(frozen=True)
class RetryPolicy:
    """How often and when a task is tried again.

    Attributes:
        attempts: tries in all that may end with an error which passes.
        losses: workers in all that may vanish in the middle of it.
        delays: how often it may wait because storage was away.
        first_pause_s: bound of the first pause; it doubles each time.
        longest_pause_s: no pause is longer.
        limits: how long each step may take.
    """

    attempts: int = 5
    losses: int = 6
    delays: int = 1_500  # a day, at the longest pause
    first_pause_s: float = 2.0
    longest_pause_s: float = 60.0
    limits: Mapping[Stage, TimeLimit] = field(default_factory=lambda: dict(_LIMITS))

    def limit_s(self, stage: Stage, audio_s: float) -> float:
        """Return how many seconds a step may take for so much audio."""
        return self.limits[stage].for_audio(audio_s)


@dataclass(frozen=True)
class Tries:
    """What a task has been through."""

    attempts: int = 0
    losses: int = 0
    delays: int = 0

    @property
    def is_suspect(self) -> bool:
        """Whether the task may be what ends its workers."""
        return self.losses >= SUSPECT_LOSSES


@dataclass(frozen=True)
class Again:
    """Try it again.

    Attributes:
        tries: with this failure counted.
        delay_s: not before so many seconds from now.
    """

    tries: Tries
    delay_s: float


@dataclass(frozen=True)
class GiveUp:
    """Try it no more.

    Attributes:
        tries: with this failure counted.
    """

    tries: Tries


Verdict = Again | GiveUp


def judge(error: DiaristError, tries: Tries, policy: RetryPolicy, uniform: Uniform) -> Verdict:
    """Decide what follows an error.

    What the caller or the operator must change fails at once. Everything else is tried again
    after a pause that grows exponentially, is drawn at random below its bound ("full jitter", so
    that a thousand tasks that failed together do not return together), and is not shorter than
    what a service asked for.

    Args:
        error: that the task ended with.
        tries: before it.
        policy: the bounds.
        uniform: dice.
    """
    if isinstance(error, StorageUnavailableError | StorageFullError):
        delayed = Tries(tries.attempts, tries.losses, tries.delays + 1)
        if delayed.delays >= policy.delays:
            return GiveUp(delayed)
        return Again(delayed, _pause_s(delayed.delays, policy, uniform))
    failed = Tries(tries.attempts + 1, tries.losses, tries.delays)
    if isinstance(error, InputError | SetupError) or failed.attempts >= policy.attempts:
        return GiveUp(failed)
    pause_s = _pause_s(failed.attempts, policy, uniform)
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        pause_s += error.retry_after_s
    pause_s = min(pause_s, LONGEST_PAUSE_S)
    return Again(failed, pause_s)


def judge_loss(tries: Tries, policy: RetryPolicy) -> Verdict:
    """Decide what follows when a worker vanished: at once again, for the wait was the lease."""
    lost = Tries(tries.attempts, tries.losses + 1, tries.delays)
    return GiveUp(lost) if lost.losses >= policy.losses else Again(lost, 0.0)


def _pause_s(nth: int, policy: RetryPolicy, uniform: Uniform) -> float:
    bound_s = policy.first_pause_s * 2.0 ** min(nth - 1, 30)
    return uniform(0.0, min(bound_s, policy.longest_pause_s))
