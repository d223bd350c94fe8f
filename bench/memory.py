"""Memory of a long recording: does it stay flat, and how much is it beyond the model?

A child process transcribes while this one watches its resident memory. Another one only decodes,
finds speech and cuts chunks, on a recording of ten hours. Ends with status 1 if memory grows with
the recording.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import psutil

from measure import long_job
from measure.report import Report, Table, Verdict, add_results_option, publish

_MIB = 2**20
_ALLOWED_MIB = 1024.0  # above the loaded model
_ALLOWED_GROWTH_MIB = 100.0  # from a quarter of the recording to its end
_SAMPLE_EVERY_S = 0.05
_SHORTEST_H = 0.5
_MARKS = (0.25, 0.5, 0.75, 1.0)
_WIDTH = 0.15  # of the recording: what is looked at before each mark
_LIBRARIES = ("faster-whisper", "ctranslate2", "onnxruntime", "av", "numpy")


@dataclass(frozen=True)
class Task:
    """What a child does.

    Attributes:
        hours: length of the recording.
        model: that transcribes; None to decode and cut chunks only.
        beam_size: hypotheses.
    """

    hours: float
    model: str | None = None
    beam_size: int = 1

    @property
    def title(self) -> str:
        if self.model is None:
            return f"decoding and cutting only, {self.hours:g} h"
        return f"{self.model}, beam {self.beam_size}, {self.hours:g} h"

    @property
    def length_s(self) -> float:
        return self.hours * 3600


@dataclass
class Watched:
    """What was seen of a child; memory is resident memory, in MiB.

    Attributes:
        loaded: before the recording was opened.
        seen: how much of the recording was done, 0 to 1, and the memory then.
        highest: as the kernel counted it, 0 if it does not.
        took_s: from opening the recording to the end.
    """

    loaded: float = 0.0
    seen: list[tuple[float, float]] = field(default_factory=list)
    highest: float = 0.0
    took_s: float = 0.0

    @property
    def peak(self) -> float:
        return max([self.highest, *(memory for _, memory in self.seen)])

    def at(self, mark: float) -> float:
        """Return the memory that was usual on the way to a mark."""
        return median(memory for done, memory in self.seen if mark - _WIDTH <= done < mark)

    @property
    def growth(self) -> float:
        return self.at(_MARKS[-1]) - self.at(_MARKS[0])


def _hours(text: str) -> float:
    hours = float(text)
    if 0 < hours < _SHORTEST_H:
        raise argparse.ArgumentTypeError(f"a quarter of {hours:g} h is too short to be looked at")
    return hours


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--model", default="tiny.en", help="transcribes the long recording (default: tiny.en)")
    add("--beam-size", type=int, default=1, help="for that model (default: 1, which is quick)")
    add("--hours", type=_hours, default=3.0, help="length of the long recording (default: 3)")
    add(
        "--base-hours",
        type=_hours,
        default=0.5,
        help="length for the model base with beam 5; 0 leaves it out (default: 0.5)",
    )
    add(
        "--decode-hours",
        type=_hours,
        default=10.0,
        help="length for decoding and cutting only; 0 leaves it out (default: 10)",
    )
    add(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "diarist-bench",
        help="keeps the recordings for the next time (default: in the folder for temporary files)",
    )
    add_results_option(parser, "memory")
    return parser


def main() -> int:
    """Measure and write the table."""
    options = _parser().parse_args()
    tasks = [Task(options.hours, options.model, options.beam_size)]
    if options.base_hours:
        tasks.append(Task(options.base_hours, "base", 5))
    if options.decode_hours:
        tasks.append(Task(options.decode_hours))
    options.folder.mkdir(parents=True, exist_ok=True)
    watched = {task: _watched(task, options.folder) for task in tasks}
    return publish(_report(watched), options.results)


def _watched(task: Task, folder: Path) -> Watched:
    """Run one task in a process of its own and watch it."""
    spawn = get_context("spawn")
    path = folder / f"speech-{task.hours:g}h.mp3"
    builder = spawn.Process(target=long_job.build, args=(path, task.length_s))
    builder.start()
    builder.join()
    ours, theirs = spawn.Pipe()
    if task.model is None:
        child = spawn.Process(target=long_job.cut, args=(theirs, path))
    else:
        arguments = (theirs, path, task.length_s, task.model, task.beam_size)
        child = spawn.Process(target=long_job.transcribe, args=arguments)
    child.start()
    theirs.close()
    process = psutil.Process(child.pid)
    print(task.title, file=sys.stderr)
    try:
        return _watch(ours, task, lambda: process.memory_info().rss / _MIB)
    except (EOFError, psutil.NoSuchProcess):
        sys.exit(f"{task.title}: the process ended before its work was done")
    finally:
        child.terminate()
        child.join()


def _watch(ours: Connection, task: Task, memory: Callable[[], float]) -> Watched:
    """Follow a child from the moment that it is loaded until it sends its highest memory."""
    ours.recv()
    watched = Watched(loaded=memory())
    started_s, done = time.perf_counter(), 0.0
    ours.send("go on")
    while True:
        if ours.poll(_SAMPLE_EVERY_S):
            message = ours.recv()
            if isinstance(message, int):
                watched.highest = message / _MIB
                watched.took_s = time.perf_counter() - started_s
                return watched
            done = message / task.length_s
        watched.seen.append((done, memory()))


# ---- the page


def _report(watched: dict[Task, Watched]) -> Report:
    return Report(
        title="Memory",
        measured="Resident memory of a process that works on one long recording: the project's "
        "English samples over and over with pauses of 1 to 20 s, a constant-rate MP3. "
        f"Sampled every {_SAMPLE_EVERY_S * 1000:.0f} ms from outside; the peak is the kernel's.",
        libraries=_LIBRARIES,
        tables=[_table(watched)],
        reading=[
            "*Loaded* is before the recording is opened, with the model or (where nothing is "
            "transcribed) the speech detector in memory. The columns with % are the median of "
            f"what was seen in the {_WIDTH:.0%} of the recording before that mark: if they are "
            "alike, memory does not depend on the length. Single batches go higher, up to *peak*. "
            "All numbers are MiB.",
            "How fast it went says little: the machine may have been busy, and the pauses cost "
            "nothing. bench/results/transcribe.md has the speed.",
        ],
        verdicts=[
            verdict for task, seen in watched.items() for verdict in _verdicts(task.title, seen)
        ],
    )


def _table(watched: dict[Task, Watched]) -> Table:
    marks = [f"{mark:.0%}" for mark in _MARKS]
    columns = ("run", "loaded", *marks, "growth 25 to 100 %", "peak", "peak above loaded", "RTFx")
    rows = []
    for task, seen in watched.items():
        numbers = [seen.loaded, *(seen.at(mark) for mark in _MARKS), seen.growth, seen.peak]
        numbers += [seen.peak - seen.loaded, task.length_s / seen.took_s]
        rows.append([task.title, *(f"{number:.0f}" for number in numbers)])
    return Table(columns, rows)


def _verdicts(title: str, seen: Watched) -> list[Verdict]:
    above = seen.peak - seen.loaded
    return [
        Verdict(
            f"{title}: peak at most {_ALLOWED_MIB:.0f} MiB above what is loaded",
            f"{above:.0f} MiB",
            above <= _ALLOWED_MIB,
        ),
        Verdict(
            f"{title}: growth from 25 % to 100 % below {_ALLOWED_GROWTH_MIB:.0f} MiB",
            f"{seen.growth:+.0f} MiB",
            seen.growth < _ALLOWED_GROWTH_MIB,
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
