"""Throughput of diarist beside faster-whisper, with the same weights on the same recording.

All decode the same file and detect the language themselves unless it is given. Contestants take
turns for several rounds; what counts is the ratio within a round. Ends with status 1 if diarist
is slower than the batched pipeline.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from diarist.transcription.engine import Engine, TranscribeOptions
from measure.ceiling import Ceiling
from measure.engines import diarist_engine, plain_model, plain_text, run_diarist
from measure.recordings import MadeRecording, repeated_speech
from measure.report import Report, Table, Verdict, add_results_option, publish
from measure.rounds import Laps, alternate

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

_LIBRARIES = ("faster-whisper", "ctranslate2", "onnxruntime", "av", "numpy")
_BATCH_SIZE = 8  # the pipeline's default
_SEQUENTIAL = "faster-whisper, sequential"
_BATCHED = f"faster-whisper, batched ({_BATCH_SIZE})"
_WITH_WORDS = " + word times"
_OURS = "diarist (word times included)"
_CEILING = "raw CTranslate2 (features ready)"
_WARM_UP_S = 20.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--model", action="append", metavar="NAME", help="may be repeated (default: base)")
    add(
        "--beam-size", action="append", type=int, metavar="N", help="may be repeated (default: 5 1)"
    )
    add("--minutes", type=float, default=6.0, help="length of the recording (default: 6)")
    add("--rounds", type=int, default=3, help="turns of each contestant (default: 3)")
    add("--language", help="tell all of them the language, such as en")
    add("--ceiling", action="store_true", help="measure raw CTranslate2 as well")
    add("--only", default="", metavar="TEXT", help="only contestants whose name holds TEXT")
    add_results_option(parser, "transcribe")
    return parser


def main() -> int:
    """Measure and write the table."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="diarist-bench-") as folder:
        recording = repeated_speech(Path(folder) / "speech.mp3", options.minutes * 60)
        short = repeated_speech(Path(folder) / "short.mp3", _WARM_UP_S)
        matches = [
            _match(model, beam_size, recording, short, options)
            for model in options.model or ["base"]
            for beam_size in options.beam_size or [5, 1]
        ]
    return publish(_report(matches, recording, options), options.results)


# ---- the contestants


@dataclass(frozen=True)
class Match:
    """All laps with one model and one beam."""

    model: str
    beam_size: int
    laps: Mapping[str, Laps]
    words: Mapping[str, int]


class _Contestants:
    """Everything loaded for one model, ready to run on any file."""

    def __init__(
        self, whisper: WhisperModel, batched: BatchedInferencePipeline, engine: Engine
    ) -> None:
        self._whisper, self._batched, self._engine = whisper, batched, engine

    def sequential(self, path: Path, *, beam_size: int, language: str | None, words: bool) -> str:
        segments, _ = self._whisper.transcribe(
            str(path), beam_size=beam_size, language=language, word_timestamps=words
        )
        return plain_text(segments)

    def batched(self, path: Path, *, beam_size: int, language: str | None, words: bool) -> str:
        segments, _ = self._batched.transcribe(
            str(path),
            beam_size=beam_size,
            language=language,
            word_timestamps=words,
            batch_size=_BATCH_SIZE,
        )
        return plain_text(segments)

    def diarist(self, path: Path, *, beam_size: int, language: str | None) -> str:
        options = TranscribeOptions(language=language, beam_size=beam_size)
        with path.open("rb") as stream:
            return run_diarist(stream, path.name, self._engine, options).text

    def runs(self, beam_size: int, language: str | None) -> dict[str, Callable[[Path], str]]:
        """Return what is measured, by name."""
        sequential = partial(self.sequential, beam_size=beam_size, language=language)
        batched = partial(self.batched, beam_size=beam_size, language=language)
        return {
            _SEQUENTIAL: partial(sequential, words=False),
            _SEQUENTIAL + _WITH_WORDS: partial(sequential, words=True),
            _BATCHED: partial(batched, words=False),
            _BATCHED + _WITH_WORDS: partial(batched, words=True),
            _OURS: partial(self.diarist, beam_size=beam_size, language=language),
        }


def _match(
    model: str,
    beam_size: int,
    recording: MadeRecording,
    short: MadeRecording,
    options: argparse.Namespace,
) -> Match:
    from faster_whisper import BatchedInferencePipeline

    with ExitStack() as loaded:
        engine = loaded.enter_context(closing(diarist_engine(model, recording.duration_s)))
        whisper = plain_model(model)
        contestants = _Contestants(whisper, BatchedInferencePipeline(whisper), engine)
        runs = contestants.runs(beam_size, options.language)
        if options.ceiling:
            ceiling = loaded.enter_context(closing(Ceiling(model, recording.path, beam_size)))
            runs[_CEILING] = ceiling.run
        runs = {name: run for name, run in runs.items() if options.only in name}
        words: dict[str, int] = {}
        for run in runs.values():
            run(short.path)  # buffers are allocated, files come into the page cache
        print(f"{model}, beam {beam_size}", file=sys.stderr)
        laps = alternate(
            {
                name: partial(_counted, name, run, recording.path, words)
                for name, run in runs.items()
            },
            options.rounds,
        )
    return Match(model, beam_size, laps, words)


def _counted(name: str, run: Callable[[Path], str], path: Path, words: dict[str, int]) -> None:
    words[name] = len(run(path).split())


# ---- the page


def _report(
    matches: Sequence[Match], recording: MadeRecording, options: argparse.Namespace
) -> Report:
    told = f"told to all ({options.language})" if options.language else "detected by each"
    return Report(
        title="Throughput",
        measured=f"Audio seconds per second (RTFx) on an MP3 of {recording.duration_s:.0f} s: the "
        "English samples repeated, one second of silence between. Everything is counted from "
        "opening the file to the last word: decoding, speech detection, features, inference, word "
        "times where the name says so. All run the same weights in int8 on the CPU with their own "
        "default settings for threads (diarist: as `diarist run` chooses); the language is "
        f"{told}. {options.rounds} rounds, each contestant once a round in rotating order.",
        libraries=_LIBRARIES,
        tables=[_table(match, recording.duration_s) for match in matches],
        reading=_READING,
        verdicts=[verdict for match in matches for verdict in _verdicts(match)],
    )


_READING = (
    "Only ratios within one table say anything about the programs; absolute numbers say as much "
    "about the machine and about who else used it. The two columns with × are medians of the "
    "ratios in each round: how many times faster than faster-whisper's default (sequential), and "
    "than its batched pipeline, both with word times, because diarist always computes them.",
    "CPU time per minute of audio is what the cores worked, whoever else they worked for. Words "
    "are what came out, to see that all did the same work.",
)


def _table(match: Match, duration_s: float) -> Table:
    columns = ("contestant", "RTFx, best", "RTFx, median", "× sequential", "× batched")
    rows = [
        [
            name,
            f"{duration_s / laps.best_s:.1f}",
            f"{duration_s / laps.median_s:.1f}",
            _times(laps, match.laps.get(_SEQUENTIAL + _WITH_WORDS)),
            _times(laps, match.laps.get(_BATCHED + _WITH_WORDS)),
            f"{laps.cpu_s / duration_s * 60:.2f}",
            f"{match.words[name]:,}" if match.words[name] else "–",
        ]
        for name, laps in match.laps.items()
    ]
    heading = f"{match.model}, beam {match.beam_size}"
    return Table((*columns, "CPU s per minute", "words"), rows, heading)


def _times(laps: Laps, others: Laps | None) -> str:
    return "–" if others is None else f"{laps.speed_up_over(others):.2f}"


def _verdicts(match: Match) -> list[Verdict]:
    ours = match.laps.get(_OURS)
    verdicts = []
    for other in (_BATCHED + _WITH_WORDS, _BATCHED):
        theirs = match.laps.get(other)
        if ours is not None and theirs is not None:
            ratio = ours.speed_up_over(theirs)
            verdicts.append(
                Verdict(
                    f"{match.model}, beam {match.beam_size}: at least as fast as {other}",
                    f"{ratio:.2f} times as fast",
                    ratio >= 1.0,
                )
            )
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
