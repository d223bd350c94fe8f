"""The whole of `diarist run`, from what was asked for to the exit code."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from diarist.bootstrap.engines import (
    BuiltEngine,
    EngineRequest,
    build_engine,
    decode_options,
)
from diarist.cli.arguments import vocabulary_of
from diarist.cli.batch.keeping import InLibrary, Keeper, KeepsNothing
from diarist.cli.batch.outcome import Outcome, Prepared, Row, row_of
from diarist.cli.batch.report import (
    JsonLines,
    OnTerminal,
    Results,
    TabSeparated,
    Watch,
)
from diarist.cli.batch.survey import survey
from diarist.cli.batch.work import Work, work_through
from diarist.cli.failures import exit_code_of_all
from diarist.cli.inputs import collect, scratch_folder
from diarist.cli.outputs import ENTRY_FORMATS, OutputPlan
from diarist.cli.text import note
from diarist.diary.local.writer import write_entry
from diarist.privacy.names import NameFinder, load_names
from diarist.settings import Device, Settings, load_settings
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.languages import code_of
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Segment, Transcript

if TYPE_CHECKING:
    from diarist.jobs.options import JobOptions


@dataclass(frozen=True)
class Request:
    """What the user asked for; empty values leave the choice to the settings.

    Attributes:
        names: files, folders, `-`.
        out: folder for results; None to write none.
    """

    names: tuple[str, ...]
    out: Path | None
    formats: tuple[str, ...]
    model: str = ""
    language: str = ""
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    on: dt.date | None = None
    as_json: bool = False
    may_overwrite: bool = False
    skip_existing: bool = False
    show: bool = False
    device: Device | None = None
    beam_size: int | None = None
    keep: bool = True

    @property
    def wants_entry(self) -> bool:
        """A transcript alone is enough for formats that show nothing else."""
        return self.out is None or bool(ENTRY_FORMATS.intersection(self.formats))


def run_batch(request: Request) -> int:
    """Do what was asked for.

    Returns:
        The exit code of the command.

    Raises:
        DiaristError: if nothing at all can be done.
    """
    settings = load_settings().overridden(request.device, request.beam_size)
    options = _options(request, settings)
    formats = request.formats if request.out is not None else ()
    plan = OutputPlan(request.out or Path(), formats, request.may_overwrite)
    started_s = time.monotonic()
    with scratch_folder() as scratch:
        found = collect(request.names, scratch)
        surveyed = list(survey(found, plan, skip_existing=request.skip_existing))
        ready = [one for one in surveyed if isinstance(one, Prepared)]
        results = _results(request, len(surveyed))
        report = _Report(results, _watch(ready))
        for one in surveyed:
            if isinstance(one, Outcome):
                report.add(one)
        if ready:
            _transcribe_all(ready, request, settings, options, report)
        results.finish(report.rows, time.monotonic() - started_s)
        report.keeper.finish()
    return exit_code_of_all(row.error for row in report.rows if row.error)


class _Report:
    """Passes each outcome on, and keeps no more of it than a row."""

    def __init__(self, results: Results, watch: Watch) -> None:
        self.watch = watch
        self.keeper: Keeper = KeepsNothing()
        self.rows: list[Row] = []
        self._results = results

    def add(self, outcome: Outcome) -> None:
        self.watch.settled(outcome)
        self._results.add(outcome)
        self.keeper.keep(outcome)
        self.rows.append(row_of(outcome))


def _options(request: Request, settings: Settings) -> RecordingOptions:
    wanted = settings.transcription
    transcribe = TranscribeOptions(
        language=code_of(request.language) if request.language else None,
        translate=request.translate,
        vocabulary=(*wanted.vocabulary, *vocabulary_of(request.vocabulary)),
        beam_size=wanted.beam_size,
    )
    return RecordingOptions(decode=decode_options(settings), transcribe=transcribe)


def _results(request: Request, count: int) -> Results:
    if request.as_json:
        return JsonLines()
    is_terminal = sys.stdout.isatty()
    if is_terminal or request.show:
        return OnTerminal(show_each=request.show or count == 1, table=is_terminal)
    return TabSeparated()


def _watch(ready: Sequence[Prepared]) -> Watch:
    lengths = [one.info.duration_s for one in ready]
    total_s = None if None in lengths else sum(length or 0.0 for length in lengths)
    return Watch(total_s=total_s, count=len(ready), visible=bool(ready) and sys.stderr.isatty())


def _transcribe_all(
    ready: Sequence[Prepared],
    request: Request,
    settings: Settings,
    options: RecordingOptions,
    report: _Report,
) -> None:
    names = _writer_made_ready() if request.wants_entry else lambda: None
    built = build_engine(settings, _engine_request(ready, request, options))
    _tell_of_choice(built)
    if request.keep:
        report.keeper = InLibrary(settings, lambda: _job_options(request, settings), request.on)
    with closing(built.engine), report.watch as watch:
        work = Work(
            engine=built.engine,
            options=options,
            names=names,
            on=request.on,
            wants_entry=request.wants_entry,
            may_overwrite=request.may_overwrite,
        )
        for outcome in work_through(ready, work, watch.progress):
            report.add(outcome)


def _job_options(request: Request, settings: Settings) -> JobOptions:
    """Return what a job is to be asked for, to do the same."""
    from diarist.cli.library.wishing import Wishes, options_of  # noqa: PLC0415 - in the background

    wishes = Wishes(
        request.model,
        request.language,
        request.translate,
        request.vocabulary,
        wants_entry=request.wants_entry,
    )
    return replace(options_of(wishes, settings), beam_size=request.beam_size)


def _engine_request(
    ready: Sequence[Prepared], request: Request, options: RecordingOptions
) -> EngineRequest:
    return EngineRequest(
        model=request.model,
        language=options.transcribe.language,
        expected_s=ready[0].info.duration_s if len(ready) == 1 else None,
    )


def _tell_of_choice(built: BuiltEngine) -> None:
    if built.replaces is not None:
        note(f"using the model {built.engine.model} instead of {built.replaces}: {built.reason}")
    elif sys.stderr.isatty():
        note(f"using the model {built.engine.model}: {built.reason}")


def _writer_made_ready() -> Callable[[], NameFinder | None]:
    """Load the writer's libraries while the first recording is transcribed.

    They take about two seconds, which a short memo would otherwise wait for.
    """

    def load() -> NameFinder | None:
        names = load_names()
        write_entry(_SENTENCE, dt.date(2026, 1, 1), names)
        return names

    pool = ThreadPoolExecutor(1, "writer")
    future = pool.submit(load)
    pool.shutdown(wait=False)
    return future.result


_SENTENCE = Transcript("en", 2.0, (Segment(0, 0.0, 2.0, "Tomorrow I will call Anna in Paris."),))
