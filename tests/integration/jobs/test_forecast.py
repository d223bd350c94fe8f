"""A job knows its place, its progress, and when it will be done; or that nobody knows."""

from __future__ import annotations

import pytest

from diarist.jobs.reading.forecast import Forecast, forecast_of
from diarist.jobs.states import JobState, Priority, Stage
from integration.jobs.test_pipeline import too_slow
from support.line import Line, OnLine, heard, prepared


async def forecast(line: Line, job_id: object) -> Forecast:
    async with line.database.reading() as connection:
        return await forecast_of(line.database, connection, job_id)  # type: ignore[arg-type]


def test_a_queued_job_knows_how_many_are_before_it(on_line: OnLine) -> None:
    async def work(line: Line) -> list[Forecast]:
        ids = [await line.submit() for _ in range(3)]
        ids.append(await line.submit(priority=Priority.HIGH))
        return [await forecast(line, job_id) for job_id in ids]

    places = [one.place for one in on_line(work)]

    assert places == [1, 2, 3, 0]


def test_a_job_at_work_has_nobody_before_it(on_line: OnLine) -> None:
    async def work(line: Line) -> Forecast:
        first = await line.submit()
        await line.submit()
        await line.one(Stage.PREPARE)
        return await forecast(line, first)

    assert on_line(work).place == 0


def test_a_job_that_has_ended_has_no_place(on_line: OnLine) -> None:
    async def work(line: Line) -> Forecast:
        job_id = await line.submit()
        await line.finish(1)
        return await forecast(line, job_id)

    assert on_line(work) == Forecast(place=None)


def test_nobody_knows_how_long_it_takes_before_anything_was_done(on_line: OnLine) -> None:
    async def work(line: Line) -> Forecast:
        return await forecast(line, await line.submit())

    assert on_line(work).eta_s is None


def test_an_estimate_follows_from_what_was_heard_lately(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Forecast, Forecast, Forecast]:
        first = await line.submit()
        second = await line.submit()
        await line.prepare(4)
        await line.prepare(4)
        order = await line.one(Stage.TRANSCRIBE)
        line.pass_time(20.0)  # for ten seconds of audio
        await line.commit(order, heard())
        early = await forecast(line, first), await forecast(line, second)
        line.pass_time(700.0)
        return *early, await forecast(line, first)

    first, second, later = on_line(work)

    assert first.eta_s == pytest.approx(30.0 / 0.5, rel=0.05)
    assert second.eta_s == pytest.approx((30.0 + 40.0) / 0.5, rel=0.15)
    assert later.eta_s is None


def test_progress_grows_with_what_was_heard(on_line: OnLine) -> None:
    async def work(line: Line) -> list[float]:
        job_id = await line.submit()
        seen = [(await line.job(job_id)).progress]
        await line.prepare(2)
        for step in (line.transcribe, line.transcribe, line.assemble, line.write):
            await step()
            seen.append((await line.job(job_id)).progress)
        return seen

    seen = on_line(work)

    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert 0.4 < seen[1] < 0.5
    assert seen[-1] == 1.0


def test_a_pause_keeps_a_job_open_without_a_place_before_others(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobState, Forecast]:
        job_id = await line.submit()
        await line.commit(await line.one(Stage.PREPARE), too_slow())
        return (await line.job(job_id)).state, await forecast(line, job_id)

    state, ahead = on_line(work)

    assert state == JobState.PREPARING
    assert ahead.place == 0


def test_an_empty_recording_has_no_length_to_divide_by(on_line: OnLine) -> None:
    async def work(line: Line) -> float:
        job_id = await line.submit()
        await line.commit(await line.one(Stage.PREPARE), prepared(0))
        return (await line.job(job_id)).progress

    assert 0.0 <= on_line(work) < 1.0
