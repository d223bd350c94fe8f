"""What follows an error: nothing, or another try, and when."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarist.errors import (
    DiaristError,
    ModelMissingError,
    NotAudioError,
    RateLimitedError,
    StorageFullError,
    StorageUnavailableError,
    TooSlowError,
    UnexpectedError,
    WorkerDiedError,
)
from diarist.jobs.policy import Again, GiveUp, RetryPolicy, TimeLimit, Tries, judge, judge_loss
from diarist.jobs.states import Stage

POLICY = RetryPolicy(attempts=3, losses=2, delays=4, first_pause_s=2.0, longest_pause_s=10.0)


def highest(low: float, high: float) -> float:  # noqa: ARG001 - dice
    return high


def lowest(low: float, high: float) -> float:  # noqa: ARG001 - dice
    return low


def error(kind: type[DiaristError]) -> DiaristError:
    return kind("it broke", hint="mend it")


@pytest.mark.parametrize("kind", [NotAudioError, ModelMissingError])
def test_what_a_person_must_change_fails_at_once(kind: type[DiaristError]) -> None:
    assert judge(error(kind), Tries(), POLICY, highest) == GiveUp(Tries(attempts=1))


@pytest.mark.parametrize("kind", [WorkerDiedError, TooSlowError, UnexpectedError])
def test_what_may_pass_is_tried_again_with_growing_pauses(kind: type[DiaristError]) -> None:
    verdicts = [judge(error(kind), Tries(attempts=n), POLICY, highest) for n in range(3)]

    assert verdicts == [
        Again(Tries(attempts=1), 2.0),
        Again(Tries(attempts=2), 4.0),
        GiveUp(Tries(attempts=3)),
    ]


@pytest.mark.parametrize("kind", [StorageUnavailableError, StorageFullError])
def test_storage_that_is_away_costs_no_attempt(kind: type[DiaristError]) -> None:
    verdict = judge(error(kind), Tries(attempts=2, delays=1), POLICY, highest)

    assert verdict == Again(Tries(attempts=2, delays=2), 4.0)


def test_storage_that_stays_away_fails_the_task_in_the_end() -> None:
    verdict = judge(error(StorageFullError), Tries(delays=3), POLICY, highest)

    assert verdict == GiveUp(Tries(delays=4))


def test_a_service_that_says_when_is_not_asked_before() -> None:
    limited = RateLimitedError("slow down", hint="wait", retry_after_s=100.0)

    verdict = judge(limited, Tries(), POLICY, lowest)

    assert verdict == Again(Tries(attempts=1), 100.0)


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.randoms())
def test_a_pause_is_drawn_from_below_its_bound(
    attempts: int, delays: int, dice: random.Random
) -> None:
    generous = RetryPolicy(attempts=10_000, delays=10_000)

    for kind, nth in ((TooSlowError, attempts), (StorageFullError, delays)):
        verdict = judge(error(kind), Tries(attempts, 0, delays), generous, dice.uniform)

        assert isinstance(verdict, Again)
        bound_s = min(60.0, 2.0 * 2.0 ** min(nth, 30))
        assert 0.0 <= verdict.delay_s <= bound_s


def test_a_vanished_worker_counts_apart_from_errors() -> None:
    assert judge_loss(Tries(attempts=2), POLICY) == Again(Tries(attempts=2, losses=1), 0.0)
    assert judge_loss(Tries(losses=1), POLICY) == GiveUp(Tries(losses=2))


def test_limits_grow_with_the_length_of_the_audio() -> None:
    policy = RetryPolicy(limits=dict.fromkeys(Stage, TimeLimit(10.0, 2.0)))

    assert policy.limit_s(Stage.TRANSCRIBE, 0.0) == 10.0
    assert policy.limit_s(Stage.TRANSCRIBE, 3_600.0) == 7_210.0


def test_every_stage_has_a_limit_that_grows() -> None:
    for stage in Stage:
        assert 0 < RetryPolicy().limit_s(stage, 0.0) < RetryPolicy().limit_s(stage, 3_600.0)
