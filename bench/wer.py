"""Word error rate of diarist beside plain faster-whisper with the same weights.

Both get the same files, the same beam, and the language or no language alike. Ends with status 1
if diarist makes clearly more errors.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from random import Random

from diarist.errors import DiaristError, NoSpeechError
from diarist.transcription.engine import TranscribeOptions
from measure.engines import BEAM_SIZE, diarist_engine, plain_model, plain_text, run_diarist
from measure.report import Report, Table, Verdict, add_results_option, publish
from measure.speech import LAYOUTS, Recording, recordings_in, samples
from measure.wording import Errors, errors_in, pooled

_ALLOWED_POINTS = 0.3  # percentage points that diarist may be worse
_RESAMPLES = 2000
_COLUMNS = (
    "corpus",
    "files",
    "minutes",
    "words",
    "errors, faster-whisper",
    "errors, diarist",
    "WER, faster-whisper",
    "WER, diarist",
    "difference",
)
_LIBRARIES = ("faster-whisper", "ctranslate2", "onnxruntime", "av", "jiwer", "whisper_normalizer")


@dataclass(frozen=True)
class Heard:
    """What a contestant wrote: a text for each recording, None where it failed."""

    texts: Sequence[str | None]

    @property
    def failures(self) -> int:
        return sum(text is None for text in self.texts)


@dataclass(frozen=True)
class Scored:
    """A recording and the errors that each made in it."""

    recording: Recording
    plain: Errors
    diarist: Errors


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=LAYOUTS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="base", help="name of a model (default: base)")
    parser.add_argument(
        "--speech",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="more recordings with references; may be repeated",
    )
    parser.add_argument(
        "--detect", action="store_true", help="tell neither the language, let both detect it"
    )
    parser.add_argument(
        "--cache", type=Path, metavar="FILE", help="keep what plain faster-whisper wrote here"
    )
    add_results_option(parser, "wer")
    return parser


def main() -> int:
    """Measure and write the table."""
    options = _parser().parse_args()
    recordings = samples()
    for folder in options.speech:
        found = recordings_in(folder)
        if not found:
            sys.exit(f"{folder} holds no recording with a reference; see --help for the layouts")
        recordings += found
    languages = [None if options.detect else recording.language for recording in recordings]
    plain = _plain(recordings, languages, options.model, options.cache)
    diarist = _diarist(recordings, languages, options.model)
    scored = [
        Scored(recording, _errors(recording, theirs), _errors(recording, ours))
        for recording, theirs, ours in zip(recordings, plain.texts, diarist.texts, strict=True)
        if theirs is not None or ours is not None
    ]
    return publish(_report(scored, plain, diarist, options), options.results)


def _errors(recording: Recording, text: str | None) -> Errors:
    return errors_in(text or "", recording.reference, recording.language)


# ---- the contestants


def _diarist(recordings: Sequence[Recording], languages: Sequence[str | None], model: str) -> Heard:
    with closing(diarist_engine(model)) as engine:

        def text_of(recording: Recording, language: str | None) -> str | None:
            options = TranscribeOptions(language=language, beam_size=BEAM_SIZE)
            try:
                with recording.path.open("rb") as stream:
                    name = recording.path.name
                    return run_diarist(stream, name, engine, options, parallel_chunks=1).text
            except NoSpeechError:
                return ""
            except DiaristError as error:
                print(f"diarist failed: {error}", file=sys.stderr)
                return None

        with ThreadPoolExecutor(engine.parallel_chunks) as pool:
            return Heard(list(pool.map(text_of, recordings, languages)))


class _Cache:
    """Texts in a file, by what shaped them."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._texts: dict[str, str | None] = {}
        if path is not None and path.is_file():
            self._texts = json.loads(path.read_text(encoding="utf-8"))

    def text(self, key: str, make: Callable[[], str | None]) -> str | None:
        if key not in self._texts:
            self._texts[key] = make()
            self._save()
        return self._texts[key]

    def _save(self) -> None:
        if self._path is not None:
            unfinished = self._path.with_name(f"{self._path.name}.part")
            unfinished.write_text(json.dumps(self._texts, indent=0), encoding="utf-8")
            unfinished.replace(self._path)


def _plain(
    recordings: Sequence[Recording],
    languages: Sequence[str | None],
    model: str,
    cache_file: Path | None,
) -> Heard:
    whisper = plain_model(model)
    cache = _Cache(cache_file)

    def text_of(path: Path, language: str | None) -> str | None:
        try:
            segments, _ = whisper.transcribe(str(path), beam_size=BEAM_SIZE, language=language)
            return plain_text(segments)
        except Exception as error:  # noqa: BLE001 - it fails in many ways, and each counts alike
            print(f"faster-whisper failed on {path.name}: {error!r}", file=sys.stderr)
            return None

    texts = []
    version = metadata.version("faster-whisper")
    for path, language in zip((one.path for one in recordings), languages, strict=True):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        key = f"{version} {model} {BEAM_SIZE} {language} {path.suffix} {digest}"
        texts.append(cache.text(key, lambda p=path, to=language: text_of(p, to)))  # type: ignore[misc]  # a default of a lambda has no type
    return Heard(texts)


# ---- the page


def _report(
    scored: Sequence[Scored], plain: Heard, diarist: Heard, options: argparse.Namespace
) -> Report:
    ordinary = [one for one in scored if not one.recording.is_odd]
    corpora = list(dict.fromkeys(one.recording.corpus for one in scored))
    rows = [
        _row(corpus, [one for one in scored if one.recording.corpus == corpus])
        for corpus in corpora
    ]
    rows.append(_row("**total**", scored))
    verdicts = [_verdict("all recordings", scored)]
    if len(ordinary) < len(scored):
        rows.append(_row("**total without odd and damaged files**", ordinary))
        verdicts.append(_verdict("all but odd and damaged files", ordinary))
    return Report(
        title="Word error rate",
        measured=_measured(options),
        libraries=_LIBRARIES,
        tables=[Table(_COLUMNS, rows), _kinds(scored)],
        reading=_reading(scored, plain, diarist),
        verdicts=verdicts,
    )


def _measured(options: argparse.Namespace) -> str:
    language = "detected by both" if options.detect else "told to both where it is known"
    return (
        f"`diarist run` as it is by default beside faster-whisper's `WhisperModel.transcribe("
        f"beam_size={BEAM_SIZE})`, model {options.model}, the same weights in int8 on a CPU, the "
        f"language {language}. Text is normalised as Whisper's authors do (English by its own "
        "rules, other languages by the basic ones). Rates are pooled: all errors ÷ all words."
    )


def _row(title: str, scored: Sequence[Scored]) -> list[str]:
    plain = pooled([one.plain for one in scored])
    diarist = pooled([one.diarist for one in scored])
    minutes = sum(one.recording.duration_s for one in scored) / 60
    counts = (plain.words, plain.count, diarist.count)
    return [
        title,
        str(len(scored)),
        f"{minutes:.1f}",
        *(f"{count:,}" for count in counts),
        _percent(plain.rate),
        _percent(diarist.rate),
        _points(plain, diarist),
    ]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.2f} %"


def _points(plain: Errors, diarist: Errors) -> str:
    if plain.rate is None or diarist.rate is None:
        return "–"
    return f"{diarist.rate - plain.rate:+.2f}"


def _kinds(scored: Sequence[Scored]) -> Table:
    rows = [
        [name, str(sum_.substituted), str(sum_.left_out), str(sum_.invented), str(sum_.count)]
        for name, sum_ in (
            ("faster-whisper", pooled([one.plain for one in scored])),
            ("diarist", pooled([one.diarist for one in scored])),
        )
    ]
    return Table(("", "substituted", "left out", "invented", "all"), rows, "Kinds of errors")


def _verdict(which: str, scored: Sequence[Scored]) -> Verdict:
    plain = pooled([one.plain for one in scored]).rate or 0.0
    diarist = pooled([one.diarist for one in scored]).rate or 0.0
    return Verdict(
        f"diarist at most {_ALLOWED_POINTS} points worse, {which}",
        f"{diarist - plain:+.2f} points ({diarist:.2f} % beside {plain:.2f} %)",
        diarist - plain <= _ALLOWED_POINTS,
    )


def _reading(scored: Sequence[Scored], plain: Heard, diarist: Heard) -> list[str]:
    low, high = _interval(scored)
    return [
        "A negative difference means that diarist makes fewer errors. Drawn anew from these "
        f"recordings {_RESAMPLES:,} times, the difference of the totals lies between {low:+.2f} "
        f"and {high:+.2f} points 95 times of 100; an interval that holds 0 is no difference.",
        "Rows without a rate hold no speech; every word there is invented. Rows of few words "
        "tell little by themselves.",
        _failures(plain, diarist),
        'Rows marked "(extra)" are public recordings that are no part of this project; '
        "`--speech FOLDER` takes any folder with references.",
    ]


def _failures(plain: Heard, diarist: Heard) -> str:
    pairs = list(zip(plain.texts, diarist.texts, strict=True))
    unreadable = sum(theirs is None and ours is None for theirs, ours in pairs)
    theirs_only = plain.failures - unreadable
    ours_only = diarist.failures - unreadable
    return (
        f"With an error ended: faster-whisper on {theirs_only} recordings, diarist on {ours_only}; "
        "all words of such a recording count as left out. Not counted at all: "
        f"{unreadable} files that neither could read."
    )


def _interval(scored: Sequence[Scored]) -> tuple[float, float]:
    """Return the 95 % interval of the difference in points (paired bootstrap over recordings)."""
    random = Random(1)  # so that a rerun with the same texts says the same
    differences = []
    for _ in range(_RESAMPLES):
        drawn = random.choices(scored, k=len(scored))
        words = sum(one.plain.words for one in drawn)
        more = sum(one.diarist.count - one.plain.count for one in drawn)
        differences.append(100 * more / max(1, words))
    differences.sort()
    return differences[_RESAMPLES // 40], differences[-_RESAMPLES // 40 - 1]


if __name__ == "__main__":
    sys.exit(main())
