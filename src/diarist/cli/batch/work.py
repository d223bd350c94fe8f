"""Recordings in, outcomes out: several at a time, and none stops the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from diarist.cli.batch.outcome import Outcome, Prepared
from diarist.cli.batch.rendering import entry_files, transcript_files
from diarist.cli.failures import unexpected_error
from diarist.cli.outputs import ENTRY_FORMATS, check, write_whole
from diarist.diary.local.writer import write_entry
from diarist.errors import DiaristError, NoSpeechError, OutputNotWrittenError
from diarist.privacy.names import NameFinder
from diarist.transcription.engine import Engine
from diarist.transcription.options import RecordingOptions
from diarist.transcription.recording import Progress, transcribe

OnProgress = Callable[[Prepared, Progress], None]


@dataclass(frozen=True)
class Work:
    """What is done with each recording.

    Attributes:
        engine: transcribes.
        options: how.
        names: gives the finder of names once it is loaded, or None.
        on: the day of every entry; None to take that of the recording.
        wants_entry: an entry is written, not only a transcript.
        may_overwrite: files that exist are replaced.
    """

    engine: Engine
    options: RecordingOptions
    names: Callable[[], NameFinder | None]
    on: date | None
    wants_entry: bool
    may_overwrite: bool


def work_through(
    recordings: Sequence[Prepared], work: Work, on_progress: OnProgress
) -> Iterator[Outcome]:
    """Transcribe and write recordings, as many at once as the engine can use.

    Args:
        recordings: what is to be done.
        work: how.
        on_progress: called from several threads.

    Yields:
        An outcome for each recording, in the order in which they are done.
    """
    at_once = max(1, min(work.engine.parallel_chunks, len(recordings)))
    chunks_each = -(-work.engine.parallel_chunks // at_once)
    waiting = iter(recordings)
    pool = ThreadPoolExecutor(at_once, "recording")

    def submit(recording: Prepared) -> Future[Outcome]:
        return pool.submit(_outcome_of, recording, work, on_progress, chunks_each)

    try:
        under_way = {submit(recording) for recording in islice(waiting, at_once)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            under_way |= {submit(recording) for recording in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        # Without waiting: an interrupted command must not go on until its chunks are done.
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome_of(
    recording: Prepared, work: Work, on_progress: OnProgress, parallel_chunks: int
) -> Outcome:
    started_s = time.monotonic()
    try:
        outcome = _done(recording, work, on_progress, parallel_chunks)
    except DiaristError as error:
        outcome = Outcome(recording.name, "failed", recorded_at=recording.recorded_at, error=error)
    except ImportError:
        raise  # an extra is missing: no recording will fare better
    except Exception as error:  # noqa: BLE001 - a defect in one must not stop the others
        unexpected = unexpected_error(recording.name, error)
        outcome = Outcome(recording.name, "failed", error=unexpected)
    took_s = time.monotonic() - started_s
    return replace(outcome, took_s=took_s, source=recording.source)


def _done(
    recording: Prepared, work: Work, on_progress: OnProgress, parallel_chunks: int
) -> Outcome:
    check(recording.paths, may_overwrite=work.may_overwrite)
    with recording.source.opened() as stream:
        transcript = transcribe(
            stream,
            recording.source.name,
            work.engine,
            work.options,
            on_progress=lambda progress: on_progress(recording, progress),
            parallel_chunks=parallel_chunks,
        )
    outcome = Outcome(
        recording.name, "done", recorded_at=recording.recorded_at, transcript=transcript
    )
    try:
        _write(transcript_files(recording.paths, transcript), recording.paths)
    except OutputNotWrittenError as error:  # hours of work may be in it: the library keeps it
        return replace(outcome, status="failed", error=error)
    if not work.wants_entry:
        return replace(outcome, outputs=recording.paths)
    on = work.on or recording.recorded_at.date()
    try:
        entry = write_entry(transcript, on, work.names())
    except NoSpeechError as error:
        kept = {f: path for f, path in recording.paths.items() if f not in ENTRY_FORMATS}
        return replace(outcome, status="failed", error=error, outputs=kept)
    about = (recording.source, recording.recorded_at)
    outcome = replace(outcome, entry=entry)
    try:
        _write(entry_files(recording.paths, entry, transcript, *about), recording.paths)
    except OutputNotWrittenError as error:
        return replace(outcome, status="failed", error=error)
    return replace(outcome, outputs=recording.paths)


def _write(files: Mapping[str, str], paths: Mapping[str, Path]) -> None:
    for fmt, text in files.items():
        write_whole(paths[fmt], text)
