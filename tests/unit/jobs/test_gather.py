"""Calls that share a round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from diarist.jobs.engine.gather import Gathered


class Doubler:
    """Doubles numbers, as many at once as it is given; a gate says when."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.entered, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.rounds.append(list(numbers))
        self.entered.set()
        await self.gate.wait()
        if 13 in numbers:
            raise ArithmeticError("thirteen")
        return [ValueError("negative") if number < 0 else 2 * number for number in numbers]


def test_a_lonely_call_is_answered_alone() -> None:
    async def called() -> tuple[int, list[list[int]]]:
        doubler = Doubler()
        return await Gathered(doubler, 10)(4), doubler.rounds

    assert asyncio.run(called()) == (8, [[4]])


def test_calls_that_come_meanwhile_share_the_next_round() -> None:
    async def called() -> tuple[list[int], list[list[int]]]:
        doubler = Doubler()
        doubler.gate.clear()
        gathered = Gathered(doubler, 3)
        calls = [asyncio.create_task(gathered(1))]
        await doubler.entered.wait()
        calls += [asyncio.create_task(gathered(number)) for number in range(2, 7)]
        await asyncio.sleep(0)
        doubler.gate.set()
        return await asyncio.gather(*calls), doubler.rounds

    assert asyncio.run(called()) == ([2, 4, 6, 8, 10, 12], [[1], [2, 3, 4], [5, 6]])


def test_an_error_reaches_the_one_who_caused_it() -> None:
    async def called() -> tuple[int | BaseException, int | BaseException]:
        gathered = Gathered(Doubler(), 10)
        return await asyncio.gather(gathered(1), gathered(-1), return_exceptions=True)

    one, other = asyncio.run(called())

    assert one == 2
    assert isinstance(other, ValueError)


def test_a_round_that_fails_fails_for_all_of_it_and_the_next_goes_on() -> None:
    async def called() -> list[int | BaseException]:
        gathered = Gathered(Doubler(), 2)
        calls = (gathered(number) for number in (1, 13, 3))
        return await asyncio.gather(*calls, return_exceptions=True)

    first, second, third = asyncio.run(called())

    assert isinstance(first, ArithmeticError)
    assert isinstance(second, ArithmeticError)
    assert third == 6


def test_a_caller_that_goes_away_takes_nothing_from_the_others() -> None:
    async def called() -> int:
        doubler = Doubler()
        doubler.gate.clear()
        gathered = Gathered(doubler, 10)
        gone = asyncio.create_task(gathered(1))
        stays = asyncio.create_task(gathered(2))
        await doubler.entered.wait()
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        doubler.gate.set()
        return await stays

    assert asyncio.run(called()) == 4
