"""Valkey and PostgreSQL that are away for a while, or for good."""

from __future__ import annotations

import signal

import pytest

from diarist.jobs.queue import all_queues
from integration.workers.conftest import OnFleet
from support.fleet import Fleet
from support.servers import PostgresServer, ValkeyServer
from support.waiting import until


def test_jobs_go_on_when_all_hints_are_wiped(
    on_servers: OnFleet, valkey_server: ValkeyServer
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        jobs = [await fleet.submit() for _ in range(5)]
        fleet.start()
        await stop.reached()

        valkey_server.flush()
        stop.go_on()

        await fleet.ended(*jobs)
        assert len(fleet.director.visits("transcribe")) == 15
        await fleet.require_order(*jobs)

    on_servers(work)


def test_jobs_go_on_while_valkey_is_away(on_servers: OnFleet, valkey_server: ValkeyServer) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        before = [await fleet.submit() for _ in range(2)]
        worker = fleet.start()
        await stop.reached()

        valkey_server.kill()
        stop.go_on()
        meanwhile = await fleet.submit()
        await fleet.ended(*before, meanwhile)
        valkey_server.start()
        after = await fleet.submit()
        await fleet.ended(after)

        assert worker.is_alive
        assert len(fleet.director.visits("write")) == 4
        await fleet.require_order(*before, meanwhile, after)

    try:
        on_servers(work)
    finally:
        if not valkey_server.daemon.is_running:
            valkey_server.start()


def test_hints_are_heard_again_after_valkey_came_back(
    on_servers: OnFleet, valkey_server: ValkeyServer
) -> None:
    async def work(fleet: Fleet) -> None:
        first = await fleet.submit()
        fleet.start(reconcile_s=1000.0)  # from now on it works on hints alone
        await fleet.ended(first)
        valkey_server.restart()
        second = await fleet.submit()

        async def announced() -> bool:
            fleet.hints.send(dict.fromkeys(all_queues(), 1))
            return (await fleet.job(second)).has_ended

        await until(announced)
        await fleet.require_order(first, second)

    try:
        on_servers(work)
    finally:
        if not valkey_server.daemon.is_running:
            valkey_server.start()


def test_jobs_get_done_without_any_valkey(on_servers: OnFleet) -> None:
    nobody = "redis://127.0.0.1:1/0"

    async def work(fleet: Fleet) -> None:
        jobs = [await fleet.submit() for _ in range(3)]
        worker = fleet.start(redis_url=nobody)

        await fleet.ended(*jobs)
        worker.send(signal.SIGTERM)

        assert await worker.exit_code() == 0
        await fleet.require_order(*jobs)

    on_servers(work)


@pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill])
def test_jobs_and_workers_survive_a_restart_of_postgresql(
    on_servers: OnFleet, postgres_server: PostgresServer, end: object
) -> None:
    async def work(fleet: Fleet) -> None:
        preparing = fleet.director.stop_at("prepare", 1, name="new")
        stops = [
            fleet.director.stop_at(stage, name=name)
            for stage, name in [("transcribe", "heard"), ("assemble", "read"), ("write", "old")]
        ]
        jobs = [await fleet.submit(name) for name in ("old", "read", "heard", "new")]
        workers = [fleet.start(slots=2) for _ in range(2)]
        for stop in (preparing, *stops):
            await stop.reached()

        assert callable(end)
        end(postgres_server)
        for stop in (preparing, *stops):
            stop.go_on()
        postgres_server.start()
        await fleet.reconnect()

        await fleet.ended(*jobs)
        assert all(worker.is_alive for worker in workers)
        assert [await fleet.tries(job_id) for job_id in jobs] == [[], [], [], []]
        assert len(fleet.director.visits("transcribe")) == 12
        await fleet.require_order(*jobs)

    try:
        on_servers(work)
    finally:
        if not postgres_server.daemon.is_running:
            postgres_server.start()
