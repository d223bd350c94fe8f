"""Which state may follow which."""

from __future__ import annotations

from itertools import product

from diarist.jobs.states import ENDED, NEXT, OPEN, JobState, TaskState, may_follow


def test_every_state_says_what_may_follow_it() -> None:
    assert set(NEXT) == set(JobState)


def test_a_job_may_stay_as_it_is() -> None:
    assert all(may_follow(state, state) for state in JobState)


def test_every_state_can_be_reached_and_every_open_job_can_end() -> None:
    reached = {JobState.QUEUED}
    for _ in JobState:
        reached |= {after for state in reached for after in NEXT[state]}

    assert reached == set(JobState)
    for state in set(JobState) - ENDED:
        assert NEXT[state] & ENDED, state
        assert JobState.CANCELLED in NEXT[state]


def test_a_job_that_has_ended_only_begins_again() -> None:
    for before, after in product(ENDED, JobState):
        if before != after and may_follow(before, after):
            assert after not in ENDED


def test_a_transcript_is_never_lost_to_a_failure_of_writing() -> None:
    assert not may_follow(JobState.WRITING, JobState.FAILED)
    assert may_follow(JobState.WRITING, JobState.PARTIAL)


def test_a_task_is_open_or_it_is_settled() -> None:
    assert set(TaskState) - OPEN == {TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED}
