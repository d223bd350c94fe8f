"""One look after another at a watched folder: what is new is handed in, what is done is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from diarist.cli.batch.outcome import name_of
from diarist.cli.folder.results import write_results
from diarist.cli.folder.settling import Candidate, Settling, candidate_of
from diarist.cli.inputs import NotFound, Source, search, shown
from diarist.cli.jobs.outcomes import outcome_of
from diarist.cli.jobs.tables import tab_separated
from diarist.cli.library.handing_in import Wish, hand_in
from diarist.cli.library.session import Session
from diarist.cli.library.stopping import Stopping
from diarist.cli.text import print_error
from diarist.errors import DiaristError, InputError, UnreadableFileError, UpstreamError
from diarist.jobs.reading.views import job_of
from diarist.jobs.states import ENDED
from diarist.jobs.watching import (
    SeenFile,
    Unwritten,
    mark_written,
    remember,
    seen_files,
    unwritten,
)


@dataclass(frozen=True)
class Folder:
    """What is watched, and where results go.

    Attributes:
        root: where recordings arrive.
        out: where results are written.
        formats: of the results.
    """

    root: Path
    out: Path
    formats: Sequence[str]


@dataclass
class Tending:
    """Looks after a folder, and remembers in the database what it did.

    Attributes:
        errors: what went wrong since it began.
    """

    here: Session
    folder: Folder
    wish: Wish
    settling: Settling
    errors: list[DiaristError] = field(default_factory=list)
    _seen: set[SeenFile] = field(default_factory=set)
    _sources: dict[str, Source] = field(default_factory=dict)
    _told: set[Hashable] = field(default_factory=set)
    _done: dict[UUID, int] = field(default_factory=dict)
    _began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @staticmethod
    async def begun(here: Session, folder: Folder, wish: Wish, settling: Settling) -> Tending:
        """Return somebody who knows what was seen before."""
        return Tending(here, folder, wish, settling, _seen=await seen_files(*here.whose))

    async def round(self, stopping: Stopping) -> bool:
        """Look once, and say whether nothing is left to wait for.

        Args:
            stopping: ends the look between two files.
        """
        found = await asyncio.to_thread(self._found)
        self._sources = {one.as_seen.path: one.source for one in found}
        fresh = [one for one in found if one.as_seen not in self._seen]
        settled = await asyncio.to_thread(lambda: list(self.settling.settled(fresh)))
        waits = len(settled) < len(fresh)
        for candidate in settled:
            if stopping.asked.is_set():
                return False
            waits |= await self._must_wait_to(self._take(candidate), candidate, candidate.source)
        for job in await unwritten(*self.here.whose):
            if any(self._is_inside(path) for path in job.paths):
                waits |= job.state not in ENDED
                waits |= await self._must_wait_to(
                    self._finish(job), job.job_id, self._source_of(job)
                )
        return not waits

    async def _must_wait_to(self, work: Awaitable[None], key: Hashable, source: Source) -> bool:
        """Do something, tell once what kept it from being done, and say if that may pass."""
        try:
            await work
        except DiaristError as error:
            self._tell(error, name_of(source), once=(key, error.code))
            return isinstance(error, UpstreamError)
        return False

    def _found(self) -> list[Candidate]:
        found: list[Candidate] = []
        for one in search(self.folder.root):
            if isinstance(one, NotFound):
                self._tell(one.error, one.name, once=one.name)
            elif (candidate := candidate_of(one)) is not None:
                found.append(candidate)
        return found

    async def _take(self, candidate: Candidate) -> None:
        """Hand a file in, and remember that; what cannot be used is remembered as well."""
        job_id: UUID | None = None
        try:
            job_id = (await hand_in(self.here, candidate.source, self.wish)).submitted.job_id
        except UnreadableFileError:
            raise  # it may become readable without any change of what is in it
        except InputError as error:
            self._tell(error, name_of(candidate.source), once=candidate)
        await remember(*self.here.whose, candidate.as_seen, job_id)
        self._seen.add(candidate.as_seen)

    async def _finish(self, job: Unwritten) -> None:
        """Write what a job has made, if it has ended and that is news."""
        if job.state not in ENDED or self._done.get(job.job_id) == job.seq:
            return
        view = await job_of(*self.here.whose, job.job_id)
        source = self._source_of(job)
        outcome = await outcome_of(self.here, view, name_of(source))
        outputs = await asyncio.to_thread(
            write_results, outcome, source, self.folder.out, self.folder.formats
        )
        if outcome.error is None:
            await mark_written(*self.here.whose, [job.job_id])
        self._done[job.job_id] = job.seq
        is_news = view.finished_at is not None and view.finished_at >= self._began
        if outcome.error is not None and is_news:
            self._tell(outcome.error, outcome.name, once=(job.job_id, job.seq))
        if outcome.error is None or is_news:
            results = [shown(path) for path in outputs.values()]
            print(tab_separated((outcome.status, outcome.name, *results)), flush=True)

    def _source_of(self, job: Unwritten) -> Source:
        """Return a file that has the bytes of a job: one that is still there, if there is one."""
        inside = [path for path in job.paths if self._is_inside(path)]
        here = next((path for path in inside if path in self._sources), None)
        if here is not None:
            return self._sources[here]
        gone = Path(inside[0])
        return Source(gone, gone.parent.relative_to(self.folder.root))

    def _is_inside(self, path: str) -> bool:
        return Path(path).is_relative_to(self.folder.root)

    def _tell(self, error: DiaristError, about: str, once: Hashable) -> None:
        """Report an error, unless the same was reported before."""
        if once not in self._told:
            self._told.add(once)
            self.errors.append(error)
            print_error(error, about=about)
