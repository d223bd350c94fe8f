"""No sequence of deliveries, crashes, pauses and wishes breaks what jobs promise.

Hypothesis plays the workers, the owners and the clock against the real engine. After each
move the promises are checked, under the names that `docs/jobs.md` gives them; at the end
everything that can be done is done, and each job must have ended.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, rmtree
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, Table, select

from diarist.errors import (
    ConflictError,
    LeaseLostError,
    NoSpeechError,
    NotFoundError,
    StorageUnavailableError,
    TooSlowError,
)
from diarist.jobs.claims import Order
from diarist.jobs.commands import cancel, delete_recording, retry
from diarist.jobs.engine.claiming import keep
from diarist.jobs.engine.outcomes import (
    Assembled,
    Failed,
    HandedBack,
    LanguageAgreed,
    NextTrack,
    Outcome,
)
from diarist.jobs.engine.removal import remove_due
from diarist.jobs.engine.results import PackedTranscript
from diarist.jobs.options import JobOptions
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.states import ENDED, OPEN, JobState, Stage, TaskState, may_follow
from diarist.jobs.submitting import owner_named
from diarist.storage.blobs import BlobOptions, BlobStore
from diarist.storage.tables import chunks, entries, job_events, jobs, tasks, transcripts
from integration.jobs.test_pipeline import highest
from support.databases import opened
from support.line import CHUNK_S, LEASE_S, TRANSCRIPT, Line, heard, prepared
from support.servers import PostgresServer

T = TypeVar("T")
OWNERS = ("anna", "ben")
WORKERS = ("w1", "w2", "w3")
POLICY = RetryPolicy(attempts=3, losses=3, delays=4, first_pause_s=4.0, longest_pause_s=20.0)
ERRORS = {
    "passing": TooSlowError("slow", hint="wait"),
    "for good": NoSpeechError("silent", hint="speak"),
    "storage": StorageUnavailableError("away", hint="wait"),
}
_TABLES = (jobs, tasks, chunks, transcripts, entries, job_events)
stages = st.sampled_from(list(Stage))
positions = st.integers(0, 20)
turns = st.sampled_from([0, 1, 2, 2, 2])  # another track, another language, nothing special


@dataclass
class Held:
    """A claim, and how far a worker is with it."""

    order: Order
    chunks: int = 0


class Engine(RuleBasedStateMachine):
    """Workers, owners and a clock."""

    fresh_url: Callable[[Path], str]  # of a migrated database, for a folder of its own

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="diarist-jobs-"))
        self.held: list[Held] = []
        self.zombies: list[Held] = []
        self.committed: Counter[tuple[UUID, str]] = Counter()
        self.jobs: list[UUID] = []

    def do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return self.loop.run_until_complete(done())

    @initialize()
    def open(self) -> None:
        self._opened = opened(type(self).fresh_url(self.folder))
        database = self.do(self._opened.__aenter__())
        blobs = BlobStore(BlobOptions(str(self.folder / "blobs")))
        self.line = Line(database, blobs, POLICY)

    def teardown(self) -> None:
        try:
            if hasattr(self, "line"):
                self._finish_everything()
        finally:
            if hasattr(self, "line"):
                self.do(self.line.blobs.close())
                self.do(self._opened.__aexit__(None, None, None))
            self.loop.close()
            rmtree(self.folder)

    # What owners do

    @rule(owner=st.sampled_from(OWNERS), same=st.booleans(), wants_entry=st.booleans())
    def submit(self, owner: str, same: bool, wants_entry: bool) -> None:
        content = b"always the same" if same else None
        options = JobOptions(wants_entry=wants_entry)
        job_id = self.do(self.line.submit(owner, content, options))
        if job_id not in self.jobs:
            self.jobs.append(job_id)

    @precondition(lambda self: self.jobs)
    @rule(at=positions)
    def cancel(self, at: int) -> None:
        self._try(lambda job, owner: cancel(self.line.database, owner, job), at)

    @precondition(lambda self: self.jobs)
    @rule(at=positions, stage=st.none() | stages)
    def retry(self, at: int, stage: Stage | None) -> None:
        self._try(
            lambda job, owner: retry(self.line.database, self.line.hints, owner, job, stage), at
        )

    @precondition(lambda self: len(self.jobs) > 2)
    @rule(at=positions)
    def delete(self, at: int) -> None:
        async def delete(job_id: UUID, owner_id: UUID) -> None:
            async with self.line.database.reading() as connection:
                found = select(jobs.c.recording_id).where(jobs.c.id == job_id)
                recording_id = (await connection.execute(found)).scalar_one_or_none()
            if recording_id is not None:
                await delete_recording(self.line.database, owner_id, recording_id)

        self._try(delete, at)

    def _try(self, wish: object, at: int) -> None:
        job_id = self.jobs[at % len(self.jobs)]
        for owner in OWNERS:
            owner_id = self.do(owner_named(self.line.database, owner))
            try:
                self.do(wish(job_id, owner_id))  # type: ignore[operator]
            except (ConflictError, NotFoundError):
                continue

    # What workers do

    @rule(at=positions, worker=st.sampled_from(WORKERS), at_most=st.integers(1, 4))
    def claim(self, at: int, worker: str, at_most: int) -> None:
        self._claim(at, worker, at_most)

    @rule(at=positions, turns=st.lists(turns, min_size=1, max_size=6))
    def advance(self, at: int, turns: list[int]) -> None:
        for turn in turns:
            for held in self._claim(at, "w1", 1):
                self.held.remove(held)
                if held.order.stage is Stage.PREPARE:
                    self._add(held, replaces=False)
                    self._add(held, replaces=False)
                self._commit(held, self._success(held, turn))

    def _claim(self, at: int, worker: str, at_most: int) -> list[Held]:
        """Claim tasks of a stage that has some."""
        ready = [stage for stage in Stage if stage in self._ready()]
        if not ready:
            return []
        orders = self.do(self.line.claim(ready[at % len(ready)], worker, at_most))
        held = [Held(order) for order in orders]
        self.held += held
        return held

    def _ready(self) -> set[str]:
        return {row.stage for row in self._now(tasks) if row.state == TaskState.READY}

    @precondition(lambda self: self.held)
    @rule(at=positions, number=st.integers(0, 3))
    def add_chunk(self, at: int, number: int) -> None:
        held = self.held[at % len(self.held)]
        if held.order.stage is Stage.PREPARE:
            self._add(held, replaces=number == 3)

    @precondition(lambda self: self.held)
    @rule(at=positions, turn=turns)
    def succeed(self, at: int, turn: int) -> None:
        held = self.held.pop(at % len(self.held))
        if held.order.stage is Stage.PREPARE and not held.chunks:
            self._add(held, replaces=False)
        self._commit(held, self._success(held, turn))

    @precondition(lambda self: self.held)
    @rule(at=positions, kind=st.sampled_from(sorted(ERRORS)))
    def fail(self, at: int, kind: str) -> None:
        self._commit(self.held.pop(at % len(self.held)), Failed(ERRORS[kind], POLICY, highest))

    @precondition(lambda self: self.held)
    @rule(at=positions)
    def hand_back(self, at: int) -> None:
        self._commit(self.held.pop(at % len(self.held)), HandedBack())

    @precondition(lambda self: self.held)
    @rule(at=positions)
    def vanish(self, at: int) -> None:
        self.zombies.append(self.held.pop(at % len(self.held)))

    @precondition(lambda self: self.zombies)
    @rule(at=positions, turn=turns)
    def return_from_the_dead(self, at: int, turn: int) -> None:
        held = self.zombies.pop(at % len(self.zombies))
        self._commit(held, self._success(held, turn))

    @precondition(lambda self: self.held)
    @rule(at=positions, turn=turns)
    def deliver_twice(self, at: int, turn: int) -> None:
        held = self.held.pop(at % len(self.held))
        outcome = self._success(held, turn)
        self._commit(held, outcome)
        before = self._everything()
        self._commit(held, outcome, counts=False)
        assert self._everything() == before

    @rule(at=positions, turn=turns, comes_first=st.booleans())
    def overtake(self, at: int, turn: int, comes_first: bool) -> None:
        """A worker is silent for too long, another does its work, and both come to commit."""
        for late in self._claim(at, "w1", 1):
            self.held.remove(late)
            self.line.pass_time(31.0)
            self.do(self.line.reconcile())
            if late.order.stage not in self._ready():
                return  # it had vanished too often
            others = self._claim(
                [s for s in Stage if s in self._ready()].index(late.order.stage), "w2", 50
            )
            for other in others:
                self.held.remove(other)
                if other.order.stage is Stage.PREPARE:
                    self._add(other, replaces=False)
            workers = [late, *others] if comes_first else [*others, late]
            for held in workers:
                committed = self._commit(held, self._success(held, turn))
                assert not (held is late and committed), "it had lost its lease"

    @precondition(lambda self: self.held)
    @rule(worker=st.sampled_from(WORKERS))
    def beat(self, worker: str) -> None:
        claims = [held.order.claim for held in self.held]
        self.do(keep(self.line.database, worker, claims, LEASE_S))

    # What time does

    @rule(seconds=st.sampled_from([31.0, 200.0, -100.0]))
    def pass_time(self, seconds: float) -> None:
        self.line.pass_time(seconds)

    @rule(seconds=st.sampled_from([0.0, 5.0, 31.0, 200.0]))
    def reconcile(self, seconds: float) -> None:
        self.line.pass_time(seconds)
        self.do(self.line.reconcile())
        self.do(remove_due(self.line.database, self.line.blobs))

    # What must be true

    @invariant()
    def every_promise_holds(self) -> None:
        if not hasattr(self, "line"):
            return
        self._snapshot = self.do(self._read(_TABLES))
        self.an_ended_job_has_nothing_to_do_and_an_open_one_has()
        self.a_job_only_goes_where_it_may()
        self.what_was_heard_is_counted_once()
        self.each_result_is_there_once()
        self.a_done_job_has_what_was_wanted()
        self.a_task_is_held_by_one_or_by_none()
        self.the_audio_of_chunks_that_are_to_be_heard_is_there()

    def an_ended_job_has_nothing_to_do_and_an_open_one_has(self) -> None:
        open_tasks = Counter(
            row.job_id for row in self._rows(tasks) if TaskState(row.state) in OPEN
        )
        for job in self._rows(jobs):
            has_ended = JobState(job.state) in ENDED
            assert has_ended == (open_tasks[job.id] == 0), (job.state, open_tasks[job.id])
            assert has_ended == (job.finished_at is not None)

    def a_job_only_goes_where_it_may(self) -> None:
        before: dict[UUID, tuple[int, JobState]] = {}
        for event in sorted(self._rows(job_events), key=lambda row: (row.job_id, row.seq)):
            seq, state = before.get(event.job_id, (0, JobState.QUEUED))
            after = JobState(event.details["state"])
            assert event.seq == seq + 1
            assert may_follow(state, after), (event.kind, state, after)
            before[event.job_id] = event.seq, after
        for job in self._rows(jobs):
            assert before[job.id] == (job.event_seq, JobState(job.state))

    def what_was_heard_is_counted_once(self) -> None:
        heard_chunks = Counter(row.job_id for row in self._rows(chunks) if row.body is not None)
        for job in self._rows(jobs):
            assert job.chunks_done == heard_chunks[job.id]
            assert job.heard_s == pytest.approx(CHUNK_S * heard_chunks[job.id])

    def each_result_is_there_once(self) -> None:
        made = Counter((row.job_id, "transcript") for row in self._rows(transcripts))
        made += Counter((row.job_id, "entry") for row in self._rows(entries))
        present = {job.id for job in self._rows(jobs)}
        assert made == Counter({k: n for k, n in self.committed.items() if k[0] in present})

    def a_done_job_has_what_was_wanted(self) -> None:
        has_transcript = {row.job_id for row in self._rows(transcripts)}
        has_entry = {row.job_id for row in self._rows(entries)}
        for job in self._rows(jobs):
            if job.state in (JobState.DONE, JobState.PARTIAL):
                assert job.id in has_transcript
            if job.state == JobState.DONE and job.options.get("wants_entry", True):
                assert job.id in has_entry

    def a_task_is_held_by_one_or_by_none(self) -> None:
        for task in self._rows(tasks):
            is_running = task.state == TaskState.RUNNING
            assert is_running == (task.lease_owner is not None)
            assert is_running == (task.lease_until is not None)

    def the_audio_of_chunks_that_are_to_be_heard_is_there(self) -> None:
        to_hear = {
            (row.job_id, row.number)
            for row in self._rows(tasks)
            if row.stage == Stage.TRANSCRIBE and TaskState(row.state) in OPEN
        }
        for chunk in self._rows(chunks):
            if (chunk.job_id, chunk.number) in to_hear:
                assert self.do(self.line.blobs.exists(chunk.blob_key)), chunk.blob_key

    # How it is done

    def _success(self, held: Held, turn: int) -> Outcome:
        order = held.order
        if order.stage is Stage.PREPARE:
            return prepared(held.chunks, order.track, tracks=2)
        if order.stage is Stage.TRANSCRIBE:
            return heard(order.language or ("nl" if turn == 0 else "en"))
        if order.stage is Stage.ASSEMBLE:
            if turn == 0 and order.track == 0:
                return NextTrack(1)
            if turn == 1 and order.language is None:
                return LanguageAgreed("en", (0,))
            return Assembled(PackedTranscript.of(TRANSCRIPT))
        try:
            return self.do(self.line.written(order))
        except NotFoundError:  # it was deleted
            return Failed(ERRORS["for good"], POLICY, highest)

    def _add(self, held: Held, *, replaces: bool) -> None:
        number = max(0, held.chunks - 1) if replaces else held.chunks
        try:
            self.do(self.line.add_chunk(held.order, number, replaces=replaces))
        except LeaseLostError:
            return
        held.chunks = max(held.chunks, number + 1)

    def _commit(self, held: Held, outcome: Outcome, *, counts: bool = True) -> bool:
        """Return whether the worker still had its lease."""
        try:
            self.do(self.line.commit(held.order, outcome))
        except LeaseLostError:
            return False
        kind = {"Assembled": "transcript", "Written": "entry"}.get(type(outcome).__name__)
        if counts and kind is not None:
            self.committed[held.order.claim.job_id, kind] += 1
        return True

    def _rows(self, table: Table) -> Sequence[Row[Any]]:
        """Return the rows of a table, as they are after the latest move."""
        return self._snapshot[table.name]

    def _now(self, table: Table) -> Sequence[Row[Any]]:
        return self.do(self._read([table]))[table.name]

    async def _read(self, of: Sequence[Table]) -> dict[str, Sequence[Row[Any]]]:
        async with self.line.database.reading() as connection:
            return {one.name: (await connection.execute(select(one))).all() for one in of}

    def _everything(self) -> dict[str, Sequence[Row[Any]]]:
        return self.do(self._read(_TABLES))

    def _finish_everything(self) -> None:
        """Do all that can be done, for as long as there is something; it must come to an end."""
        for _ in range(60):
            self.line.pass_time(200.0)
            self.do(self.line.reconcile())
            for stage in Stage:
                for order in self.do(self.line.claim(stage, "last", at_most=50)):
                    held = Held(order)
                    if stage is Stage.PREPARE:
                        self._add(held, replaces=False)
                    self._commit(held, self._success(held, turn=9))
            if all(JobState(job.state) in ENDED for job in self._now(jobs)):
                break
        assert all(JobState(job.state) in ENDED for job in self._now(jobs))
        self._check_that_no_blob_is_left()

    def _check_that_no_blob_is_left(self) -> None:
        self.line.pass_time(2 * 86_400.0)
        while self.do(remove_due(self.line.database, self.line.blobs)):
            pass
        left = self._now(jobs)
        kept = {f"recordings/{job.recording_id}" for job in left}
        with_chunks = {job.id for job in left if job.has_chunk_audio}
        for key in self.do(self._blob_keys()):
            folder, name, *_ = key.split("/")
            assert key in kept if folder == "recordings" else UUID(name) in with_chunks, key

    async def _blob_keys(self) -> list[str]:
        stored = self.line.blobs.keys()
        return [key async for key, _ in stored]


def test_the_promises_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "jobs.md").read_text(encoding="utf-8")
    names = re.findall(r"        self\.(\w+)\(\)\n", inspect.getsource(Engine.every_promise_holds))

    assert len(names) >= 7
    assert [name for name in names if f"| {name.replace('_', ' ')} |" not in page] == []


def test_no_sequence_of_events_breaks_a_promise_on_sqlite(sqlite_url: str) -> None:
    template = Path(sqlite_url.removeprefix("sqlite:///"))

    play(lambda folder: f"sqlite:///{copy(template, folder / 'diarist.db')}", stories=25)


def test_no_sequence_of_events_breaks_a_promise_on_postgresql(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    template = postgres_url.rpartition("/")[2].partition("?")[0]

    # Fewer, since each needs a database of its own.
    play(lambda folder: postgres_server.create_database(folder.name, template), stories=6)


def play(fresh_url: Callable[[Path], str], stories: int) -> None:
    machine = type("OnDatabase", (Engine,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=40,
            deadline=None,
            # A shorter story is not worth the minutes that finding it takes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
